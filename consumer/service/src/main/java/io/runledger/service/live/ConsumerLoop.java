package io.runledger.service.live;

import io.runledger.config.FailPoint;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.alert.AlertService;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.deadletters.DeadLetterHandler;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.BatchDecoder.DecodedSlice;
import io.runledger.service.log.Brokers;
import io.runledger.service.log.Cursor;
import io.runledger.service.log.DecodeAhead;
import io.runledger.service.log.LogInspector;
import io.runledger.service.log.LogState;
import io.runledger.service.log.LogWatch;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.RetentionCheck;
import io.runledger.service.log.Slice;
import io.runledger.service.stop.DamagedDatabaseException;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.StopException;
import io.runledger.service.stop.TakenOverException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
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
  private final String owner;
  private final Consumer<byte[], byte[]> consumer;
  private final Brokers brokers;
  private final Admission admission;
  private final LiveProjection projection;
  private final BatchDecoder decoder;
  private final DecodeAhead ahead;
  private final ServiceHealth health;
  private final ServiceMetrics metrics;
  private final DeadLetterHandler handler;
  private final LogWatch watch;
  private final Duration batchTime;
  private final InstantSource clock;
  private final GroupMembership membership;
  private final WriteAheadLogWatch writeAheadLog;
  private final Optional<AlertService> alerts;
  private final Outages outages;
  private final CountDownLatch closing = new CountDownLatch(1);

  /** Empty until positions were compared with the log and claimed. */
  private Optional<Cursor> cursor = Optional.empty();

  /** Those of the cursor, for other threads. */
  private volatile List<Position> positions = List.of();

  public ConsumerLoop(
      ProjectionLocation database,
      String owner,
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
    this.owner = owner;
    this.consumer = consumer;
    this.brokers = brokers;
    this.admission = admission;
    this.projection = projection;
    this.decoder = decoder;
    this.ahead = new DecodeAhead(decoder);
    this.health = health;
    this.metrics = metrics;
    this.batchTime = batchTime;
    this.writeAheadLog = writeAheadLog;
    this.alerts = alerts;
    this.clock = clock;
    this.handler = new DeadLetterHandler(database, projection, decoder::decodeAgain, clock);
    this.membership = new GroupMembership(consumer);
    this.outages = new Outages(consumer, health, clock);
    this.watch = new LogWatch(database, brokers, retention, health, metrics, () -> positions);
  }

  /**
   * Runs until {@link #end()}.
   *
   * @throws StopException when it must not continue
   */
  public void run() throws InterruptedException {
    try (watch;
        ahead) {
      joinTheGroup();
      while (running()) {
        try {
          step();
        } catch (WakeupException e) {
          // end() wakes a poll; the condition of the loop is what counts.
          LOG.debug("Woken up to stop.", e);
        } catch (FencedException e) {
          throw takenOver(e);
        } catch (ProjectionDamagedException e) {
          throw new DamagedDatabaseException(e);
        } catch (KafkaException e) {
          throwIfFinal(e);
          pauseAll(e);
        } catch (LogInspector.BrokersUnavailableException | ProjectionUnavailableException e) {
          pauseAll(e);
        }
      }
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
    if (membership.changed()) {
      cursor = Optional.empty();
    }
    if (cursor.isPresent() && projection.isSuperseded()) {
      LOG.info("{} is a new generation; continuing from its positions.", database);
      cursor = Optional.empty();
    }
    if (cursor.isEmpty()) {
      claimPositions();
      return;
    }
    outages.retryHeld();
    handler.serve();
    project(polled, cursor.get());
    writeAheadLog.look(projection);
    alerts.ifPresent(rules -> rules.look(health.isCaughtUp()));
    if (polled.isEmpty()) {
      outages.recovered();
    }
  }

  /**
   * Opens the database, compares its positions with the log, claims them and reads on from them.
   */
  private void claimPositions() {
    if (membership.assigned().isEmpty() || !outages.mayTry()) {
      return;
    }
    LogState log = brokers.inspect();
    if (!membership.assigned().equals(log.names())) {
      outages.wait(
          "The consumer group assigned %d of %d partitions to this member, which reads all or none; the group has other members."
              .formatted(membership.assigned().size(), log.names().size()));
      return;
    }
    projection.reopen();
    decoder.forgetSchemas();
    Cursor claimed =
        new Cursor(
            projection.claim(owner, PositionCheck.resume(database, projection.positions(), log)));
    claimed.seek(consumer);
    outages.claimed(membership.assigned());
    cursor = Optional.of(claimed);
    positions = claimed.positions();
    health.gaps(projection.gaps());
    LOG.info("Reading {} partitions into {}.", log.names().size(), database);
  }

  private void project(ConsumerRecords<byte[], byte[]> polled, Cursor from) {
    Instant deadline = clock.instant().plus(batchTime);
    boolean allApplied = true;
    try (DecodeAhead.Decoding slices = ahead.begin(Slice.of(polled).iterator())) {
      while (slices.hasNext() && allApplied) {
        allApplied = apply(slices.next(), from);
        // The group must hear from us; what is left is cheap to fetch again.
        allApplied &= !slices.hasNext() || clock.instant().isBefore(deadline);
      }
    }
    if (!allApplied) {
      from.seek(consumer);
    }
  }

  /** Whether all of the slice is in the database now. */
  private boolean apply(DecodedSlice decoded, Cursor from) {
    Instant begun = clock.instant();
    List<Advance> advances = from.advances(decoded.next());
    FailPoint.hit("polled");
    if (!advances.isEmpty()) {
      BatchResult result = projection.apply(new Batch(decoded.records(), advances));
      from.moved(advances);
      positions = from.positions();
      health.applied();
      metrics.batch(result, Duration.between(begun, clock.instant()));
      commitForLagTools(advances);
      FailPoint.hit("kafka-told");
      outages.passed(advances);
    }
    if (decoded.outage().isPresent()) {
      outages.hold(decoded.blocked(), decoded.outage().get());
      return false;
    }
    outages.recovered();
    return true;
  }

  /** For lag tools alone: nobody reads these offsets back, so a failure costs nothing. */
  private void commitForLagTools(List<Advance> advances) {
    consumer.commitAsync(
        Cursor.forLagTools(advances),
        (offsets, failure) -> {
          if (failure != null) {
            LOG.debug("Kafka did not accept the commit of {}.", offsets, failure);
          }
        });
  }

  private void pauseAll(RuntimeException outage) {
    cursor = Optional.empty();
    outages.pauseAll(outage);
  }

  private void throwIfFinal(KafkaException e) {
    if (e instanceof LogTruncationException truncation) {
      throw new PositionException(
          "The log of %s was truncated and rewritten behind the stored positions %s (it diverges at %s). Nothing was changed. Restore the log, or run 'runledger rebuild --db %s --accept-gap'."
              .formatted(
                  truncation.divergentOffsets().keySet(),
                  truncation.offsetOutOfRangePartitions(),
                  truncation.divergentOffsets(),
                  database));
    }
    if (e instanceof FencedInstanceIdException) {
      throw takenOver(e);
    }
    if (e instanceof AuthorizationException || e instanceof AuthenticationException) {
      throw new LogUnreadableException(
          "The brokers refuse this service: " + e.getMessage() + " Check its permissions.", e);
    }
    if (e instanceof InvalidOffsetException) {
      // Comparing the positions with the log again finds out why, or finds nothing wrong any more.
      LOG.warn("{}", e.getMessage());
    }
  }

  private TakenOverException takenOver(RuntimeException cause) {
    return new TakenOverException(
        "Another writer has taken over %s (%s); this one is stopping. The current batch was not written."
            .formatted(database, cause.getMessage()),
        cause);
  }
}
