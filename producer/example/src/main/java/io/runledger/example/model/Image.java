package io.runledger.example.model;

/** One handwritten digit: 8x8 grey values scaled to 0..1, row by row, and what was written. */
public final class Image {

  /** Grey values of an image. */
  static final int PIXELS = 64;

  private final double[] pixels;
  private final int label;

  /**
   * Takes over the array; nobody may write to it afterwards.
   *
   * @param label the digit, as the file says; it is the model that knows how many classes there are
   */
  Image(double[] pixels, int label) {
    if (pixels.length != PIXELS) {
      throw new IllegalArgumentException(
          "An image needs " + PIXELS + " pixels and has " + pixels.length + ".");
    }
    this.pixels = pixels;
    this.label = label;
  }

  /** The pixels themselves, not a copy: the training reads them some million times. */
  double[] pixels() {
    return pixels;
  }

  int label() {
    return label;
  }
}
