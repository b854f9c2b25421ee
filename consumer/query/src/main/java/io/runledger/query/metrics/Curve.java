package io.runledger.query.metrics;

import java.util.List;
import java.util.OptionalLong;

/**
 * A metric of a run reduced to a few buckets of neighbouring points, for drawing.
 *
 * @param points how many points there are
 * @param buckets in the order of logging; none is empty
 */
public record Curve(long points, List<Bucket> buckets) {

  /**
   * Neighbouring points.
   *
   * @param points how many
   * @param nanCount how many of them are NaN
   * @param low the smallest, infinities included; NaN when all are NaN
   * @param high the largest, infinities included; NaN when all are NaN
   * @param mean the mean of the finite ones; NaN when there is none
   * @param firstStep step of the first one; empty when it was logged without
   * @param lastStep step of the last one; empty when it was logged without
   */
  public record Bucket(
      long points,
      long nanCount,
      double low,
      double high,
      double mean,
      OptionalLong firstStep,
      OptionalLong lastStep) {}
}
