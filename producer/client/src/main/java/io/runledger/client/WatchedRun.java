package io.runledger.client;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.spool.Observer;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of a run, as seen by a program that watches its process from outside: what is
 * recorded here is an observation, kept apart from what the job claims. Never throws because of
 * tracking. Thread-safe.
 */
public final class WatchedRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedRun.class);

  /** Read by the Python package, which then does not sample a second time. */
  private static final String SAMPLED = "RUNLEDGER_SAMPLED";

  private final RunHandle run;
  private final RankedAttempt attempt;
  private final ToldErrors told;
  private final Optional<TakenRuns> taken;
  private final Map<String, String> environment;

  /**
   * @param told the errors that its processes record themselves
   * @param taken the runs that may take the attempt over; empty when it was given a name
   * @param environment variables of the wrapper by name
   */
  WatchedRun(
      RunHandle run,
      RankedAttempt attempt,
      ToldErrors told,
      Optional<TakenRuns> taken,
      Map<String, String> environment) {
    this.run = run;
    this.attempt = attempt;
    this.told = told;
    this.taken = taken;
    this.environment = environment;
  }

  /** Checks whether its process has begun a named run. */
  void look() {
    taken.ifPresent(TakenRuns::look);
  }

  /** The run that the process itself has begun, or this one. */
  private RunHandle current() {
    look();
    return taken.flatMap(TakenRuns::only).orElse(run);
  }

  /** The id of the run. */
  public RunId runId() {
    return run.runId();
  }

  /**
   * Variables for the environment of the process, by name, which show it that its run has no name
   * yet; empty when it has one.
   */
  public Map<String, String> mark() {
    return taken.isEmpty()
        ? Map.of()
        : Map.of(UnnamedAttempt.MARK, UnnamedAttempt.mark(attemptId(), environment));
  }

  /**
   * Variables for the environment of the process, by name, which show it that what it uses is
   * sampled and logged here; empty where only another rank's is.
   */
  public Map<String, String> sampledMark() {
    return records() ? Map.of(SAMPLED, UnnamedAttempt.mark(attemptId(), environment)) : Map.of();
  }

  /** The id of this attempt, ordered by time. */
  public long attemptId() {
    return run.attemptId();
  }

  /** Notes the process, which is running now: when it is gone, the attempt has ended. */
  public void begun(long pid) {
    run.events().endsWith(pid);
  }

  /** Records that the process is gone and that how it ended cannot be known. */
  public void gone(long pid) {
    run.appendStatus(
        RunStatus.FAILED, OptionalInt.empty(), Observer.reason(pid), StatusSource.OBSERVER);
  }

  /** Notes something that happened while the process runs, such as a signal. */
  public void note(String what) {
    current().appendStatus(RunStatus.RUNNING, OptionalInt.empty(), what, StatusSource.WRAPPER);
  }

  /** Whether what only one of several ranks has to record is recorded here. */
  public boolean records() {
    return attempt.begins();
  }

  /**
   * Records that the process has ended with this code: 0 is completed, any other failed. Any rank
   * can fail their common attempt, and one completes it.
   */
  public void ended(int exitCode, String reason) {
    RunHandle current = current();
    if (exitCode != 0 || attempt.decidesGoodEnd()) {
      end(run, exitCode, reason);
    }
    // Another rank's attempt is for its wrapper to complete.
    if (current != run && (exitCode != 0 || current.attemptId() == run.attemptId())) {
      end(current, exitCode, reason);
    }
  }

  private static void end(RunHandle run, int exitCode, String reason) {
    run.appendStatus(
        exitCode == 0 ? RunStatus.COMPLETED : RunStatus.FAILED,
        OptionalInt.of(exitCode),
        reason,
        StatusSource.WRAPPER);
  }

  /** Records an error that the process printed, unless it has recorded it itself. */
  public void error(String type, Optional<String> message, String traceback) {
    if (type == null || message == null || !told.has(type, message)) {
      current().logError(new GivenError(type, message, traceback));
    }
  }

  /** Logs metrics of the process. */
  public void log(Map<String, ? extends Number> values, At at) {
    current().log(values, at);
  }

  /** Makes what was recorded so far survive a crash of the machine. */
  public void sync() throws IOException {
    run.events().sync();
    RunHandle current = current();
    if (current != run) {
      current.events().sync();
    }
  }

  /** Closes the files; the status of the run stays as it is. */
  @Override
  public void close() {
    run.release();
    taken.ifPresent(TakenRuns::close);
    try {
      told.forget();
    } catch (IOException e) {
      LOG.warn("Cannot remove the leftovers of the attempt: {}", e.toString());
    }
  }
}
