package io.runledger.options;

import io.runledger.schemas.RunStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * The runs that match all that is given.
 *
 * @param status their status
 * @param experiment the first part of their run key
 * @param project their project
 * @param tag one of their tags
 * @param since their newest attempt started at this instant or later
 * @param filter they pass this, in the filter language
 */
public record RunChoice(
    Optional<RunStatus> status,
    Optional<String> experiment,
    Optional<String> project,
    Optional<String> tag,
    Optional<Instant> since,
    Optional<String> filter) {

  /** Whether nothing is given, which all runs match. */
  public boolean isEmpty() {
    return status.isEmpty()
        && experiment.isEmpty()
        && project.isEmpty()
        && tag.isEmpty()
        && since.isEmpty()
        && filter.isEmpty();
  }
}
