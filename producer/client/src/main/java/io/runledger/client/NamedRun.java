package io.runledger.client;

import io.runledger.schemas.RunId;
import java.util.Optional;
import java.util.UUID;

/**
 * The options of a run with its id.
 *
 * @param instance what makes a run without a key one of its own; empty for one with a key
 */
record NamedRun(RunOptions options, Optional<UUID> instance, RunId id) {

  /** Names the run; one without a key and instance becomes a new one. */
  static NamedRun of(RunOptions given) {
    RunOptions options = given == null ? RunOptions.builder(null).build() : given;
    if (options.key().isPresent()) {
      return new NamedRun(options, Optional.empty(), RunId.of(options.key().get()));
    }
    UUID instance = options.instance().orElseGet(UUID::randomUUID);
    RunId id =
        RunId.ofInstance(options.project().orElseThrow(), options.name().orElseThrow(), instance);
    return new NamedRun(options, Optional.of(instance), id);
  }
}
