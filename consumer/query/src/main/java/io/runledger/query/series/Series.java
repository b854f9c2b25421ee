package io.runledger.query.series;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A metric of a run as a line to draw, or the part of it that is new.
 *
 * @param x what lies between {@link Range#from} and {@link Range#to}: the step where the last point
 *     has one, else the epoch, else the number of the log call
 * @param points how many points are in the buckets
 * @param buckets in the order of logging; none is empty
 * @param seams indexes of the buckets with which a later attempt begins
 * @param isWhole whether the buckets replace what the asker has; false if they follow it
 * @param position what a later request for the tail names
 */
public record Series(
    Axis x,
    long points,
    List<Bucket> buckets,
    List<Integer> seams,
    boolean isWhole,
    SeriesPosition position) {

  /** What the points are ordered along. */
  public enum Axis {
    STEP,
    EPOCH,
    SEQ
  }

  /**
   * Which part of a line; an end that is empty is not bounded.
   *
   * @param from smallest x
   * @param to largest x
   */
  public record Range(OptionalDouble from, OptionalDouble to) {

    /** All of it. */
    public static final Range ALL = new Range(OptionalDouble.empty(), OptionalDouble.empty());
  }

  /**
   * Neighbouring points. Step, epoch and times are those of the last one.
   *
   * @param points how many
   * @param nanCount how many of them are NaN
   * @param min the smallest value, infinities included; NaN when all are NaN
   * @param max the largest value, infinities included; NaN when all are NaN
   * @param last the last value, which may be NaN
   * @param atMicros when it was logged, by the job's clock, in microseconds since 1970
   * @param elapsedSeconds seconds since the start of its attempt
   */
  public record Bucket(
      long points,
      long nanCount,
      double min,
      double max,
      double last,
      OptionalLong step,
      OptionalDouble epoch,
      long atMicros,
      OptionalDouble elapsedSeconds) {}
}
