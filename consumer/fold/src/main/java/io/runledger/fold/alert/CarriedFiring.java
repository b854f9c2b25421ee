package io.runledger.fold.alert;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A firing as another generation takes it over, with what became of it.
 *
 * @param deliveries to whom it went or goes
 */
public record CarriedFiring(Firing firing, List<Delivery> deliveries) {

  /**
   * What became of a firing at one of those to whom it goes.
   *
   * @param state pending, delivered or failed
   * @param nextTry when it is tried again
   * @param deliveredAt when it was delivered, to the second
   * @param lastError why the last try failed
   */
  public record Delivery(
      String name,
      String state,
      int tries,
      Instant nextTry,
      Optional<Instant> deliveredAt,
      Optional<String> lastError) {}

  public CarriedFiring {
    deliveries = List.copyOf(deliveries);
  }
}
