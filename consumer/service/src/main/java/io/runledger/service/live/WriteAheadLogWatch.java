package io.runledger.service.live;

import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceMetrics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the database's write-ahead log has grown past a limit, which happens while a reader
 * holds an old state, and empties it once it may. Used by the service's thread alone.
 */
public final class WriteAheadLogWatch {

  private static final Logger LOG = LoggerFactory.getLogger(WriteAheadLogWatch.class);

  /** How often emptying is tried: each time costs the writer a few locks, or some I/O. */
  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final long alarmBytes;
  private final ServiceHealth health;
  private final ServiceMetrics metrics;
  private final InstantSource clock;
  private Instant nextTry = Instant.MIN;
  private Instant nextWarning = Instant.MIN;

  /**
   * Watches.
   *
   * @param alarmBytes length from which on the service is not healthy
   */
  public WriteAheadLogWatch(
      long alarmBytes, ServiceHealth health, ServiceMetrics metrics, InstantSource clock) {
    this.alarmBytes = alarmBytes;
    this.health = health;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Looks at the length, and does something about it when it is due. */
  void look(LiveProjection projection) {
    long bytes = projection.writeAheadLogBytes();
    if (bytes > alarmBytes && !clock.instant().isBefore(nextTry)) {
      nextTry = clock.instant().plus(BETWEEN_TRIES);
      projection.emptyWriteAheadLogIfUnread();
      bytes = projection.writeAheadLogBytes();
      report(projection.name(), bytes);
    } else if (bytes <= alarmBytes) {
      report(projection.name(), bytes);
    }
    metrics.writeAheadLog(bytes);
  }

  private void report(String file, long bytes) {
    if (bytes <= alarmBytes) {
      if (health.writeAheadLogGrew()) {
        LOG.info("The write-ahead log of {} has shrunk to {} bytes.", file, bytes);
      }
      health.writeAheadLogIsFine();
      return;
    }
    String sentence =
        "The write-ahead log %s-wal has %,d bytes, more than wal.alarm.bytes=%d: a reader holds an old state of the database; find it with 'fuser %s' and end it, and the log shrinks by itself."
            .formatted(file, bytes, alarmBytes, file);
    health.writeAheadLogGrows(sentence);
    if (!clock.instant().isBefore(nextWarning)) {
      nextWarning = clock.instant().plus(BETWEEN_WARNINGS);
      LOG.warn("{}", sentence);
    }
  }
}
