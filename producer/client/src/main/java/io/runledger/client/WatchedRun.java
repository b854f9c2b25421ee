package io.runledger.client;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One attempt of a run as somebody sees it who watches its process from outside: what is said here
 * is an observation, kept apart from what the job claims. Never throws because of tracking.
 * Thread-safe.
 */
public final class WatchedRun implements AutoCloseable {

  private final RunHandle run;
  private final RankedAttempt attempt;

  WatchedRun(RunHandle run, RankedAttempt attempt) {
    this.run = run;
    this.attempt = attempt;
  }

  /** The id of the run. */
  public RunId runId() {
    return run.runId();
  }

  /** The id of this attempt, ordered by time. */
  public long attemptId() {
    return run.attemptId();
  }

  /** Notes something that happened while the process runs, such as a signal. */
  public void note(String what) {
    run.say(RunStatus.RUNNING, OptionalInt.empty(), what, StatusSource.WRAPPER);
  }

  /** Whether what only one of several ranks has to record is recorded here. */
  public boolean records() {
    return attempt.begins();
  }

  /**
   * The process has ended with this code: 0 is completed, any other failed. Of the ranks of one
   * attempt any can fail it, and one completes it.
   */
  public void ended(int exitCode, String reason) {
    if (exitCode == 0 && !attempt.decidesGoodEnd()) {
      return;
    }
    run.say(
        exitCode == 0 ? RunStatus.COMPLETED : RunStatus.FAILED,
        OptionalInt.of(exitCode),
        reason,
        StatusSource.WRAPPER);
  }

  /** Records an error that the process wrote down. */
  public void error(String type, Optional<String> message, String traceback) {
    run.error(type, message, traceback, Step.none());
  }

  /** Logs metrics of the process. */
  public void log(Map<String, ? extends Number> values, Step step) {
    run.log(values, step);
  }

  /** Makes what was said so far survive the machine. */
  public void sync() throws IOException {
    run.events().sync();
  }

  /** Gives the files back; the run stays as it is. */
  @Override
  public void close() {
    run.release();
  }
}
