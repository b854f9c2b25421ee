package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Topics;
import io.runledger.spool.Quarantine;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.BadLineException;
import io.runledger.spool.lines.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what was too large for a limit that has been raised since. A file is removed when the
 * broker has it; one that is still too large stays. An event keeps its number, so that the gap it
 * left closes.
 */
final class QuarantinedEvents {

  private static final Logger LOG = LoggerFactory.getLogger(QuarantinedEvents.class);

  private final Path spool;
  private final Configuration configuration;
  private final EventProducer producer;

  QuarantinedEvents(Path spool, Configuration configuration, EventProducer producer) {
    this.spool = spool;
    this.configuration = configuration;
    this.producer = producer;
  }

  /**
   * Sends all of them, one after the other.
   *
   * @param endNanos when to give up
   * @return events that arrived
   * @throws IOException when the broker takes none now
   */
  long send(long endNanos) throws IOException {
    long arrived = 0;
    for (Path file : Quarantine.sendable(spool)) {
      List<EventProducer.Sent> sent = read(file);
      boolean isWhole = !sent.isEmpty();
      for (EventProducer.Sent event : sent) {
        boolean hasArrived = hasArrived(event, endNanos);
        arrived += hasArrived ? event.events() : 0;
        isWhole &= hasArrived;
      }
      if (isWhole) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(Quarantine.context(file));
      } else {
        LOG.warn("{} cannot be sent with the current limits, and stays in quarantine.", file);
      }
    }
    return arrived;
  }

  private List<EventProducer.Sent> read(Path file) throws IOException {
    Matcher refused = Quarantine.REFUSED.matcher(file.getFileName().toString());
    if (!refused.matches()) {
      return line(file);
    }
    for (Topics topic : Topics.values()) {
      if (SpoolDirectory.prefix(topic).equals(refused.group(2))) {
        try (SegmentReader reader = SegmentReader.open(topic, file)) {
          return producer.sendEach(topic, reader.read(0, true).events());
        }
      }
    }
    return List.of();
  }

  private List<EventProducer.Sent> line(Path file) throws IOException {
    if (Files.size(file) > configuration.integer(Setting.RECORD_MAX_BYTES)) {
      LOG.warn("{} is still longer than record.max.bytes and stays in quarantine.", file);
      return List.of();
    }
    JsonLines lines = new JsonLines(file.getFileName().toString(), configuration);
    if (Files.exists(Quarantine.context(file))) {
      lines.goOnFrom(Files.readString(Quarantine.context(file)));
    }
    List<EventProducer.Sent> sent = new ArrayList<>();
    try {
      for (JsonLines.LineEvent each : lines.events(Files.readAllBytes(file))) {
        sent.addAll(producer.sendEach(each.topic(), List.<SpecificRecord>of(each.event())));
      }
    } catch (BadLineException e) {
      LOG.warn("{} is not an event and stays in quarantine: {}.", file, e.getMessage());
    }
    return sent;
  }

  private static boolean hasArrived(EventProducer.Sent sent, long endNanos) throws IOException {
    try {
      sent.future().get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      if (EventProducer.isTooLarge(e)) {
        return false;
      }
      throw new BrokerException("The broker did not accept a quarantined event.", e.getCause());
    } catch (TimeoutException e) {
      throw new BrokerException("The broker did not answer in time.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokerException("Interrupted while sending quarantined events.", e);
    }
  }
}
