package io.runledger.client.sender;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether what jobs append to a spool is sent, as its files show it; changes none of them. */
public final class SpoolCheck {

  private static final String SPOOL = "spool";

  /** A running sender needs only seconds. */
  private static final Duration OVERDUE = Duration.ofMinutes(5);

  private final Path spool;
  private final InstantSource clock;
  private long sources;
  private long bytes;
  private long foreign;
  private long unreadable;
  private Instant oldest = Instant.MAX;

  private SpoolCheck(Path spool, InstantSource clock) {
    this.spool = spool;
    this.clock = clock;
  }

  /**
   * Whether events stay where jobs append them: the spool is followed into a database, and nobody
   * has named a broker.
   */
  public static boolean isOfDesk(Configuration configuration) {
    return !configuration.isSet(Setting.BOOTSTRAP_SERVERS)
        && FollowedSpool.keeps(configuration.path(Setting.SPOOL));
  }

  /** The settings with the spool of a desk, where they name its database alone. */
  public static Configuration nextToDatabase(Configuration configuration) {
    return FollowedSpool.ofDatabase(configuration);
  }

  /** The findings about this spool. */
  public static List<Finding> check(Path spool) {
    return check(spool, InstantSource.system());
  }

  static List<Finding> check(Path spool, InstantSource clock) {
    if (!Files.isDirectory(spool)) {
      return List.of(Finding.ok(SPOOL, "No job has appended to %s yet.".formatted(spool)));
    }
    return new SpoolCheck(spool, clock).findings();
  }

  private List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    try {
      SpoolDirectory.forEach(spool, this::look);
      findings.add(FollowedSpool.keeps(spool) ? followed() : unsent());
      quarantined().ifPresent(findings::add);
      damaged().ifPresent(findings::add);
    } catch (IOException e) {
      throw new UncheckedIOException("The spool " + spool + " cannot be read: " + e + ".", e);
    }
    if (foreign > 0) {
      findings.add(
          Finding.warning(
              SPOOL,
              "%,d files or directories in %s belong to other users.".formatted(foreign, spool),
              "Have each user send their own, or give each user a separate spool."));
    }
    if (unreadable > 0) {
      findings.add(
          Finding.warning(
              SPOOL,
              "%,d files or directories in %s cannot be read.".formatted(unreadable, spool),
              "Check who owns them."));
    }
    return findings;
  }

  private void look(SpoolDirectory.Entry entry) {
    if (!entry.isOurs()) {
      foreign++;
      return;
    }
    try {
      SpoolRemains.unsent(entry)
          .ifPresent(
              unsent -> {
                sources++;
                bytes += unsent.bytes();
                oldest = unsent.since().isBefore(oldest) ? unsent.since() : oldest;
              });
    } catch (IOException e) {
      // Files disappear while they are checked: a sender removes what it has sent.
      unreadable += Files.exists(entry.path()) ? 1 : 0;
    }
  }

  private Finding followed() {
    return Finding.ok(
        SPOOL,
        "%s is followed into a database, and its files stay where they are.".formatted(spool));
  }

  private Finding unsent() {
    if (bytes == 0) {
      return Finding.ok(SPOOL, "All events in %s have been sent.".formatted(spool));
    }
    String what =
        "%,d bytes of %,d writers or files in %s have not been sent, the oldest since %s."
            .formatted(bytes, sources, spool, oldest.truncatedTo(ChronoUnit.SECONDS));
    return oldest.plus(OVERDUE).isAfter(clock.instant())
        ? Finding.ok(SPOOL, what)
        : Finding.warning(
            SPOOL,
            what,
            "If no sender is running ('runledger up' or 'runledger relay'), run"
                + " 'runledger sync'.");
  }

  private Optional<Finding> quarantined() throws IOException {
    int count = Quarantine.sendable(spool).size();
    return count == 0
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                SPOOL,
                "%,d events are in the quarantine of %s because they are too large."
                    .formatted(count, spool),
                "Raise max.message.bytes of the topic or record.max.bytes, then run 'runledger sync"
                    + " --quarantined'."));
  }

  private Optional<Finding> damaged() throws IOException {
    List<Path> damaged = Quarantine.damaged(spool);
    return damaged.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.warning(
                SPOOL,
                "%,d files are in quarantine because they are damaged or not events; the first is %s."
                    .formatted(damaged.size(), damaged.get(0)),
                "They are never sent: inspect them, then delete them."));
  }
}
