package io.runledger.client.sender;

import io.runledger.config.FailPoint;
import io.runledger.spool.Quarantine;
import io.runledger.spool.lines.QuarantineNotice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;

/**
 * The records of one chunk that the broker has not answered yet. A chunk counts as acknowledged
 * when the broker has all of it; events that it refuses for their size go to quarantine, once they
 * went as separate records, and the run is notified. Not thread-safe.
 */
final class InFlight {

  private final Path writer;
  private final Undelivered undelivered;
  private List<EventProducer.Sent> sent = List.of();
  private long delivered;
  private long quarantined;
  private boolean oneByOne;

  InFlight(Path writer, Undelivered undelivered) {
    this.writer = writer;
    this.undelivered = undelivered;
  }

  /** Whether each event must go as a separate record, because the broker refused several as one. */
  boolean isOneByOne() {
    return oneByOne;
  }

  boolean isEmpty() {
    return sent.isEmpty();
  }

  /** Whether the broker has answered each record. */
  boolean isAnswered() {
    return sent.stream().allMatch(record -> record.future().isDone());
  }

  /** Notes that these records are on their way. */
  void carry(List<EventProducer.Sent> records) {
    FailPoint.hit("sent");
    sent = List.copyOf(records);
  }

  /** Forgets them; they will be sent again. */
  void drop() {
    sent = List.of();
    delivered = 0;
    quarantined = 0;
  }

  /**
   * Reads the broker's answers, which must have arrived.
   *
   * @return events that were acknowledged, when the chunk is done; empty when it is to be read and
   *     sent again, or when the notice of what was quarantined is on its way
   * @throws BrokerException when the broker did not take one of them
   */
  Optional<Long> settle(EventProducer producer) throws IOException {
    List<EventProducer.Sent> done = sent;
    sent = List.of();
    List<EventProducer.Sent> tooLarge = new ArrayList<>();
    try {
      for (EventProducer.Sent record : done) {
        if (record.isTooLarge()) {
          tooLarge.add(record);
        } else {
          record.future().get();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      drop();
      return Optional.empty();
    } catch (ExecutionException e) {
      drop();
      throw new BrokerException(
          "The broker did not accept events of " + writer + ".", e.getCause());
    }
    if (!tooLarge.isEmpty() && !oneByOne) {
      oneByOne = true;
      drop();
      return Optional.empty();
    }
    for (EventProducer.Sent record : done) {
      delivered += tooLarge.contains(record) ? 0 : record.events();
    }
    tooLarge.removeIf(EventProducer.Sent::isNotice);
    if (!tooLarge.isEmpty()) {
      quarantine(producer, tooLarge);
      return Optional.empty();
    }
    undelivered.quarantined(quarantined);
    long events = delivered;
    drop();
    oneByOne = false;
    FailPoint.hit("acknowledged");
    return Optional.of(events);
  }

  private void quarantine(EventProducer producer, List<EventProducer.Sent> refused)
      throws IOException {
    long before = delivered;
    drop();
    List<SpecificRecord> notices = new ArrayList<>();
    for (EventProducer.Sent record : refused) {
      Quarantine.keepRefused(writer, record.record());
      notices.add(QuarantineNotice.of(record.record()));
    }
    // The position advances only when the run has been notified, too: a sender that restarts here
    // repeats all of it.
    carry(producer.sendNotices(notices));
    delivered = before;
    quarantined = refused.size();
  }
}
