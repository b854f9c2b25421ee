package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.alert.AlertService;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.group.Member;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A loop on a mock of Kafka and a real database. */
abstract class MockedLoop {

  static final Member MEMBER = new Member("g", "this-service");

  /** The registry's id of the schema of runs, which the database holds. */
  static final int CACHED = 7;

  /** Of the schema of errors, which only the registry has, and that is down. */
  static final int UNKNOWN = 8;

  /** How long a member that was killed stays in a group. */
  static final Duration SESSION = Duration.ofSeconds(50);

  @TempDir Path dir;
  final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  final MockConsumer<byte[], byte[]> kafka = kafka();
  final FakeBrokers brokers = new FakeBrokers();
  final ServiceHealth health = new ServiceHealth(now::get);
  Path database;
  private ProjectionLocation location;
  LiveProjection projection;
  ConsumerLoop loop;
  final FutureTask<Void> running =
      new FutureTask<>(
          () -> {
            loop.run();
            return null;
          });

  @BeforeEach
  void aLogAndADatabase() throws InterruptedException {
    database = dir.resolve("ledger.db");
    LedgerTemplate.EMPTY.copyTo(database);
    location = location(database);
    projection = LiveProjection.join(location);
    projection.remember(CACHED, Topics.RUNS.schema().toString());
    for (String topic : brokers.topics().all()) {
      for (int number = 0; number < partitions(); number++) {
        brokers.partitions.put(
            new TopicPartition(topic, number),
            new LogState.PartitionLog("id-of-" + topic, 0, 1_000));
      }
    }
    ServiceMetrics metrics = new ServiceMetrics(health);
    RetentionCheck retention = new RetentionCheck(brokers, false);
    loop =
        new ConsumerLoop(
            location,
            MEMBER,
            new OtherGroups(location, MEMBER.group(), brokers, SESSION, now::get),
            kafka,
            brokers,
            Admission.besideOthers(
                brokers, MEMBER.group(), Optional.empty(), retention, SESSION, now::get),
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
            alerts(projection, metrics, now::get),
            now::get);
  }

  @AfterEach
  void end() {
    loop.end();
    // Its thread may still be at its last poll, which the database has nothing to do with.
    projection.close();
  }

  /** Where the database is. */
  abstract ProjectionLocation location(Path database);

  /** How many partitions each topic has. */
  abstract int partitions();

  /** The mock, for tests that need another one. */
  MockConsumer<byte[], byte[]> kafka() {
    return new MockConsumer<>("none");
  }

  /** Rules of alerts; none. */
  Optional<AlertService> alerts(
      LiveProjection projection, ServiceMetrics metrics, InstantSource clock) {
    return Optional.empty();
  }

  static TopicPartition partition(Topics topic, int number) {
    return new TopicPartition(TopicNames.DEFAULT.name(topic), number);
  }

  /** Joins with all partitions. */
  void start() {
    start(brokers.partitions.keySet());
  }

  void start(Collection<TopicPartition> assigned) {
    List<TopicPartition> partitions = List.copyOf(assigned);
    kafka.schedulePollTask(() -> kafka.rebalance(partitions));
    Thread thread = new Thread(running, "loop");
    thread.setDaemon(true);
    thread.start();
  }

  /** A record for one of the next polls; once polled it is gone from the mock, applied or not. */
  void given(TopicPartition partition, long offset, int schema, SpecificRecord event) {
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
  void atPoll(Runnable task) {
    kafka.schedulePollTask(task);
  }

  void fails(KafkaException how) {
    kafka.schedulePollTask(() -> kafka.setPollException(how));
  }

  void result() throws Throwable {
    try {
      running.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  void endInOrder() throws Exception {
    loop.end();
    running.get(60, TimeUnit.SECONDS);
  }

  Optional<Long> committed(TopicPartition partition) {
    return Optional.ofNullable(kafka.committed(Set.of(partition)).get(partition))
        .map(OffsetAndMetadata::offset);
  }

  void awaitState(State state) {
    await().atMost(Duration.ofSeconds(60)).until(() -> running.isDone() || health.state() == state);
    assertThat(health.state()).isEqualTo(state);
  }

  void awaitPosition(TopicPartition partition, long offset) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> running.isDone() || position(partition) == offset);
    assertThat(position(partition)).isEqualTo(offset);
  }

  long position(TopicPartition partition) {
    return projection.positions().stream()
        .filter(position -> PositionCheck.partitionOf(position).equals(partition))
        .mapToLong(Position::nextOffset)
        .findAny()
        .orElse(-1);
  }
}
