package io.runledger.agent;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;

/**
 * Knows which runs are completed. This module never opens the database, so the command-line module
 * provides it as a service ({@link java.util.ServiceLoader}).
 */
public interface CompletedRuns {

  /**
   * Whether the run is completed.
   *
   * @throws RuntimeException with a sentence as its message, when that cannot be found out
   */
  boolean isCompleted(RunId run, Configuration configuration);
}
