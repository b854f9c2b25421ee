package io.runledger.agent;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;

/**
 * Who knows which runs are completed. This room never opens the database, so whoever ties the verbs
 * together provides it as a service ({@link java.util.ServiceLoader}).
 */
public interface CompletedRuns {

  /**
   * Whether the run is completed.
   *
   * @throws RuntimeException with a sentence, when that cannot be found out
   */
  boolean isCompleted(RunId run, Configuration configuration);
}
