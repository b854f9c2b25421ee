package io.runledger.schemas;

import java.util.Locale;
import java.util.Optional;

/**
 * Who says that a run has a status. The job claims; the wrapper and the scheduler observe from
 * outside; the operator corrects by hand; the observer saw on the job's host that its process is
 * gone, and counts when no other source reports an end.
 */
public enum StatusSource {
  JOB,
  WRAPPER,
  SCHEDULER,
  OPERATOR,
  OBSERVER;

  /** The word on the wire and in the database: the name in lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The source with this word; empty for any other word. */
  public static Optional<StatusSource> ofWord(String word) {
    for (StatusSource source : values()) {
      if (source.word().equals(word)) {
        return Optional.of(source);
      }
    }
    return Optional.empty();
  }
}
