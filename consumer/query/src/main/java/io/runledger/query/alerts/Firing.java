package io.runledger.query.alerts;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * That a rule fired for a run, once for one cause.
 *
 * @param id what receivers know it by
 * @param condition the rule in words, as it was then
 * @param status of a rule about a status, the one that the attempt got
 * @param metric of a rule about values, the metric
 * @param value the value that fired it, NaN included
 * @param step the step of that value
 * @param at when that was, by the job's clock; of a pause, when the last value came before it
 * @param firedAt when the service noticed
 * @param endedAt when it noticed that it no longer holds
 * @param isLate whether it was too old to be delivered
 * @param deliveries to whom it went or goes, by name
 */
public record Firing(
    String id,
    String rule,
    String condition,
    RunId runId,
    Optional<String> runName,
    long attemptId,
    Optional<RunStatus> status,
    Optional<String> metric,
    OptionalDouble value,
    OptionalLong step,
    Instant at,
    Instant firedAt,
    Optional<Instant> endedAt,
    boolean isLate,
    List<FiringDelivery> deliveries) {

  public Firing {
    deliveries = List.copyOf(deliveries);
  }

  /** The same, with what became of it. */
  public Firing deliveredTo(List<FiringDelivery> receivers) {
    return new Firing(
        id, rule, condition, runId, runName, attemptId, status, metric, value, step, at, firedAt,
        endedAt, isLate, receivers);
  }

  /** Whether it still holds, as far as is known. */
  public boolean isOpen() {
    return endedAt.isEmpty();
  }
}
