package io.runledger.service.live;

import io.runledger.fold.batch.Advance;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.log.PositionCheck;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the loop waits for: all of it for brokers or a database that do not answer, or some
 * partitions for the schema of the record in front of them. Tries become rarer until one of them
 * works. Not thread-safe.
 */
final class Outages {

  private static final Logger LOG = LoggerFactory.getLogger(Outages.class);

  private final Consumer<?, ?> consumer;
  private final ServiceHealth health;
  private final Backoff backoff;

  /** Partitions in front of a record whose schema was unavailable, not past it yet. */
  private final Set<TopicPartition> awaited = new HashSet<>();

  /** Those of them that are not read until it is time to ask for the schema again. */
  private final Set<TopicPartition> held = new HashSet<>();

  Outages(Consumer<?, ?> consumer, ServiceHealth health, InstantSource clock) {
    this.consumer = consumer;
    this.health = health;
    this.backoff = new Backoff(clock);
  }

  /** Whether enough time has passed since the last failure. */
  boolean mayTry() {
    return backoff.isDue();
  }

  /** Nothing is read for now, and that is well: others read all that there is. */
  void standBy(String why) {
    health.enter(State.STANDBY, why);
  }

  /** What this member needs to read on is not there yet. */
  void wait(String why) {
    backoff.failed();
    health.enter(State.WAITING, why);
  }

  /** Nothing is read until the positions were claimed again. */
  void pauseAll(RuntimeException outage) {
    if (!backoff.waiting()) {
      LOG.warn("Paused: {}", outage.getMessage(), outage);
    }
    backoff.failed();
    consumer.pause(consumer.assignment());
    health.enter(State.PAUSED, outage.getMessage());
  }

  /** These partitions are not read until it is time to ask again. */
  void hold(Set<TopicPartition> partitions, RuntimeException outage) {
    if (!backoff.waiting()) {
      LOG.warn("{} Waiting for it; nothing is skipped.", outage.getMessage());
    }
    backoff.failed();
    held.addAll(partitions);
    awaited.addAll(partitions);
    consumer.pause(partitions);
    health.enter(State.PAUSED, outage.getMessage());
  }

  /** Tries the held partitions again when it is time; if the outage lasts, they are held again. */
  void retryHeld() {
    if (!held.isEmpty() && backoff.isDue()) {
      consumer.resume(held);
      held.clear();
    }
  }

  /** The positions of these were claimed: they are read on from them. */
  void claimed(Set<TopicPartition> partitions) {
    consumer.resume(partitions);
    gone(partitions);
    if (!backoff.waiting()) {
      health.enter(State.RUNNING);
    }
  }

  /** Whatever these partitions waited for is no longer this member's to wait for. */
  void gone(Set<TopicPartition> partitions) {
    held.removeAll(partitions);
    awaited.removeAll(partitions);
  }

  /** These partitions are past what they waited for. */
  void passed(List<Advance> advances) {
    advances.forEach(advance -> awaited.remove(PositionCheck.partitionOf(advance.to())));
  }

  /** Something worked. The outage is over, unless some partition still waits. */
  void recovered() {
    if (backoff.waiting() && awaited.isEmpty()) {
      backoff.succeeded();
      health.enter(State.RUNNING);
      LOG.info("Going on.");
    }
  }
}
