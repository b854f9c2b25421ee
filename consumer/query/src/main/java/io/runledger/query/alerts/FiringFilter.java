package io.runledger.query.alerts;

import io.runledger.query.runs.AtLeastOne;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which firings: those that match all that is given.
 *
 * @param run of this run only
 * @param rule of this rule only
 * @param since fired at this instant or later
 * @param isOpen only those that still hold
 * @param limit maximum number, the newest first; at least 1
 */
public record FiringFilter(
    Optional<RunId> run,
    Optional<String> rule,
    Optional<Instant> since,
    boolean isOpen,
    int limit) {

  /** Checks the limit. */
  public FiringFilter {
    AtLeastOne.check("limit", limit);
  }

  /** The newest firings. */
  public static FiringFilter newest(int limit) {
    return new FiringFilter(Optional.empty(), Optional.empty(), Optional.empty(), false, limit);
  }

  public FiringFilter of(RunId value) {
    return new FiringFilter(Optional.of(value), rule, since, isOpen, limit);
  }

  public FiringFilter of(String ruleName) {
    return new FiringFilter(run, Optional.of(ruleName), since, isOpen, limit);
  }

  public FiringFilter since(Instant value) {
    return new FiringFilter(run, rule, Optional.of(value), isOpen, limit);
  }

  public FiringFilter open() {
    return new FiringFilter(run, rule, since, true, limit);
  }
}
