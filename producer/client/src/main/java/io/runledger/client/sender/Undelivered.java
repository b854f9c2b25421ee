package io.runledger.client.sender;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a sender found and could not deliver to the topics as events. Thread-safe. */
public final class Undelivered {

  private long badLines;
  private long quarantined;
  private long foreign;
  private String foreignExample = "";

  /** Notes lines that were not valid and went to the dead letters. */
  synchronized void badLines(long count) {
    badLines += count;
  }

  /** Notes events or lines that were quarantined because they are too large. */
  synchronized void quarantined(long count) {
    quarantined += count;
  }

  /** Notes how many files and directories belong to other users. */
  synchronized void foreign(long count, Optional<Path> one) {
    foreign = count;
    foreignExample = one.map(Path::toString).orElse("");
  }

  /** All of it as a sentence; empty when there is nothing. */
  synchronized Optional<String> sentence() {
    List<String> parts = new ArrayList<>();
    if (badLines > 0) {
      parts.add(
          "%s not valid and went to the dead letters ('runledger dead-letters list')"
              .formatted(badLines == 1 ? "1 line is" : "%,d lines are".formatted(badLines)));
    }
    if (quarantined > 0) {
      parts.add(
          quarantined == 1
              ? "1 event is too large and was quarantined"
              : "%,d events are too large and were quarantined".formatted(quarantined));
    }
    if (foreign > 0) {
      parts.add(
          foreign == 1
              ? "1 file or directory belongs to another user, who must send it (%s)"
                  .formatted(foreignExample)
              : "%,d files or directories belong to other users, who must send them (%s)"
                  .formatted(foreign, foreignExample));
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", parts) + ".");
  }
}
