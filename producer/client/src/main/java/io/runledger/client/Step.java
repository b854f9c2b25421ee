package io.runledger.client;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * When in the training something was measured: any of step, epoch and elapsed time.
 *
 * @param step training step, if there is one
 * @param epoch epoch, if there is one; a part of one is a fraction
 * @param elapsedSeconds seconds since training began as the job counts them, if it does
 */
public record Step(OptionalLong step, OptionalDouble epoch, OptionalDouble elapsedSeconds) {

  /** A part that is null is none. */
  public Step {
    step = step == null ? OptionalLong.empty() : step;
    epoch = epoch == null ? OptionalDouble.empty() : epoch;
    elapsedSeconds = elapsedSeconds == null ? OptionalDouble.empty() : elapsedSeconds;
  }

  private static final Step NONE =
      new Step(OptionalLong.empty(), OptionalDouble.empty(), OptionalDouble.empty());

  /** At no step in particular. */
  public static Step none() {
    return NONE;
  }

  /** At a training step. */
  public static Step of(long step) {
    return new Step(OptionalLong.of(step), OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** At the end of an epoch. */
  public static Step ofEpoch(double epoch) {
    return NONE.epoch(epoch);
  }

  /** The same, in this epoch. */
  public Step epoch(double number) {
    return new Step(step, OptionalDouble.of(number), elapsedSeconds);
  }

  /** The same, this many seconds after training began. */
  public Step elapsed(double seconds) {
    return new Step(step, epoch, OptionalDouble.of(seconds));
  }

  Optional<Long> boxedStep() {
    return step.isPresent() ? Optional.of(step.getAsLong()) : Optional.empty();
  }

  Optional<Double> boxedEpoch() {
    return epoch.isPresent() ? Optional.of(epoch.getAsDouble()) : Optional.empty();
  }

  Optional<Double> boxedElapsed() {
    return elapsedSeconds.isPresent()
        ? Optional.of(elapsedSeconds.getAsDouble())
        : Optional.empty();
  }
}
