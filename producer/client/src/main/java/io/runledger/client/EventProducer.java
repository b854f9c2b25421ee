package io.runledger.client;

import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.serde.AvroSerializer;
import io.runledger.serde.SchemaRegistryException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Produces events to their topics, keyed by run_id, with consecutive log calls packed into one
 * record. The Kafka producer is made when the first event is there. Not thread-safe.
 */
final class EventProducer implements AutoCloseable {

  /** The broker or the registry cannot be reached; nothing can be sent now. */
  static final class NoBrokerException extends IOException {
    private static final long serialVersionUID = 1L;

    NoBrokerException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Bytes that a row takes beside its names: numbers, lengths and nulls. */
  private static final int ROW_BYTES = 64;

  private static final int VALUE_BYTES = 16;

  /** A record of rows stays well below the largest record, because its size is only estimated. */
  private static final int PACKED_BYTES = 256 << 10;

  private final Map<String, Object> properties;
  private final int packedBytes;
  private final AvroSerializer serializer = new AvroSerializer();
  private Optional<KafkaProducer<byte[], byte[]>> producer = Optional.empty();

  EventProducer(Map<String, Object> kafka, int recordMaxBytes) {
    this.properties = producerProperties(kafka);
    this.packedBytes = Math.min(PACKED_BYTES, recordMaxBytes / 2);
    serializer.configure(kafka, false);
  }

  private static Map<String, Object> producerProperties(Map<String, Object> kafka) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 20);
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 16L << 20);
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    properties.put(ProducerConfig.CLIENT_ID_CONFIG, "runledger-sender");
    kafka.forEach(
        (key, value) -> {
          if (ProducerConfig.configNames().contains(key)) {
            properties.put(key, value);
          }
        });
    // What the promises rest on is not for sale.
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 3_000L);
    return properties;
  }

  /**
   * Hands the events to Kafka.
   *
   * @param futures takes one future a record; all are done when the broker has acknowledged all
   * @throws NoBrokerException when broker or registry cannot be reached; some may have been sent
   */
  void send(Topics topic, List<SpecificRecord> events, Consumer<Future<?>> futures)
      throws IOException {
    KafkaProducer<byte[], byte[]> kafka = producer();
    for (SpecificRecord event : topic == Topics.METRICS ? packed(events) : events) {
      byte[] key = new RunId(runId(event)).toString().getBytes(StandardCharsets.UTF_8);
      byte[] value = serialized(topic, event);
      Future<?> future;
      try {
        future = kafka.send(new ProducerRecord<>(topic.topic(), key, value));
      } catch (KafkaException e) {
        throw new NoBrokerException("Kafka takes no event", e);
      }
      refuseEarlyFailure(future);
      futures.accept(future);
    }
  }

  private byte[] serialized(Topics topic, SpecificRecord event) throws NoBrokerException {
    try {
      return serializer.serialize(topic.topic(), event);
    } catch (SchemaRegistryException e) {
      throw new NoBrokerException("the schema of " + topic.topic() + " cannot be looked up", e);
    }
  }

  private KafkaProducer<byte[], byte[]> producer() throws NoBrokerException {
    if (producer.isEmpty()) {
      try {
        producer =
            Optional.of(
                new KafkaProducer<>(
                    properties, new ByteArraySerializer(), new ByteArraySerializer()));
      } catch (KafkaException e) {
        throw new NoBrokerException("no Kafka producer can be made", e);
      }
    }
    return producer.get();
  }

  /**
   * A send that failed at once failed for want of a broker: each further one would block as long.
   */
  private static void refuseEarlyFailure(Future<?> future) throws NoBrokerException {
    if (!future.isDone()) {
      return;
    }
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new NoBrokerException("Kafka takes no event", e.getCause());
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

  private static long runId(SpecificRecord event) {
    if (event instanceof MetricsLogged metrics) {
      return metrics.getRunId();
    }
    if (event instanceof RunEvent run) {
      return run.getRunId();
    }
    if (event instanceof ErrorLogged error) {
      return error.getRunId();
    }
    return ((SlurmJobObserved) event).getRunId();
  }

  @Override
  public void close() {
    producer.ifPresent(kafka -> kafka.close(Duration.ZERO));
    producer = Optional.empty();
  }
}
