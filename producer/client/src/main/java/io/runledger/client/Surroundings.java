package io.runledger.client;

import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a wrapper has put into the environment for the processes that it began.
 *
 * @param environment variables by name
 */
record Surroundings(Map<String, String> environment) {

  private static final Logger LOG = LoggerFactory.getLogger(Surroundings.class);

  /** The attempt that a wrapper started for this process, if it belongs to the same run. */
  Optional<Long> attemptOf(RunId run) {
    return given().filter(above -> above.run().equals(run)).map(UnnamedAttempt.Taken::attempt);
  }

  /** The wrapper's attempt, if this run may take it over from the wrapper's own run. */
  Optional<UnnamedAttempt> unnamedAbove(RunId run, Path spool) {
    return given()
        .flatMap(above -> UnnamedAttempt.above(above.run(), above.attempt(), spool, environment))
        .filter(above -> !above.run().equals(run));
  }

  private Optional<UnnamedAttempt.Taken> given() {
    String givenRun = environment.get("RUNLEDGER_RUN_ID");
    String givenAttempt = environment.get("RUNLEDGER_ATTEMPT_ID");
    if (givenRun == null || givenAttempt == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new UnnamedAttempt.Taken(RunId.parse(givenRun), Base32.decode(givenAttempt)));
    } catch (IllegalArgumentException e) {
      LOG.warn(
          "RUNLEDGER_RUN_ID or RUNLEDGER_ATTEMPT_ID is not a valid id; starting a new attempt.");
      return Optional.empty();
    }
  }
}
