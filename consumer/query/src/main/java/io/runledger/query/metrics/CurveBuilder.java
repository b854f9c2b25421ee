package io.runledger.query.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Puts points, as they come, into as many buckets as were asked for. */
public final class CurveBuilder {

  private final long expected;
  private final int width;
  private final List<Curve.Bucket> buckets = new ArrayList<>();
  private long added;
  private long bucket;
  private long points;
  private long nans;
  private long finite;
  private double low;
  private double high;
  private double mean;
  private OptionalLong firstStep = OptionalLong.empty();
  private OptionalLong lastStep = OptionalLong.empty();

  public CurveBuilder(long expected, int width) {
    this.expected = Math.max(1, expected);
    this.width = (int) Math.min(width, this.expected);
    startBucket();
  }

  public void add(OptionalLong step, double value) {
    // In floating point: the product of two large counts has no place in a long.
    long index = Math.min(width - 1L, (long) ((double) added / expected * width));
    if (index != bucket && points > 0) {
      endBucket();
    }
    bucket = index;
    if (points == 0) {
      firstStep = step;
    }
    lastStep = step;
    added++;
    points++;
    if (Double.isNaN(value)) {
      nans++;
      return;
    }
    low = Double.isNaN(low) ? value : Math.min(low, value);
    high = Double.isNaN(high) ? value : Math.max(high, value);
    if (Double.isFinite(value)) {
      finite++;
      // Divided first: the difference of two large numbers may be infinite.
      mean += value / finite - mean / finite;
    }
  }

  public Curve curve() {
    if (points > 0) {
      endBucket();
    }
    return new Curve(added, List.copyOf(buckets));
  }

  private void endBucket() {
    buckets.add(
        new Curve.Bucket(
            points, nans, low, high, finite == 0 ? Double.NaN : mean, firstStep, lastStep));
    startBucket();
  }

  private void startBucket() {
    points = 0;
    nans = 0;
    finite = 0;
    low = Double.NaN;
    high = Double.NaN;
    mean = 0;
  }
}
