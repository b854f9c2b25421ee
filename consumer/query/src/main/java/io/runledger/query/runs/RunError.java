package io.runledger.query.runs;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What went wrong: an error that a run logged, or how an attempt failed that logged none, because a
 * signal, SLURM or its own exit code ended it.
 *
 * @param runId the run
 * @param runName its name
 * @param attemptId the attempt
 * @param exceptionType type of the exception; empty where none was logged
 * @param message its message
 * @param traceback its traceback
 * @param truncatedBytes bytes that were cut out of message and traceback
 * @param step the step it happened at
 * @param at when, by the job's clock, to the second; empty where its year is not one of 1 to 9999
 * @param ending how the attempt ended, where it logged no error
 */
public record RunError(
    RunId runId,
    Optional<String> runName,
    long attemptId,
    Optional<String> exceptionType,
    Optional<String> message,
    Optional<String> traceback,
    long truncatedBytes,
    OptionalLong step,
    Optional<Instant> at,
    Optional<Ending> ending) {

  /**
   * How an attempt failed.
   *
   * @param status failed or timeout
   * @param exitCode exit code of its process, 128+n where signal n ended it
   * @param reason why, in the words of who said so: SLURM's state, an exception
   * @param source who said so
   */
  public record Ending(
      RunStatus status,
      OptionalInt exitCode,
      Optional<String> reason,
      Optional<StatusSource> source) {}
}
