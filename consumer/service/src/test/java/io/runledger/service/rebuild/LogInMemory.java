package io.runledger.service.rebuild;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.log.LogKind;
import io.runledger.service.log.LogReader;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.TopicReader;
import io.runledger.service.log.WholeLog;
import io.runledger.service.log.WireBytes;
import io.runledger.sqlite.SqliteProjection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** A log with one partition a topic, held in memory. Its schemas are those of the topics. */
class LogInMemory implements WholeLog {

  private static final String CLUSTER = "cluster";

  /** A database without events that holds the schemas of such a log: it needs no registry. */
  static final LedgerTemplate LEDGER =
      new LedgerTemplate(
          database -> {
            try (Projection projection = SqliteProjection.open(database)) {
              schemas().forEach(projection::rememberSchema);
            }
          });

  private final Map<TopicPartition, LogState.PartitionLog> partitions = new HashMap<>();
  private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
  private final List<Reader> readers = new ArrayList<>();

  /** What its topics should be called. */
  TopicNames topics = TopicNames.DEFAULT;

  /** The one of those who read it. */
  InstantSource clock = InstantSource.system();

  /** What happens at each poll, on the thread that polls. */
  volatile Runnable atPoll = () -> {};

  LogInMemory() {
    for (Topics topic : Topics.values()) {
      partitions.put(partition(topic), new LogState.PartitionLog("id-of-" + topic, 0, 0));
      records.put(partition(topic), new ArrayList<>());
    }
  }

  static TopicPartition partition(Topics topic) {
    return new TopicPartition(TopicNames.DEFAULT.name(topic), 0);
  }

  static Map<Integer, String> schemas() {
    Map<Integer, String> schemas = new HashMap<>();
    for (Topics topic : Topics.values()) {
      schemas.put(schemaId(topic), topic.schema().toString());
    }
    return schemas;
  }

  static int schemaId(Topics topic) {
    return 1 + List.of(Topics.values()).indexOf(topic);
  }

  void append(SpecificRecord event) {
    Topics topic = Topics.of(event);
    append(topic, WireBytes.key(event), WireBytes.value(schemaId(topic), event));
  }

  void append(Topics topic, byte[] key, byte[] value) {
    TopicPartition to = partition(topic);
    records
        .get(to)
        .add(
            new ConsumerRecord<>(to.topic(), to.partition(), partitions.get(to).end(), key, value));
    marker(topic);
  }

  /** An offset without a record, as the end of a transaction takes one. */
  void marker(Topics topic) {
    partitions.computeIfPresent(
        partition(topic),
        (at, log) -> new LogState.PartitionLog(log.topicId(), log.start(), log.end() + 1));
  }

  /** What is before an offset is gone. */
  void forget(Topics topic, long upTo) {
    records.get(partition(topic)).removeIf(record -> record.offset() < upTo);
    partitions.computeIfPresent(
        partition(topic),
        (at, log) -> new LogState.PartitionLog(log.topicId(), upTo, Math.max(upTo, log.end())));
  }

  Map<TopicPartition, Long> ends() {
    Map<TopicPartition, Long> ends = new HashMap<>();
    partitions.forEach((partition, log) -> ends.put(partition, log.end()));
    return ends;
  }

  /** Whether everybody who read it has closed the consumer. */
  boolean isLeftAlone() {
    return readers.stream().allMatch(MockConsumer::closed);
  }

  int readers() {
    return readers.size();
  }

  @Override
  public void requireOwn(ProjectionLocation database, List<Position> stored) {
    PositionCheck.requireOwnTopics(database, stored, topics);
  }

  @Override
  public LogState inspect() {
    return new LogState(LogKind.TOPICS, CLUSTER, partitions);
  }

  @Override
  public LogReader reader(
      List<Position> from, Map<TopicPartition, Long> ends, Map<Integer, String> schemas) {
    Reader reader = new Reader();
    readers.add(reader);
    SchemaRegistryClient away =
        new SchemaRegistryClient(Map.of("schema.registry.url", "http://127.0.0.1:1"));
    return new TopicReader(reader, TopicNames.DEFAULT, away, from, ends, schemas, clock);
  }

  /** Gives all that follows the positions, and where the next poll resumes. */
  private final class Reader extends MockConsumer<byte[], byte[]> {
    private boolean woken;

    Reader() {
      super("none");
    }

    @Override
    public synchronized void wakeup() {
      woken = true;
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      if (woken) {
        throw new WakeupException();
      }
      atPoll.run();
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> found = new HashMap<>();
      Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
      for (TopicPartition partition : assignment()) {
        long position = position(partition);
        long end = partitions.get(partition).end();
        if (!paused().contains(partition) && position < end) {
          found.put(
              partition,
              records.get(partition).stream()
                  .filter(record -> record.offset() >= position)
                  .toList());
          next.put(partition, new OffsetAndMetadata(end));
          seek(partition, end);
        }
      }
      return new ConsumerRecords<>(found, next);
    }
  }
}
