package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Sends what is in a spool to Kafka once, while the caller waits. */
public final class SpoolDrain {

  private static final Duration TELL = Duration.ofMillis(250);

  /**
   * How long others are waited for that have a part of it in hand. They record every second what
   * has arrived; one whose job goes on and on is never through.
   */
  public static final Duration OTHERS = Duration.ofSeconds(10);

  private SpoolDrain() {}

  /**
   * Sends all there is now and returns when the broker has acknowledged it, also what other senders
   * of this spool have in hand, or the time is over.
   *
   * @param atMost how long to try
   */
  public static DrainReport send(Path spool, Configuration configuration, Duration atMost) {
    return send(spool, configuration, atMost, sent -> {});
  }

  /** As above; {@code progress} receives several times a second how many events were sent. */
  public static DrainReport send(
      Path spool, Configuration configuration, Duration atMost, LongConsumer progress) {
    long end = System.nanoTime() + atMost.toNanos();
    DrainReport report = sent(spool, configuration, atMost, progress);
    // Its locks are released by now.
    Duration rest = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    Optional<String> left = remains(spool, rest.compareTo(OTHERS) < 0 ? rest : OTHERS);
    return new DrainReport(
        report.events(), report.complete(), report.trouble(), joined(report.undelivered(), left));
  }

  private static DrainReport sent(
      Path spool, Configuration configuration, Duration atMost, LongConsumer progress) {
    try (SpoolSender sender = SpoolSender.start(spool, configuration)) {
      long end = System.nanoTime() + atMost.toNanos();
      boolean empty = false;
      while (!empty && end - System.nanoTime() > 0) {
        empty = sender.awaitIdle(TELL.compareTo(atMost) < 0 ? TELL : atMost);
        progress.accept(sender.sentEvents());
      }
      boolean complete = empty && sender.skipped().isEmpty();
      return new DrainReport(
          sender.sentEvents(),
          complete,
          sender.trouble().or(sender::skipped),
          joined(sender.undelivered(), Quarantine.sentence(spool)));
    }
  }

  private static Optional<String> remains(Path spool, Duration atMost) {
    try {
      return SpoolRemains.afterOthers(spool, atMost).sentence();
    } catch (IOException e) {
      return Optional.of("Cannot read what is left in %s (%s).".formatted(spool, e));
    }
  }

  private static Optional<String> joined(Optional<String> one, Optional<String> other) {
    String both = Stream.of(one, other).flatMap(Optional::stream).collect(Collectors.joining(" "));
    return both.isEmpty() ? Optional.empty() : Optional.of(both);
  }

  /** Sends what was quarantined for its size, as far as the limits allow it now. */
  public static DrainReport sendQuarantined(
      Path spool, Configuration configuration, Duration atMost) {
    long events = 0;
    Optional<String> trouble = Optional.empty();
    try (EventProducer producer = new EventProducer(configuration)) {
      events =
          new QuarantinedEvents(spool, configuration, producer)
              .send(System.nanoTime() + atMost.toNanos());
    } catch (IOException e) {
      trouble = Optional.of(e.getMessage());
    }
    Optional<String> left = Quarantine.sentence(spool);
    return new DrainReport(events, trouble.isEmpty() && left.isEmpty(), trouble, left);
  }

  /** Bytes of all files that wait in a spool now, sent ones that are still there included. */
  public static long waitingBytes(Path spool) throws IOException {
    long bytes = 0;
    for (Path writer : SpoolDirectory.writers(spool)) {
      bytes += SpoolDirectory.bytes(writer);
    }
    for (Path file : SpoolDirectory.jsonLines(spool)) {
      bytes += file.toFile().length();
    }
    return bytes;
  }
}
