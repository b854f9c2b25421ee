package io.runledger.query.groups;

/**
 * The way from the lowest x to the highest in buckets, as {@link GroupCurve} says.
 *
 * @param low the lowest x
 * @param size the width of a bucket
 * @param buckets how many there are
 */
public record BucketGrid(double low, double size, int buckets) {

  /**
   * The buckets of an axis.
   *
   * @param width maximum number of buckets
   */
  public static BucketGrid of(XAxis axis, double low, double high, int width) {
    if (axis == XAxis.STEP) {
      double steps = high - low + 1;
      double size = Math.max(1, Math.ceil(steps / width));
      return new BucketGrid(low, size, (int) Math.min(width, Math.max(1, Math.ceil(steps / size))));
    }
    // Halved first: the way between two large numbers may be infinite.
    double size = (high / 2 - low / 2) / width * 2;
    return size > 0 ? new BucketGrid(low, size, width) : new BucketGrid(low, 1, 1);
  }

  int bucketOf(double x) {
    return (int) Math.max(0, Math.min(buckets - 1.0, Math.floor((x - low) / size)));
  }
}
