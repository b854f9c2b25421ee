package io.runledger.query.format;

import io.runledger.query.metrics.Curve;
import java.util.List;

/**
 * A curve in one line of block characters, one a bucket: its mean between the lowest and the
 * highest mean. × holds a NaN, ↑ and ↓ nothing but infinities.
 */
public final class Sparkline {

  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  private static final int MIDDLE = 3;

  private Sparkline() {}

  public static String of(Curve curve) {
    List<Double> means =
        curve.buckets().stream()
            .filter(bucket -> bucket.nanCount() == 0)
            .map(Curve.Bucket::mean)
            .filter(mean -> !mean.isNaN())
            .toList();
    double low = means.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double high = means.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    StringBuilder line = new StringBuilder();
    curve.buckets().forEach(bucket -> line.append(character(bucket, low, high)));
    return line.toString();
  }

  private static char character(Curve.Bucket bucket, double low, double high) {
    if (bucket.nanCount() > 0) {
      return '×';
    }
    if (Double.isNaN(bucket.mean())) {
      return bucket.high() > 0 ? '↑' : '↓';
    }
    if (low == high) {
      return BLOCKS.charAt(MIDDLE);
    }
    // Halved first: the distance of two large numbers may be infinite.
    double height = (bucket.mean() / 2 - low / 2) / (high / 2 - low / 2);
    return BLOCKS.charAt((int) Math.min(BLOCKS.length() - 1L, (long) (height * BLOCKS.length())));
  }
}
