package io.runledger.options;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Options that override settings. */
sealed interface Flags permits DatabaseOptions, ClusterOptions, SpoolOptions, AlertOptions {

  /** What was given on the command line, by the keys of the settings. */
  Map<String, String> given();

  /** A file with properties of Kafka's clients. */
  default Optional<Path> kafkaFile() {
    return Optional.empty();
  }
}
