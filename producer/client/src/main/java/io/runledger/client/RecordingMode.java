package io.runledger.client;

import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** The values of {@code RUNLEDGER_MODE}, which are those of the Python package. */
enum RecordingMode {
  /** Appended, and sent while the job runs. */
  ONLINE,
  /** Appended; another sender sends it. */
  OFFLINE,
  /** Nothing is recorded, and no file, thread or connection is made for it. */
  DISABLED;

  /**
   * The mode of an environment, online where it names none.
   *
   * @param complaint receives a message about a value that is not a mode, which counts as online
   */
  static RecordingMode of(Map<String, String> environment, Consumer<String> complaint) {
    String word = environment.getOrDefault("RUNLEDGER_MODE", "").strip().toLowerCase(Locale.ROOT);
    for (RecordingMode mode : values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
        return mode;
      }
    }
    if (!word.isEmpty()) {
      complaint.accept(
          "RUNLEDGER_MODE: '%s' is not one of online, offline and disabled; the run is recorded as online."
              .formatted(word));
    }
    return ONLINE;
  }
}
