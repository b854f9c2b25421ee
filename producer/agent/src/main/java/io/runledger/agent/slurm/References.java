package io.runledger.agent.slurm;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmReference;
import io.runledger.serde.MalformedRecordException;
import io.runledger.serde.RecordDecoder;
import io.runledger.serde.kafka.BoundedConsumer;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaRegistryClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads from the topic of runs which attempts were made in SLURM jobs of one cluster. It reads
 * outside of any consumer group, and keeps its own position. Not thread-safe.
 */
final class References implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(References.class);

  /** Partitions that are added are seen within this time. */
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofMinutes(1);

  private final String topic;
  private final String cluster;
  private final Instant since;
  private final Consumer<byte[], byte[]> consumer;
  private final RecordDecoder decoder;
  private final Map<Integer, Long> offsets;
  private long nextLook = System.nanoTime();
  private boolean troubleTold;

  /**
   * @param offsets where to continue; partitions that are missing begin at {@code since}
   */
  References(
      Configuration configuration, String cluster, Map<Integer, Long> offsets, Instant since) {
    this(
        new TopicNames(configuration.get(Setting.TOPICS_PREFIX)),
        cluster,
        offsets,
        since,
        BoundedConsumer.of(properties(configuration.kafka())),
        new SchemaRegistryClient(configuration.kafka()));
  }

  References(
      TopicNames topics,
      String cluster,
      Map<Integer, Long> offsets,
      Instant since,
      Consumer<byte[], byte[]> consumer,
      LedgerSchemas.Registry registry) {
    this.topic = topics.name(Topics.RUNS);
    this.cluster = cluster;
    this.since = since;
    this.offsets = new TreeMap<>(offsets);
    this.consumer = consumer;
    this.decoder = new RecordDecoder(new LedgerSchemas(topics, registry, InstantSource.system()));
  }

  private static Map<String, Object> properties(Map<String, Object> kafka) {
    Map<String, Object> properties = new HashMap<>();
    kafka.forEach(
        (key, value) -> {
          if (ConsumerConfig.configNames().contains(key)) {
            properties.put(key, value);
          }
        });
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, "runledger-slurm");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    // Records that no longer exist refer to jobs that SLURM has forgotten too.
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return properties;
  }

  /** Where each partition continues. */
  Map<Integer, Long> offsets() {
    return Map.copyOf(offsets);
  }

  /**
   * The references that came since the last call, waiting a while for the first. If the broker or
   * the registry is down, later calls try again.
   */
  List<Reference> poll(Duration atMost) {
    List<Reference> references = new ArrayList<>();
    try {
      lookForPartitions();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(atMost)) {
        reference(record).ifPresent(references::add);
        offsets.put(record.partition(), record.offset() + 1);
      }
      troubleTold = false;
    } catch (RegistryUnavailableException | KafkaException e) {
      warn(e);
      goBack();
    }
    return references;
  }

  private void lookForPartitions() {
    if (System.nanoTime() - nextLook < 0) {
      return;
    }
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    Set<TopicPartition> partitions =
        found.stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .collect(Collectors.toSet());
    if (!partitions.equals(consumer.assignment())) {
      begin(partitions);
      consumer.assign(partitions);
      goBack();
    }
    nextLook = System.nanoTime() + LOOK_FOR_PARTITIONS.toNanos();
  }

  private void begin(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> wanted =
        partitions.stream()
            .filter(partition -> !offsets.containsKey(partition.partition()))
            .collect(Collectors.toMap(partition -> partition, partition -> since.toEpochMilli()));
    if (wanted.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(wanted.keySet());
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(wanted);
    wanted
        .keySet()
        .forEach(
            partition ->
                offsets.put(
                    partition.partition(),
                    Optional.ofNullable(found.get(partition))
                        .map(OffsetAndTimestamp::offset)
                        .orElse(ends.get(partition))));
  }

  /** Continues after what was returned, and not after what was fetched. */
  private void goBack() {
    for (TopicPartition partition : consumer.assignment()) {
      consumer.seek(partition, offsets.get(partition.partition()));
    }
  }

  private Optional<Reference> reference(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return Optional.empty();
    }
    RunEvent event;
    try {
      event = (RunEvent) decoder.decode(Topics.RUNS, record.value());
    } catch (MalformedRecordException e) {
      // The consumer service keeps it as a dead letter.
      LOG.debug(
          "{}-{}@{} is not an event.", record.topic(), record.partition(), record.offset(), e);
      return Optional.empty();
    }
    if (!(event.getEvent() instanceof RunStarted started) || started.getSlurm() == null) {
      return Optional.empty();
    }
    SlurmReference job = started.getSlurm();
    // Job ids of another cluster, or of one that has no name, are other jobs.
    return cluster.equals(job.getCluster()) && event.getRunId() > 0
        ? Optional.of(
            new Reference(
                job.getJobId(),
                new RunId(event.getRunId()),
                event.getAttemptId(),
                job.getRestartCount(),
                event.getAt()))
        : Optional.empty();
  }

  private void warn(RuntimeException e) {
    if (!troubleTold) {
      LOG.warn(
          "Cannot read new runs at the moment; known jobs are still watched: {}", e.toString());
      troubleTold = true;
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
