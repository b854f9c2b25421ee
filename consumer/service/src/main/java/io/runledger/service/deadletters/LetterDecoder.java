package io.runledger.service.deadletters;

import io.runledger.fold.batch.Decoded;
import io.runledger.serde.registry.RegistryUnavailableException;
import java.util.Optional;

/** Says what a quarantined record means now. */
@FunctionalInterface
public interface LetterDecoder {

  /**
   * Decodes it.
   *
   * @param topic where it came from: a topic, or a file of a spool
   * @throws RegistryUnavailableException when its schema cannot be looked up
   */
  Decoded decode(String topic, Optional<byte[]> value);
}
