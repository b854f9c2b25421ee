package io.runledger.query.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** A straight axis: from a value to its place, with round values to write at it. */
record Axis(double low, double high, double start, double end) {

  /** Values from low to high; where they are all the same, that one is in the middle. */
  static Axis of(double low, double high, double start, double end) {
    if (low < high && Double.isFinite(high / 2 - low / 2)) {
      return new Axis(low, high, start, end);
    }
    double around = Math.max(Math.abs(low) / 2, 0.5);
    return new Axis(low - around, low + around, start, end);
  }

  double place(double value) {
    // Halved first: the distance of two large numbers may be infinite.
    return start + (value / 2 - low / 2) / (high / 2 - low / 2) * (end - start);
  }

  /** At most {@code most} multiples of 1, 2 or 5 times a power of ten, in plain digits. */
  List<BigDecimal> ticks(int most) {
    double distance = high - low;
    if (!Double.isFinite(distance) || distance <= 0) {
      return List.of();
    }
    BigDecimal power =
        BigDecimal.ONE.scaleByPowerOfTen((int) Math.floor(Math.log10(distance / most)));
    for (int factor : new int[] {1, 2, 5, 10, 20}) {
      BigDecimal step = power.multiply(BigDecimal.valueOf(factor));
      BigDecimal first =
          BigDecimal.valueOf(low).divide(step, 0, RoundingMode.CEILING).multiply(step);
      List<BigDecimal> ticks = new ArrayList<>();
      for (BigDecimal tick = first;
          tick.compareTo(BigDecimal.valueOf(high)) <= 0 && ticks.size() <= most;
          tick = tick.add(step)) {
        ticks.add(tick);
      }
      if (ticks.size() <= most) {
        return ticks;
      }
    }
    return List.of();
  }
}
