package io.runledger.tests;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * A picture of a screen with at most 256 colours, which is what a PNG stores in a byte a pixel: a
 * third of the size, and nobody sees the difference.
 */
final class SmallPicture {

  private static final int COLOURS = 256;

  private SmallPicture() {}

  static void replace(Path file) throws IOException {
    BufferedImage full = ImageIO.read(file.toFile());
    int[] palette = palette(full);
    BufferedImage small =
        new BufferedImage(
            full.getWidth(),
            full.getHeight(),
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, palette.length, palette, 0, false, -1, DataBuffer.TYPE_BYTE));
    Map<Integer, Integer> nearest = new HashMap<>();
    for (int y = 0; y < full.getHeight(); y++) {
      for (int x = 0; x < full.getWidth(); x++) {
        int colour = full.getRGB(x, y) & 0xFFFFFF;
        int index = nearest.computeIfAbsent(colour, one -> nearest(one, palette));
        small.getRaster().setSample(x, y, 0, index);
      }
    }
    ImageIO.write(small, "png", file.toFile());
  }

  /** The colours that most pixels have, no two of which are all but equal. */
  private static int[] palette(BufferedImage image) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        counts.merge(image.getRGB(x, y) & 0xFFFFFF, 1, Integer::sum);
      }
    }
    List<Integer> byCount = new ArrayList<>(counts.keySet());
    byCount.sort((a, b) -> counts.get(b) - counts.get(a));
    // Smaller and smaller differences, until there are enough colours.
    List<Integer> chosen = new ArrayList<>();
    for (int least : new int[] {900, 200, 50, 0}) {
      for (int colour : byCount) {
        if (chosen.size() < COLOURS
            && chosen.stream().allMatch(other -> distance(colour, other) > least)) {
          chosen.add(colour);
        }
      }
    }
    return chosen.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int nearest(int colour, int[] palette) {
    int best = 0;
    for (int i = 1; i < palette.length; i++) {
      if (distance(colour, palette[i]) < distance(colour, palette[best])) {
        best = i;
      }
    }
    return best;
  }

  private static int distance(int a, int b) {
    int red = (a >> 16) - (b >> 16);
    int green = (a >> 8 & 0xFF) - (b >> 8 & 0xFF);
    int blue = (a & 0xFF) - (b & 0xFF);
    return red * red + green * green + blue * blue;
  }
}
