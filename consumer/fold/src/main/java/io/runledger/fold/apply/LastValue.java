package io.runledger.fold.apply;

import io.runledger.fold.Instants;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** When an attempt logged its last value, and which rules fired since. Not thread-safe. */
final class LastValue {

  /** By the job's clock. */
  long atMicros;

  /** When it was applied; empty when it is known from the store alone. */
  Optional<Instant> heardAt = Optional.empty();

  /** The rules that fired since it came. */
  final Set<String> fired = new HashSet<>();

  LastValue(long atMicros) {
    this.atMicros = atMicros;
  }

  /** From when on its run is silent. */
  Instant since() {
    return heardAt.orElseGet(() -> Instants.ofMicros(atMicros));
  }
}
