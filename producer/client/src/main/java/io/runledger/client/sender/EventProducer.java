package io.runledger.client.sender;

import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.AvroSerializer;
import io.runledger.serde.WireFormat;
import io.runledger.serde.kafka.BrokerProbe;
import io.runledger.serde.kafka.KafkaClientFailure;
import io.runledger.serde.kafka.KafkaClientGuard;
import io.runledger.serde.registry.SchemaRegistryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Produces events to their topics, keyed by run_id, with consecutive log calls packed into one
 * record. The Kafka producer is made when the first event is there. Not thread-safe.
 */
public final class EventProducer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EventProducer.class);

  /** The broker or the registry cannot be reached; nothing can be sent now. */
  static final class NoBrokerException extends BrokerException {
    private static final long serialVersionUID = 1L;

    NoBrokerException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A record on its way.
   *
   * @param record the event, or several calls' metrics packed into one
   * @param events how many events it carries; 0 for a notice of the sender, which nobody logged
   * @param future done when the broker has taken or refused it
   */
  record Sent(SpecificRecord record, int events, Future<?> future) {

    /** Whether Kafka refused it for its size; waits until that is known. */
    boolean isTooLarge() throws InterruptedException {
      return EventProducer.isTooLarge(future);
    }

    /** Whether it is only a notice about other events. */
    boolean isNotice() {
      return events == 0;
    }
  }

  /** Whether Kafka refused a record for its size; waits until that is known. */
  static boolean isTooLarge(Future<?> future) throws InterruptedException {
    try {
      future.get();
      return false;
    } catch (ExecutionException e) {
      return isTooLarge(e);
    }
  }

  static boolean isTooLarge(ExecutionException e) {
    return e.getCause() instanceof RecordTooLargeException;
  }

  /** Bytes that a row takes next to its names: numbers, lengths and nulls. */
  private static final int ROW_BYTES = 64;

  private static final int VALUE_BYTES = 16;

  /** A record of rows stays well below the largest record, because its size is only estimated. */
  private static final int PACKED_BYTES = 128 << 10;

  /**
   * Kafka's client refuses more than 1 MiB on its own, whatever a topic takes. The longest record
   * that {@code record.max.bytes} allows, and what Kafka puts around it.
   */
  private static final int LONGEST_REQUEST = 9 << 20;

  private final Map<String, Object> properties;
  private final TopicNames topics;
  private final int packedBytes;
  private final Serializer<SpecificRecord> serializer;
  private final Function<Map<String, Object>, Producer<byte[], byte[]>> producers;
  private final Map<Long, CompletableFuture<Void>> unanswered = new ConcurrentHashMap<>();
  private long lastNumber;
  private Optional<Producer<byte[], byte[]>> producer = Optional.empty();

  /** With the topics, the Kafka client's properties and the limit that are set. */
  EventProducer(Configuration configuration) {
    this(
        new TopicNames(configuration.get(Setting.TOPICS_PREFIX)),
        configuration.kafka(),
        configuration.integer(Setting.RECORD_MAX_BYTES));
  }

  EventProducer(TopicNames topics, Map<String, Object> kafka, int recordMaxBytes) {
    this(
        topics,
        producerProperties(kafka),
        recordMaxBytes,
        serializer(kafka),
        EventProducer::guarded);
  }

  static Producer<byte[], byte[]> guarded(Map<String, Object> properties) {
    BrokerProbe.stranger(properties)
        .ifPresent(
            sentence -> {
              throw new KafkaException(sentence);
            });
    return KafkaClientGuard.limited(
        KafkaClientFailure.explained(
            properties,
            () ->
                new KafkaProducer<>(
                    properties, new ByteArraySerializer(), new ByteArraySerializer())),
        KafkaClientGuard.PRODUCER_BYTES);
  }

  /**
   * As above, with another Kafka client.
   *
   * @param properties what {@code producers} is given, as far as it has not changed by then
   */
  public EventProducer(
      TopicNames topics,
      Map<String, Object> properties,
      int recordMaxBytes,
      Serializer<SpecificRecord> serializer,
      Function<Map<String, Object>, Producer<byte[], byte[]>> producers) {
    this.topics = topics;
    this.properties = new HashMap<>(properties);
    this.packedBytes = Math.min(PACKED_BYTES, recordMaxBytes / 2);
    this.serializer = serializer;
    this.producers = producers;
  }

  private static Serializer<SpecificRecord> serializer(Map<String, Object> kafka) {
    AvroSerializer serializer = new AvroSerializer();
    serializer.configure(kafka, false);
    return serializer;
  }

  static Map<String, Object> producerProperties(Map<String, Object> kafka) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 16L << 20);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LONGEST_REQUEST);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "runledger-sender");
    // The Kafka client's metrics, which nobody reads in a job, cost megabytes of classes.
    properties.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
    properties.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    kafka.forEach(
        (key, value) -> {
          if (ProducerConfig.configNames().contains(key)) {
            properties.put(key, value);
          }
        });
    // Users cannot override the settings that our guarantees depend on.
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 3_000L);
    return properties;
  }

  /**
   * Hands the events to Kafka, consecutive log calls packed into one record.
   *
   * @throws NoBrokerException when broker or registry cannot be reached; some may have been sent
   */
  List<Sent> send(Topics topic, List<SpecificRecord> events) throws IOException {
    return sendEach(topic, topic == Topics.METRICS ? packed(events) : events);
  }

  /** As {@link #send}, with a record for each event. */
  List<Sent> sendEach(Topics topic, List<SpecificRecord> events) throws IOException {
    List<Sent> all = new ArrayList<>();
    for (SpecificRecord event : events) {
      byte[] key = new RunId(Envelope.of(event).run()).toString().getBytes(StandardCharsets.UTF_8);
      byte[] value = serialized(topic, event);
      Future<?> future = send(new ProducerRecord<>(topics.name(topic), key, value));
      refuseEarlyFailure(future);
      int count = event instanceof MetricsLogged calls ? calls.getRows().size() : 1;
      all.add(new Sent(event, count, future));
    }
    return all;
  }

  /** Sends the sender's own notices about runs. */
  List<Sent> sendNotices(List<SpecificRecord> events) throws IOException {
    return sendEach(Topics.RUNS, events).stream()
        .map(sent -> new Sent(sent.record(), 0, sent.future()))
        .toList();
  }

  /**
   * Sends a line that is not an event unchanged; the service stores it as a dead letter.
   *
   * @param run the run whose file it is in, if one is known
   * @param why file, line and reason, as a sentence
   */
  Future<?> sendBadLine(Optional<RunId> run, byte[] line, String why) throws IOException {
    byte[] key = run.map(id -> id.toString().getBytes(StandardCharsets.UTF_8)).orElse(null);
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(topics.name(Topics.RUNS), key, line);
    message.headers().add(WireFormat.BAD_LINE_HEADER, why.getBytes(StandardCharsets.UTF_8));
    Future<?> future = send(message);
    refuseEarlyFailure(future);
    return future;
  }

  private Future<?> send(ProducerRecord<byte[], byte[]> message) throws NoBrokerException {
    long number = ++lastNumber;
    CompletableFuture<Void> answer = new CompletableFuture<>();
    unanswered.put(number, answer);
    try {
      handOver(message, number);
      return answer;
    } catch (KafkaException e) {
      unanswered.remove(number);
      throw noBroker(e);
    } catch (LinkageError e) {
      unanswered.remove(number);
      // Its native library is unpacked into the temporary directory, which may be noexec.
      LOG.info("zstd cannot be loaded ({}); records are compressed with gzip.", e.toString());
      properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "gzip");
      close();
      throw new NoBrokerException("zstd cannot be loaded, trying gzip", e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the answer comes to the callback
  private void handOver(ProducerRecord<byte[], byte[]> message, long number)
      throws NoBrokerException {
    producer().send(message, (place, refusal) -> answered(number, refusal));
  }

  private void answered(long number, Exception refusal) {
    CompletableFuture<Void> answer = unanswered.remove(number);
    if (answer == null) {
      return;
    }
    if (refusal == null) {
      answer.complete(null);
    } else {
      answer.completeExceptionally(refusal);
    }
  }

  /** Replaces the Kafka client when its thread has died, whatever the cause. */
  void replaceDeadClient() {
    if (producer.isEmpty() || !KafkaClientGuard.isDead(producer.get())) {
      return;
    }
    LOG.warn("The thread of the Kafka client has died; creating a new client.");
    close();
  }

  private NoBrokerException noBroker(Throwable cause) {
    Optional<String> stranger = BrokerProbe.stranger(properties);
    if (stranger.isPresent()) {
      // The client would ask the wrong server again every second, and log each answer.
      close();
    }
    return new NoBrokerException(stranger.orElse("Kafka does not accept events"), cause);
  }

  private byte[] serialized(Topics topic, SpecificRecord event) throws NoBrokerException {
    try {
      return serializer.serialize(topics.name(topic), event);
    } catch (SchemaRegistryException e) {
      throw new NoBrokerException(
          "the schema of " + topics.name(topic) + " cannot be looked up", e);
    }
  }

  private Producer<byte[], byte[]> producer() throws NoBrokerException {
    if (producer.isEmpty()) {
      try {
        producer = Optional.of(producers.apply(properties));
      } catch (KafkaException | InvalidConfigurationException e) {
        throw new NoBrokerException(e.getMessage(), e);
      }
    }
    return producer.get();
  }

  /** A send that failed at once lacked a broker: each further one would block as long. */
  private void refuseEarlyFailure(Future<?> future) throws NoBrokerException {
    if (!future.isDone()) {
      return;
    }
    try {
      future.get();
    } catch (ExecutionException e) {
      if (!isTooLarge(e)) {
        throw noBroker(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoBrokerException("interrupted", e);
    }
  }

  private List<SpecificRecord> packed(List<SpecificRecord> calls) {
    List<SpecificRecord> records = new ArrayList<>();
    List<MetricRow> rows = new ArrayList<>();
    MetricsLogged first = null;
    long bytes = 0;
    for (SpecificRecord event : calls) {
      MetricsLogged call = (MetricsLogged) event;
      boolean follows =
          first != null
              && call.getFirstSeq() == first.getFirstSeq() + rows.size()
              && call.getWriterId() == first.getWriterId()
              && call.getAttemptId() == first.getAttemptId()
              && call.getRunId() == first.getRunId();
      if (!follows || bytes > packedBytes) {
        add(records, first, rows);
        first = call;
        rows = new ArrayList<>();
        bytes = 0;
      }
      rows.addAll(call.getRows());
      bytes += estimatedBytes(call);
    }
    add(records, first, rows);
    return records;
  }

  private static void add(List<SpecificRecord> records, MetricsLogged first, List<MetricRow> rows) {
    if (first != null) {
      records.add(
          new MetricsLogged(
              first.getRunId(),
              first.getAttemptId(),
              first.getWriterId(),
              first.getFirstSeq(),
              rows));
    }
  }

  private static long estimatedBytes(MetricsLogged call) {
    long bytes = 0;
    for (MetricRow row : call.getRows()) {
      bytes += ROW_BYTES;
      for (String name : row.getValues().keySet()) {
        bytes += VALUE_BYTES + 3L * name.length();
      }
    }
    return bytes;
  }

  @Override
  public void close() {
    producer.ifPresent(kafka -> kafka.close(Duration.ZERO));
    producer = Optional.empty();
    // What a dead client leaves unanswered is sent again by the next one.
    NetworkException lost = new NetworkException("The Kafka client was closed.");
    List.copyOf(unanswered.keySet()).forEach(number -> answered(number, lost));
  }
}
