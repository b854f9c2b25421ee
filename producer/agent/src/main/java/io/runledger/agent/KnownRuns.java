package io.runledger.agent;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who knows the runs that there are. This room never opens the database, so whoever ties the verbs
 * together provides it as a service ({@link java.util.ServiceLoader}).
 */
public interface KnownRuns {

  /**
   * A run that is known.
   *
   * @param run its id
   * @param newestAttempt the id of its newest attempt, if it has one
   */
  record Known(RunId run, OptionalLong newestAttempt) {}

  /**
   * The run that was typed, deleted or not; empty when there is no database to ask.
   *
   * @throws RuntimeException with a sentence, when the database knows none or several of that name
   */
  Optional<Known> find(String typed, Configuration configuration);
}
