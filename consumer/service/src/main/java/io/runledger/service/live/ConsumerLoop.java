package io.runledger.service.live;

import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.alert.AlertService;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.deadletters.DeadLetterHandler;
import io.runledger.service.group.Member;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.Brokers;
import io.runledger.service.log.LogInspector;
import io.runledger.service.log.LogWatch;
import io.runledger.service.log.RetentionCheck;
import io.runledger.service.stop.DamagedDatabaseException;
import io.runledger.service.stop.StopException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Poll, decode, apply in one transaction, commit for lag tools. Runs on one thread until it is
 * asked to end or finds a reason to stop.
 *
 * <p>An outage is answered by going back to the stored positions and trying again later; whatever
 * was read and not applied is read again. The loop polls all the while, so the group keeps it.
 */
public final class ConsumerLoop {

  private static final Logger LOG = LoggerFactory.getLogger(ConsumerLoop.class);

  /** Long enough to cost nothing when idle, short enough to see a rebuild or an end soon. */
  private static final Duration POLL = Duration.ofMillis(250);

  private final ProjectionLocation database;
  private final OtherGroups otherGroups;
  private final Consumer<byte[], byte[]> consumer;
  private final Brokers brokers;
  private final Admission admission;
  private final LiveProjection projection;
  private final BatchDecoder decoder;
  private final ServiceHealth health;
  private final DeadLetterHandler handler;
  private final LogWatch watch;
  private final Claims claims;
  private final BatchWriter writer;
  private final GroupMembership membership;
  private final WriteAheadLogWatch writeAheadLog;
  private final Optional<AlertService> alerts;
  private final Outages outages;
  private final CountDownLatch closing = new CountDownLatch(1);

  public ConsumerLoop(
      ProjectionLocation database,
      Member member,
      OtherGroups otherGroups,
      Consumer<byte[], byte[]> consumer,
      Brokers brokers,
      Admission admission,
      RetentionCheck retention,
      LiveProjection projection,
      BatchDecoder decoder,
      ServiceHealth health,
      ServiceMetrics metrics,
      Duration batchTime,
      WriteAheadLogWatch writeAheadLog,
      Optional<AlertService> alerts,
      InstantSource clock) {
    this.database = database;
    this.otherGroups = otherGroups;
    this.consumer = consumer;
    this.brokers = brokers;
    this.admission = admission;
    this.projection = projection;
    this.decoder = decoder;
    this.health = health;
    this.writeAheadLog = writeAheadLog;
    this.alerts = alerts;
    this.claims =
        new Claims(
            database,
            member,
            consumer,
            brokers,
            projection,
            otherGroups,
            duties(database.severalMayWrite(), alerts));
    this.handler =
        new DeadLetterHandler(database, projection, decoder::decodeAgain, claims::isOurs, clock);
    this.membership = new GroupMembership(consumer, this::revoked, this::lost);
    this.outages = new Outages(consumer, health, clock);
    this.writer =
        new BatchWriter(
            consumer, projection, decoder, claims, outages, health, metrics, batchTime, clock);
    this.watch =
        new LogWatch(
            database,
            brokers,
            retention,
            health,
            metrics,
            claims::positions,
            database.severalMayWrite() ? Optional.of(projection::owners) : Optional.empty());
  }

  /**
   * Runs until {@link #end()}.
   *
   * @throws StopException when it must not continue
   */
  public void run() throws InterruptedException {
    try (watch;
        writer;
        handler) {
      joinTheGroup();
      while (running()) {
        try {
          step();
        } catch (WakeupException e) {
          // end() wakes a poll; the condition of the loop is what counts.
          LOG.debug("Woken up to stop.", e);
        } catch (ProjectionDamagedException e) {
          throw new DamagedDatabaseException(e);
        } catch (KafkaException e) {
          FinalFailures.throwIfFinal(database, e);
          pauseAll(e);
        } catch (LogInspector.BrokersUnavailableException | ProjectionUnavailableException e) {
          pauseAll(e);
        }
      }
      claims.release(claims.cursor().partitions());
    }
  }

  /** Asks the loop to end after the batch in hand. From any thread. */
  public void end() {
    closing.countDown();
    consumer.wakeup();
  }

  private boolean running() {
    return closing.getCount() > 0;
  }

  /** Of several members one delivers alerts; who is alone does so from the start. */
  private static LeadDuties duties(boolean several, Optional<AlertService> alerts) {
    return alerts
        .filter(service -> several)
        .<LeadDuties>map(AlertDuties::new)
        .orElse(LeadDuties.NONE);
  }

  private void joinTheGroup() throws InterruptedException {
    boolean admitted = false;
    while (running() && !admitted) {
      try {
        Optional<String> waiting = admission.ask();
        admitted = waiting.isEmpty();
        waiting.ifPresent(why -> health.enter(State.STARTING, why));
      } catch (LogInspector.BrokersUnavailableException e) {
        LOG.warn("{}", e.getMessage());
        health.enter(State.STARTING, e.getMessage());
      }
      if (!admitted) {
        closing.await(1, TimeUnit.SECONDS);
      }
    }
    consumer.subscribe(brokers.topics().all(), membership);
    watch.start();
  }

  private void step() {
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
    watch
        .trouble()
        .ifPresent(
            trouble -> {
              throw trouble;
            });
    if (!claims.isEmpty() && projection.isSuperseded()) {
      LOG.info("{} is a new generation; continuing from its positions.", database);
      dropAll();
    }
    if (!claims.contain(membership.assigned())) {
      claim();
    }
    if (claims.isEmpty()) {
      if (database.severalMayWrite() && membership.hasJoined() && membership.assigned().isEmpty()) {
        outages.standBy(
            "The consumer group gave no partition to this member; it takes over when another one leaves.");
      }
      return;
    }
    outages.retryHeld();
    handler.serve();
    try {
      writer.write(polled);
    } catch (FencedException e) {
      fenced(e);
      return;
    }
    writeAheadLog.look(projection);
    alerts.filter(rules -> claims.isLead()).ifPresent(rules -> rules.look(health.isCaughtUp()));
    if (polled.isEmpty()) {
      outages.recovered();
    }
  }

  /** Claims what the group gave and is not claimed; whoever reads all or none, all of it. */
  private void claim() {
    if (!database.severalMayWrite() && !claims.isEmpty()) {
      dropAll();
    }
    if (!outages.mayTry()) {
      return;
    }
    Set<TopicPartition> wanted = new HashSet<>(membership.assigned());
    wanted.removeAll(claims.cursor().partitions());
    Optional<String> waiting = claims.claim(wanted);
    if (waiting.isPresent() && claims.isEmpty()) {
      outages.wait(waiting.get());
    }
    if (waiting.isPresent()) {
      return;
    }
    // Where another generation was opened, it is to hold the schemas, too.
    decoder.forgetSchemas();
    handler.reopen();
    outages.claimed(wanted);
    health.gaps(projection.gaps());
  }

  /** What was polled before is applied, or will be polled again by whoever reads on. */
  private void revoked(Set<TopicPartition> partitions) {
    claims.release(partitions);
    outages.gone(partitions);
    if (!database.severalMayWrite()) {
      dropAll();
    }
  }

  private void lost(Set<TopicPartition> partitions) {
    claims.lose(partitions);
    outages.gone(partitions);
  }

  /** Nothing is read before the positions were claimed again. */
  private void dropAll() {
    claims.drop();
    consumer.pause(consumer.assignment());
  }

  /** Another one has claimed what this member was about to write; its batch is rolled back. */
  private void fenced(FencedException e) {
    if (!database.severalMayWrite()) {
      throw FinalFailures.takenOver(database, e);
    }
    otherGroups.requireNone(projection.owners(), membership.assigned());
    LOG.info("{} Asking the group which partitions are still this member's.", e.getMessage());
    pauseAll(e);
  }

  private void pauseAll(RuntimeException outage) {
    claims.drop();
    outages.pauseAll(outage);
  }
}
