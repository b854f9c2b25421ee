package io.runledger.imports.lines;

import java.time.Instant;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What stands beside the values of a log call.
 *
 * @param at when
 * @param step the step, if it has one
 * @param epoch the epoch, if it has one
 * @param elapsedSeconds seconds since the run began, if known
 */
public record Point(
    Instant at, OptionalLong step, OptionalDouble epoch, OptionalDouble elapsedSeconds) {

  /** A call of a step. */
  public static Point of(Instant at, OptionalLong step) {
    return new Point(at, step, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** The same in an epoch. */
  public Point inEpoch(OptionalDouble its) {
    return new Point(at, step, its, elapsedSeconds);
  }
}
