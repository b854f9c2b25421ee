package io.runledger.example.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The trained network as CSV: a header line, then a line a unit with its layer, its bias and a
 * weight for each input. Hidden units have 64 inputs (the pixels, 0 to 1), output units (the digits
 * 0 to 9) as many as there are hidden units. Numbers stand as Java and C print and read them
 * without loss; NaN and Infinity are written so.
 *
 * <pre>
 * layer,bias,weights
 * hidden,0.0123,-0.25,...
 * output,-0.5,0.75,...
 * </pre>
 */
public final class ModelFile {

  private static final String HEADER = "layer,bias,weights";
  private static final String HIDDEN = "hidden";
  private static final String OUTPUT = "output";
  private static final int FIRST_WEIGHT = 2;

  private ModelFile() {}

  /** Replaces the file as a whole. */
  public static void write(Path file, Network network) throws IOException {
    double[] parameters = network.parameters();
    int hidden = network.hidden();
    int outputs = hidden * Image.PIXELS + hidden;
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    layer(text, HIDDEN, parameters, 0, hidden, Image.PIXELS);
    layer(text, OUTPUT, parameters, outputs, Network.CLASSES, hidden);
    AtomicFile.replace(file, out -> out.write(text.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  private static void layer(
      StringBuilder text, String name, double[] parameters, int start, int units, int inputs) {
    for (int unit = 0; unit < units; unit++) {
      text.append(name).append(',').append(parameters[start + units * inputs + unit]);
      for (int input = 0; input < inputs; input++) {
        text.append(',').append(parameters[start + unit * inputs + input]);
      }
      text.append('\n');
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException when the file cannot be read or is not such a file
   */
  public static Network read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
    int hidden = lines.size() - 1 - Network.CLASSES;
    if (hidden < 1 || !lines.get(0).equals(HEADER)) {
      throw notAModel(file, null);
    }
    double[] parameters = new double[Network.parameterCount(hidden)];
    int outputs = hidden * Image.PIXELS + hidden;
    try {
      readLayer(lines.subList(1, 1 + hidden), HIDDEN, parameters, 0, Image.PIXELS);
      readLayer(lines.subList(1 + hidden, lines.size()), OUTPUT, parameters, outputs, hidden);
    } catch (IllegalArgumentException e) {
      throw notAModel(file, e);
    }
    return new Network(hidden, parameters);
  }

  private static void readLayer(
      List<String> lines, String name, double[] parameters, int start, int inputs) {
    for (int unit = 0; unit < lines.size(); unit++) {
      String[] fields = lines.get(unit).split(",", -1);
      if (fields.length != inputs + FIRST_WEIGHT || !fields[0].equals(name)) {
        throw new IllegalArgumentException(
            "Expected %s with %d weights, found %s with %d."
                .formatted(name, inputs, fields[0], fields.length - FIRST_WEIGHT));
      }
      parameters[start + lines.size() * inputs + unit] = Double.parseDouble(fields[1]);
      for (int input = 0; input < inputs; input++) {
        parameters[start + unit * inputs + input] =
            Double.parseDouble(fields[FIRST_WEIGHT + input]);
      }
    }
  }

  private static IOException notAModel(Path file, IllegalArgumentException cause) {
    return new IOException(
        file + " is not a model file of this program; train again to create one.", cause);
  }
}
