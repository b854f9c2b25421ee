package io.runledger.example;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.nio.file.Path;

/** What the example wants of the tracker's configuration. */
final class TrackerSettings {

  /**
   * How long a process waits for the broker at its end, unless the user says otherwise: a training
   * of a second should not be held up for five. What is left in the spool is sent later.
   */
  private static final String CLOSE_TIMEOUT_MILLIS = "1500";

  private TrackerSettings() {}

  /** The user's configuration, with a shorter wait at the end than other jobs have by default. */
  static Configuration ofEnvironment() {
    Configuration configuration = Configuration.ofEnvironment();
    boolean unsaid =
        configuration.values().stream()
            .anyMatch(
                value ->
                    value.name().equals(Setting.CLOSE_TIMEOUT_MS.key())
                        && value.origin().equals("default"));
    return unsaid
        ? configuration.with(Setting.CLOSE_TIMEOUT_MS, CLOSE_TIMEOUT_MILLIS)
        : configuration;
  }

  /** Where files go for which no directory was given. */
  static Path files(Configuration configuration) {
    return configuration.path(Setting.DATA_DIR).resolve("example");
  }
}
