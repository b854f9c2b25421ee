package io.runledger.example;

import io.runledger.client.RunHandle;
import io.runledger.client.Step;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Logs a training as it goes: {@code train/batch_loss} a step, and in one call an epoch {@code
 * loss} (on the training images), {@code val/loss}, {@code accuracy} and {@code f1} (on the
 * validation images) with the time spent.
 */
final class TrackedTraining implements Training.Listener {

  private final RunHandle run;
  private final Duration pause;

  /**
   * Logs to the run.
   *
   * @param pause how long to wait after each step, to stand for a larger model; may be zero
   */
  TrackedTraining(RunHandle run, Duration pause) {
    this.run = run;
    this.pause = pause;
  }

  @Override
  public void batch(long step, int epoch, double loss) {
    run.log("train/batch_loss", loss, Step.of(step).epoch(epoch));
    LockSupport.parkNanos(pause.toNanos());
  }

  @Override
  public void epoch(Training.EpochReport report) {
    run.log(
        Map.of(
            "loss", report.training().loss(),
            "val/loss", report.validation().loss(),
            "accuracy", report.validation().accuracy(),
            "f1", report.validation().macroF1()),
        Step.of(report.step()).epoch(report.epoch()).elapsed(report.elapsedSeconds()));
  }
}
