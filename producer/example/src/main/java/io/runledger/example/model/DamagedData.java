package io.runledger.example.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A file of digits as a careless labelling tool might leave it: well-formed, but the label in the
 * middle is 10. Nothing checks labels on the way in, so a training that reads it dies of an index
 * out of bounds when its loss meets that image.
 */
public final class DamagedData {

  private static final int WHITEST = 16;
  private static final int WRONG_LABEL = 10;

  private DamagedData() {}

  /** Writes the images with one label damaged. */
  public static void write(Path file, List<Image> images) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < images.size(); i++) {
      Image image = images.get(i);
      int label = i == images.size() / 2 ? WRONG_LABEL : image.label();
      text.append(line(image, label)).append('\n');
    }
    AtomicFile.replace(file, out -> out.write(text.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  private static String line(Image image, int label) {
    return Arrays.stream(image.pixels())
            .mapToObj(grey -> Long.toString(Math.round(grey * WHITEST)))
            .collect(Collectors.joining(","))
        + ","
        + label;
  }
}
