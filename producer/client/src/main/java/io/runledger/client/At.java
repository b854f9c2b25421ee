package io.runledger.client;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The moment in training at which something was measured: any of step, epoch and elapsed time.
 * Immutable.
 *
 * <pre>{@code
 * run.log(values, At.step(1200).epoch(3).elapsed(81.5));
 * run.log(values, At.noStep().epoch(0.25));
 * }</pre>
 *
 * @param step training step, any 64-bit integer; empty when there is none
 * @param epoch epoch, fractional within one; empty when there is none
 * @param elapsedSeconds seconds since training began, as the job counts them; empty when it does
 *     not
 */
public record At(OptionalLong step, OptionalDouble epoch, OptionalDouble elapsedSeconds) {

  private static final At NO_STEP =
      new At(OptionalLong.empty(), OptionalDouble.empty(), OptionalDouble.empty());

  /** Treats null parts as absent. */
  public At {
    step = step == null ? OptionalLong.empty() : step;
    epoch = epoch == null ? OptionalDouble.empty() : epoch;
    elapsedSeconds = elapsedSeconds == null ? OptionalDouble.empty() : elapsedSeconds;
  }

  /** At no step, for a moment that gets only an epoch or an elapsed time. */
  public static At noStep() {
    return NO_STEP;
  }

  /** At a training step. */
  public static At step(long number) {
    return new At(OptionalLong.of(number), OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** The same, in this epoch; 0.25 is a quarter of the first one. */
  public At epoch(double number) {
    return new At(step, OptionalDouble.of(number), elapsedSeconds);
  }

  /** The same, this many seconds after training began. */
  public At elapsed(double seconds) {
    return new At(step, epoch, OptionalDouble.of(seconds));
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
