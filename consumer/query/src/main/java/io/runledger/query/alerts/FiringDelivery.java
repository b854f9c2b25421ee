package io.runledger.query.alerts;

import java.time.Instant;
import java.util.Optional;

/**
 * What became of a firing at one of those to whom it goes.
 *
 * @param name its name in the file of rules
 * @param state pending, delivered, or failed, which is not tried again
 * @param tries how often it was tried
 * @param lastError why the last try failed
 */
public record FiringDelivery(
    String name,
    String state,
    int tries,
    Optional<Instant> deliveredAt,
    Optional<String> lastError) {}
