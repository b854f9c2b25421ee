package io.runledger.query.runs;

import io.runledger.options.RunChoice;
import io.runledger.schemas.RunStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * Which runs: those that match all that is given.
 *
 * @param status its status
 * @param experiment the first part of its run key
 * @param project its project
 * @param tag one of its tags
 * @param since its newest attempt started at this instant or later
 * @param after behind this place in the order of creation, newest first: the next page
 * @param limit maximum number, the newest first; at least 1
 */
public record RunFilter(
    Optional<RunStatus> status,
    Optional<String> experiment,
    Optional<String> project,
    Optional<String> tag,
    Optional<Instant> since,
    Optional<RunCursor> after,
    int limit) {

  /** Checks the limit. */
  public RunFilter {
    AtLeastOne.check("limit", limit);
  }

  /** The newest of the runs that were chosen. */
  public static RunFilter of(RunChoice choice, int limit) {
    return new RunFilter(
        choice.status(),
        choice.experiment(),
        choice.project(),
        choice.tag(),
        choice.since(),
        Optional.empty(),
        limit);
  }

  /** The newest runs. */
  public static RunFilter newest(int limit) {
    return new RunFilter(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        limit);
  }

  /** All runs. */
  public static RunFilter all() {
    return newest(Integer.MAX_VALUE);
  }

  public RunFilter withStatus(RunStatus value) {
    return new RunFilter(Optional.of(value), experiment, project, tag, since, after, limit);
  }

  public RunFilter withExperiment(String value) {
    return new RunFilter(status, Optional.of(value), project, tag, since, after, limit);
  }

  public RunFilter withProject(String value) {
    return new RunFilter(status, experiment, Optional.of(value), tag, since, after, limit);
  }

  public RunFilter withTag(String value) {
    return new RunFilter(status, experiment, project, Optional.of(value), since, after, limit);
  }

  public RunFilter since(Instant value) {
    return new RunFilter(status, experiment, project, tag, Optional.of(value), after, limit);
  }

  /** The next page: only runs behind this place, which {@link Run#cursor()} of the last one is. */
  public RunFilter after(RunCursor value) {
    return new RunFilter(status, experiment, project, tag, since, Optional.of(value), limit);
  }
}
