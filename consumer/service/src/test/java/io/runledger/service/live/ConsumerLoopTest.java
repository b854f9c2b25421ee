package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.contract.Events;
import io.runledger.fold.batch.Position;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.FakeBrokers;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.RetentionCheck;
import io.runledger.service.log.WireBytes;
import io.runledger.service.log.WriterSchemas;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.TakenOverException;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The loop on a mock of Kafka and a real database: when it continues, when it waits, when it stops.
 */
class ConsumerLoopTest {

  private static final String OWNER = "this-service";
  private static final TopicPartition RUNS =
      new TopicPartition(TopicNames.DEFAULT.name(Topics.RUNS), 0);
  private static final TopicPartition ERRORS =
      new TopicPartition(TopicNames.DEFAULT.name(Topics.ERRORS), 0);

  /** The registry's id of the schema of runs, which the database holds. */
  private static final int CACHED = 7;

  /** Of the schema of errors, which only the registry has, and that is down. */
  private static final int UNKNOWN = 8;

  @TempDir private Path dir;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final FakeBrokers brokers = new FakeBrokers();
  private final ServiceHealth health = new ServiceHealth(now::get);
  private Path database;
  private LiveProjection projection;
  private ConsumerLoop loop;
  private final FutureTask<Void> running =
      new FutureTask<>(
          () -> {
            loop.run();
            return null;
          });

  @BeforeEach
  void aLogWithOnePartitionInEachTopic() {
    database = dir.resolve("ledger.db");
    projection = LiveProjection.open(new SqliteLocation(database));
    projection.remember(CACHED, Topics.RUNS.schema().toString());
    for (String topic : brokers.topics().all()) {
      brokers.partitions.put(
          new TopicPartition(topic, 0), new LogState.PartitionLog("id-of-" + topic, 0, 1_000));
    }
    ServiceMetrics metrics = new ServiceMetrics(health);
    RetentionCheck retention = new RetentionCheck(brokers, false);
    loop =
        new ConsumerLoop(
            new SqliteLocation(database),
            OWNER,
            kafka,
            brokers,
            new Admission(brokers, "g", OWNER, retention, Duration.ofSeconds(50), now::get),
            retention,
            projection,
            new BatchDecoder(
                new WriterSchemas(
                    brokers.topics(),
                    new SchemaRegistryClient(Map.of("schema.registry.url", "http://127.0.0.1:1")),
                    projection,
                    now::get)),
            health,
            metrics,
            Duration.ofSeconds(5),
            new WriteAheadLogWatch(1L << 30, health, metrics, now::get),
            Optional.empty(),
            now::get);
  }

  @AfterEach
  void end() {
    loop.end();
    // Its thread may still be at its last poll, which the database has nothing to do with.
    projection.close();
  }

  @Test
  void whatIsPolledIsAppliedAndThePositionAndKafkaAreMovedBehindIt() throws Exception {
    Events events = Events.ofSeed(1);

    start();
    given(RUNS, 0, CACHED, events.started());
    given(RUNS, 1, CACHED, events.completed());

    awaitPosition(RUNS, 2);
    assertThat(health.report().healthy()).isTrue();
    // Kafka is told after the database, by the loop's thread.
    await("the offset for lag tools")
        .atMost(Duration.ofSeconds(60))
        .until(() -> committed(RUNS).filter(offset -> offset == 2).isPresent());
    endInOrder();
  }

  @Test
  void aSchemaThatNobodyCanGiveHoldsItsPartitionAndNoOther() throws Exception {
    Events events = Events.ofSeed(1);
    SpecificRecord error = events.error("ValueError", "bad shape");

    start();
    given(ERRORS, 0, UNKNOWN, error);
    given(RUNS, 0, CACHED, events.started());

    awaitPosition(RUNS, 1);
    awaitState(State.PAUSED);
    assertThat(position(ERRORS)).as("in front of the record").isZero();
    assertThat(kafka.paused()).containsExactly(ERRORS);

    projection.remember(UNKNOWN, Topics.ERRORS.schema().toString());
    given(ERRORS, 0, UNKNOWN, error);
    now.set(now.get().plusSeconds(10));

    awaitPosition(ERRORS, 1);
    awaitState(State.RUNNING);
    endInOrder();
  }

  @Test
  void aMemberThatWasGivenSomeOfThePartitionsReadsNone() throws Exception {
    start(List.of(RUNS, ERRORS));
    given(RUNS, 0, CACHED, Events.ofSeed(1).started());

    awaitState(State.WAITING);
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("2 of 4 partitions"));
    assertThat(projection.positions()).isEmpty();
    endInOrder();
  }

  @Test
  void recordsThatWereDeletedBeforeTheyWereReadStopItAndAreNotJumpedOver() throws Exception {
    start();
    awaitState(State.RUNNING);

    brokers.partitions.put(RUNS, new LogState.PartitionLog("id-of-" + RUNS.topic(), 500, 1_000));
    fails(new OffsetOutOfRangeException(Map.of(RUNS, 0L)));

    // Right after an outage it waits a little before it compares positions with the log.
    awaitState(State.PAUSED);
    now.set(now.get().plusSeconds(10));
    assertThatThrownBy(this::result)
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("stored 0, found 500");
    assertThat(position(RUNS)).isZero();
  }

  @Test
  void anOutageOfTheBrokersPausesItUntilTheyAnswer() throws Exception {
    start();
    awaitState(State.RUNNING);

    fails(new KafkaException("no route to any broker"));
    awaitState(State.PAUSED);
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("no route to any broker"));

    now.set(now.get().plusSeconds(10));
    awaitState(State.RUNNING);
    given(RUNS, 0, CACHED, Events.ofSeed(1).started());
    awaitPosition(RUNS, 1);
    endInOrder();
  }

  @Test
  void whoClaimsThePositionsTakesOverAndTheBatchInHandIsNotWritten() throws Exception {
    start();
    awaitState(State.RUNNING);
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = other.createStatement()) {
      statement.execute("UPDATE positions SET owner = 'another-service'");
    }

    given(RUNS, 0, CACHED, Events.ofSeed(1).started());

    assertThatThrownBy(this::result)
        .isInstanceOf(TakenOverException.class)
        .hasMessageContaining(database.toString());
    projection.reopen();
    assertThat(position(RUNS)).isZero();
  }

  @Test
  void aMemberWithTheSameInstanceIdTakesOver() throws Exception {
    start();
    awaitState(State.RUNNING);

    fails(new FencedInstanceIdException("the broker knows a newer one"));

    assertThatThrownBy(this::result).isInstanceOf(TakenOverException.class);
  }

  @Test
  void brokersThatRefuseItAreNothingToWaitFor() throws Exception {
    start();
    awaitState(State.RUNNING);

    fails(new TopicAuthorizationException("Not authorized to access topics"));

    assertThatThrownBy(this::result)
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("Not authorized");
  }

  /** Joins with all partitions. */
  private void start() {
    start(brokers.partitions.keySet());
  }

  private void start(Collection<TopicPartition> assigned) {
    List<TopicPartition> partitions = List.copyOf(assigned);
    kafka.schedulePollTask(() -> kafka.rebalance(partitions));
    Thread thread = new Thread(running, "loop");
    thread.setDaemon(true);
    thread.start();
  }

  /** A record for one of the next polls; once polled it is gone from the mock, applied or not. */
  private void given(TopicPartition partition, long offset, int schema, SpecificRecord event) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            partition.topic(),
            partition.partition(),
            offset,
            WireBytes.key(event),
            WireBytes.value(schema, event));
    atPoll(() -> kafka.addRecord(record));
  }

  /** Before one of the next polls, when the partitions are assigned. */
  private void atPoll(Runnable task) {
    kafka.schedulePollTask(task);
  }

  private void fails(KafkaException how) {
    kafka.schedulePollTask(() -> kafka.setPollException(how));
  }

  private void result() throws Throwable {
    try {
      running.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  private void endInOrder() throws Exception {
    loop.end();
    running.get(60, TimeUnit.SECONDS);
  }

  private Optional<Long> committed(TopicPartition partition) {
    return Optional.ofNullable(kafka.committed(Set.of(partition)).get(partition))
        .map(OffsetAndMetadata::offset);
  }

  private void awaitState(State state) {
    await().atMost(Duration.ofSeconds(60)).until(() -> running.isDone() || health.state() == state);
    assertThat(health.state()).isEqualTo(state);
  }

  private void awaitPosition(TopicPartition partition, long offset) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> running.isDone() || position(partition) == offset);
    assertThat(position(partition)).isEqualTo(offset);
  }

  private long position(TopicPartition partition) {
    return projection.positions().stream()
        .filter(position -> PositionCheck.partitionOf(position).equals(partition))
        .mapToLong(Position::nextOffset)
        .findAny()
        .orElse(-1);
  }
}
