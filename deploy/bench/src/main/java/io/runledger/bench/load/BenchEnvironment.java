package io.runledger.bench.load;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import io.runledger.stack.TopicsInit;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Broker, registry and topics for the benches alone: a local stack in a directory, or a cluster on
 * which the topics are created and, at the end, deleted.
 */
public final class BenchEnvironment implements AutoCloseable {

  private final Path directory;
  private final BenchStore store;
  private final Configuration connection;
  private final Optional<LocalStack> stack;

  private BenchEnvironment(
      Path directory, BenchStore store, Configuration connection, Optional<LocalStack> stack) {
    this.directory = directory;
    this.store = store;
    this.connection = connection;
    this.stack = stack;
  }

  /** A broker and its own registry. */
  public static BenchEnvironment local(Path directory, BenchStore store) {
    LocalStack stack = LocalStack.start(directory.resolve("stack"), StackOptions.freePorts());
    return new BenchEnvironment(directory, store, stack.configuration(), Optional.of(stack));
  }

  /**
   * The environment of a cluster on which none of the topics may exist: a bench adds thousands of
   * runs.
   *
   * @throws BenchException when one exists
   */
  public static BenchEnvironment onCluster(Path directory, BenchStore store, Configuration cluster)
      throws InterruptedException {
    try (Admin admin = Admin.create(clientSettings(cluster))) {
      Set<String> existing = answer(admin.listTopics().names());
      for (String topic : new TopicNames(cluster.get(Setting.TOPICS_PREFIX)).all()) {
        if (existing.contains(topic)) {
          throw new BenchException(
              "The cluster at %s already has the topic %s, and a bench would fill it with made-up runs; set topics.prefix to an unused one, or omit the cluster to use a local one."
                  .formatted(cluster.get(Setting.BOOTSTRAP_SERVERS), topic));
        }
      }
    }
    TopicsInit.of(cluster)
        .init(
            cluster.integer(Setting.TOPICS_PARTITIONS),
            cluster.integer(Setting.TOPICS_REPLICATION_FACTOR),
            false);
    return new BenchEnvironment(directory, store, cluster, Optional.empty());
  }

  /** The directory of all files of the benches. */
  Path directory() {
    return directory;
  }

  /** The names of the topics. */
  TopicNames topics() {
    return new TopicNames(connection.get(Setting.TOPICS_PREFIX));
  }

  /** Settings with their own database and spool, in an empty directory of this name. */
  public Configuration configuration(String name) {
    Path own = Directories.makeEmpty(directory.resolve(name));
    return connection
        .with(Setting.DATA_DIR, own.toString())
        .with(Setting.DB, store.empty(own.resolve("database"), name.replace('-', '_')))
        .with(Setting.SPOOL, own.resolve("spool").toString())
        .with(Setting.GROUP_ID, topics().prefix() + "-bench")
        .with(Setting.HEALTH_PORT, "-1");
  }

  /** A producer set up as a job's sender is. */
  public KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> properties = clientSettings(connection);
    properties.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    properties.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** A consumer outside of any group. */
  public KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> properties = clientSettings(connection);
    properties.put("enable.auto.commit", false);
    properties.put("max.partition.fetch.bytes", 4 << 20);
    properties.put("max.poll.records", connection.integer(Setting.BATCH_MAX_RECORDS));
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Makes a topic of one partition. */
  public void makeTopic(String name) throws InterruptedException {
    try (Admin admin = Admin.create(clientSettings(connection))) {
      answer(admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all());
    }
  }

  public void deleteTopics(Collection<String> names) throws InterruptedException {
    try (Admin admin = Admin.create(clientSettings(connection))) {
      answer(admin.deleteTopics(names).all());
    }
  }

  /** All partitions of the four topics. */
  List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
    return topics().all().stream()
        .flatMap(topic -> consumer.partitionsFor(topic).stream())
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /** The number of offsets of all partitions together, from the first to the end. */
  public long offsets() {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      return consumer.endOffsets(partitions(consumer)).values().stream()
          .mapToLong(Long::longValue)
          .sum();
    }
  }

  /** Bytes that the topics take on the brokers, a replica counted once. */
  long topicBytes() throws InterruptedException {
    try (Admin admin = Admin.create(clientSettings(connection))) {
      List<Integer> brokers =
          answer(admin.describeCluster().nodes()).stream().map(node -> node.id()).toList();
      Map<TopicPartition, Long> sizes = new HashMap<>();
      answer(admin.describeLogDirs(brokers).allDescriptions())
          .values()
          .forEach(
              directories ->
                  directories
                      .values()
                      .forEach(
                          one ->
                              one.replicaInfos()
                                  .forEach(
                                      (partition, replica) -> {
                                        if (topics().all().contains(partition.topic())) {
                                          sizes.merge(partition, replica.size(), Math::max);
                                        }
                                      })));
      return sizes.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static Map<String, Object> clientSettings(Configuration configuration) {
    Map<String, Object> settings = new HashMap<>(configuration.kafka());
    settings
        .keySet()
        .removeIf(key -> key.startsWith("schema.registry.") || key.startsWith("basic.auth."));
    return settings;
  }

  private static <T> T answer(KafkaFuture<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new BenchException(
          e.getCause() instanceof TimeoutException
              ? "The brokers do not answer; check that they are up and that --bootstrap-server names them."
              : "The brokers refuse: " + e.getCause().getMessage(),
          e.getCause());
    }
  }

  /** Stops what was started, and deletes what was made on a cluster. */
  @Override
  public void close() {
    if (stack.isPresent()) {
      stack.get().close();
    } else {
      try {
        deleteTopics(topics().all());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
