package io.runledger.example.model;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The images a run learns from, and those that only judge it: one in five, chosen by the seed.
 *
 * @param training four fifths
 * @param validation one fifth
 */
public record Split(List<Image> training, List<Image> validation) {

  private static final int VALIDATION_SHARE = 5;

  /** Keeps the choice of images apart from the numbers that the training draws. */
  private static final long SPLIT_STREAM = 0x5B1D_A7A5_0C8EL;

  public Split {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
  }

  static Split of(List<Image> images, long seed) {
    int[] order = new SeededRandom(seed ^ SPLIT_STREAM).permutation(images.size());
    int held = images.size() / VALIDATION_SHARE;
    return new Split(
        IntStream.range(held, order.length).mapToObj(i -> images.get(order[i])).toList(),
        IntStream.range(0, held).mapToObj(i -> images.get(order[i])).toList());
  }
}
