package io.runledger.schemas;

import java.util.Locale;
import java.util.Optional;

/** The five statuses of a run: pending, running, then one of the three ends. */
public enum RunStatus {
  PENDING,
  RUNNING,
  COMPLETED,
  FAILED,
  TIMEOUT;

  /** The word on the wire and in the database: the name in lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether nothing but a new attempt follows. */
  public boolean isEnd() {
    return this == COMPLETED || this == FAILED || this == TIMEOUT;
  }

  /** The status with this word; empty for any other word. */
  public static Optional<RunStatus> ofWord(String word) {
    for (RunStatus status : values()) {
      if (status.word().equals(word)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
