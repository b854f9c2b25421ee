package io.runledger.example;

import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.example.model.Training;
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
  private final int pausesFromEpoch;

  /**
   * Logs to the run.
   *
   * @param pause how long to wait after each step, to stand for a larger model; may be zero
   * @param pausesFromEpoch the first epoch in which it waits
   */
  TrackedTraining(RunHandle run, Duration pause, int pausesFromEpoch) {
    this.run = run;
    this.pause = pause;
    this.pausesFromEpoch = pausesFromEpoch;
  }

  @Override
  public void batch(long step, int epoch, double loss) {
    run.log("train/batch_loss", loss, At.step(step).epoch(epoch));
    if (epoch >= pausesFromEpoch) {
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  @Override
  public void epoch(Training.EpochReport report) {
    run.log(
        Map.of(
            "loss", report.training().loss(),
            "val/loss", report.validation().loss(),
            "accuracy", report.validation().accuracy(),
            "f1", report.validation().macroF1()),
        At.step(report.step()).epoch(report.epoch()).elapsed(report.elapsedSeconds()));
  }
}
