package io.runledger.query.runs;

import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which SLURM jobs: those that match all that is given.
 *
 * @param run of this run only
 * @param since started (or submitted) at this instant or later
 * @param limit maximum number, the newest attempts first; at least 1
 */
public record JobFilter(Optional<RunId> run, Optional<Instant> since, int limit) {

  /** Checks the limit. */
  public JobFilter {
    AtLeastOne.check("limit", limit);
  }

  /** The jobs of the newest attempts. */
  public static JobFilter newest(int limit) {
    return new JobFilter(Optional.empty(), Optional.empty(), limit);
  }

  /** All jobs. */
  public static JobFilter all() {
    return newest(Integer.MAX_VALUE);
  }

  public JobFilter of(RunId value) {
    return new JobFilter(Optional.of(value), since, limit);
  }

  public JobFilter since(Instant value) {
    return new JobFilter(run, Optional.of(value), limit);
  }
}
