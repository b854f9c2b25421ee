package io.runledger.query.groups;

import io.runledger.config.Printable;
import java.util.Arrays;
import java.util.Locale;

/** What curves are drawn over. */
public enum XAxis {
  STEP,
  EPOCH,
  /** Seconds since the start of the attempt. */
  ELAPSED;

  /** As people write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads what people write.
   *
   * @throws IllegalArgumentException with a sentence when it is none of them
   */
  public static XAxis ofWord(String word) {
    return Arrays.stream(values())
        .filter(axis -> axis.word().equals(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The axis is step, epoch or elapsed, not '" + Printable.word(word) + "'."));
  }
}
