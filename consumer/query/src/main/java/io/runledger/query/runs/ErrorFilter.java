package io.runledger.query.runs;

import io.runledger.query.filter.Filter;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which errors: those that match all that is given.
 *
 * @param run of this run only
 * @param since at this instant or later
 * @param where of runs that pass this
 * @param lastOfEachRun of each run its newest one only; not together with a run
 * @param limit maximum number, the newest first; at least 1
 */
public record ErrorFilter(
    Optional<RunId> run, Optional<Instant> since, Filter where, boolean lastOfEachRun, int limit) {

  /** Checks the limit, and that one run is not asked for the last error of each. */
  public ErrorFilter {
    AtLeastOne.check("limit", limit);
    if (lastOfEachRun && run.isPresent()) {
      throw new IllegalArgumentException(
          "A filter cannot ask for the last error of each run and for one run; use a limit of 1 to get the newest error of a run.");
    }
  }

  /** The newest errors. */
  public static ErrorFilter newest(int limit) {
    return new ErrorFilter(Optional.empty(), Optional.empty(), Filter.EVERY_RUN, false, limit);
  }

  /** All errors. */
  public static ErrorFilter all() {
    return newest(Integer.MAX_VALUE);
  }

  public ErrorFilter of(RunId value) {
    return new ErrorFilter(Optional.of(value), since, where, lastOfEachRun, limit);
  }

  public ErrorFilter since(Instant value) {
    return new ErrorFilter(run, Optional.of(value), where, lastOfEachRun, limit);
  }

  public ErrorFilter where(Filter value) {
    return new ErrorFilter(run, since, value, lastOfEachRun, limit);
  }

  public ErrorFilter onlyLastOfEachRun() {
    return new ErrorFilter(run, since, where, true, limit);
  }
}
