package io.runledger.query.groups;

import java.util.Arrays;

/** The points of one run, of which the last one of each bucket is kept. */
public final class RunCurve {

  private final BucketGrid grid;
  private final double[] x;
  private final double[] value;
  private int first = -1;
  private int last = -1;

  public RunCurve(BucketGrid grid) {
    this.grid = grid;
    this.x = new double[grid.buckets()];
    this.value = new double[grid.buckets()];
    Arrays.fill(x, Double.NaN);
  }

  /** Takes the next point in the order of logging. */
  public void add(double pointX, double pointValue) {
    int bucket = grid.bucketOf(pointX);
    first = first < 0 ? bucket : Math.min(first, bucket);
    last = Math.max(last, bucket);
    if (Double.isNaN(x[bucket]) || pointX >= x[bucket]) {
      x[bucket] = pointX;
      value[bucket] = pointValue;
    }
  }

  /** Less than 0 when there was no point. */
  int firstBucket() {
    return first;
  }

  int lastBucket() {
    return last;
  }

  boolean hasPoint(int bucket) {
    return !Double.isNaN(x[bucket]);
  }

  double x(int bucket) {
    return x[bucket];
  }

  double value(int bucket) {
    return value[bucket];
  }
}
