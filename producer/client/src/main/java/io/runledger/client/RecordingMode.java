package io.runledger.client;

import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What {@code RUNLEDGER_MODE} says of a job: the words are those of the Python package. */
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
   * @param complaint hears of a word that is not a mode, which is taken for online
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
