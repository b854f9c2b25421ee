package io.runledger.bench.figures;

import java.util.Arrays;

/** Percentiles of what was measured. */
public final class Numbers {

  private Numbers() {}

  /** The smallest value that at least the share {@code part} of all is not above. */
  public static double percentile(double[] values, double part) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int index = (int) Math.ceil(part * sorted.length) - 1;
    return sorted[Math.max(0, Math.min(sorted.length - 1, index))];
  }

  public static double median(double[] values) {
    return percentile(values, 0.5);
  }
}
