package io.runledger.query.metrics;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One metric of a run in a few numbers, over the points that no resume supersedes.
 *
 * @param name name of the metric
 * @param count how many points
 * @param nanCount how many of them are NaN; they have no part in min and max
 * @param min the smallest value; empty when all are NaN
 * @param max the largest value; empty when all are NaN
 * @param last the last value, which may be NaN
 * @param highestEpoch the highest epoch of any point
 */
public record MetricSummary(
    String name,
    long count,
    long nanCount,
    Optional<Mark> min,
    Optional<Mark> max,
    Mark last,
    OptionalDouble highestEpoch) {

  /**
   * A value and where it was logged.
   *
   * @param value the value
   * @param step its step, if one was given
   * @param epoch its epoch, if one was given
   */
  public record Mark(double value, OptionalLong step, OptionalDouble epoch) {}

  /** The good end; empty when all points are NaN. */
  public Optional<Mark> best(Optimum optimum) {
    return optimum == Optimum.MIN ? min : max;
  }
}
