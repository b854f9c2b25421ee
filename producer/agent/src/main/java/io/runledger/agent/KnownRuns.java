package io.runledger.agent;

import io.runledger.config.Configuration;
import io.runledger.options.RunChoice;
import io.runledger.schemas.RunId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Knows the runs that exist. This module never opens the database, so the command-line module
 * provides it as a service ({@link java.util.ServiceLoader}).
 */
public interface KnownRuns {

  /**
   * A run that is known.
   *
   * @param run its id
   * @param newestAttempt the id of its newest attempt, if it has one
   * @param status its status, "" when it is not known
   * @param name its name, "" when it has none
   */
  record Known(RunId run, OptionalLong newestAttempt, String status, String name) {}

  /**
   * The run that was typed, deleted or not; empty when there is no database to ask.
   *
   * @throws RuntimeException with a sentence as its message, when the database knows none or
   *     several of that name
   */
  Optional<Known> find(String typed, Configuration configuration);

  /**
   * The runs that were chosen, newest first; empty when there is no database to ask.
   *
   * @param deleted whether to choose among the deleted runs only
   */
  Optional<List<Known>> choose(RunChoice choice, boolean deleted, Configuration configuration);
}
