package io.runledger.bench.load;

import io.runledger.schemas.TopicNames;
import io.runledger.serde.AvroSerializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A load on the topics, and how fast bare clients of Kafka write and read it.
 *
 * @param points on the topics
 * @param runs that they belong to
 * @param payloadBytes of keys and values before compression
 * @param topicBytes on the brokers
 * @param offsets number of offsets that the load takes
 * @param writeSeconds of a bare producer, including the generation of the load
 * @param readSeconds of a bare consumer that reads no content
 */
public record FilledLog(
    long points,
    long runs,
    long payloadBytes,
    long topicBytes,
    long offsets,
    double writeSeconds,
    double readSeconds) {

  /** Puts the load on the topics of {@code environment}, which must be empty. */
  public static FilledLog fill(BenchEnvironment environment, Workload load)
      throws InterruptedException {
    Filling filling = new Filling(environment.topics());
    AvroSerializer serializer = new AvroSerializer();
    serializer.configure(environment.configuration("fill").kafka(), false);
    long begun = System.nanoTime();
    try (KafkaProducer<byte[], byte[]> producer = environment.producer()) {
      load.forEach(message -> filling.send(producer, serializer, message));
      producer.flush();
    }
    double writeSeconds = (System.nanoTime() - begun) / 1e9;
    filling.throwIfFailed();
    return new FilledLog(
        filling.points,
        load.runs(),
        filling.bytes,
        environment.topicBytes(),
        environment.offsets(),
        writeSeconds,
        read(environment, filling.records));
  }

  private static final class Filling {
    private final TopicNames topics;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private long points;
    private long records;
    private long bytes;

    Filling(TopicNames topics) {
      this.topics = topics;
    }

    void send(
        KafkaProducer<byte[], byte[]> producer,
        AvroSerializer serializer,
        Workload.Message message) {
      String topic = topics.name(message.topic());
      byte[] key = message.run().toString().getBytes(StandardCharsets.UTF_8);
      byte[] value = serializer.serialize(topic, message.event());
      var unused =
          producer.send(
              new ProducerRecord<>(topic, key, value),
              (metadata, e) -> {
                if (e != null) {
                  failure.compareAndSet(null, e);
                }
              });
      points += message.points();
      records++;
      bytes += key.length + (long) value.length;
    }

    void throwIfFailed() {
      Optional<Exception> failed = Optional.ofNullable(failure.get());
      if (failed.isPresent()) {
        throw new BenchException(
            "Cannot write the load to the topics: " + failed.get().getMessage(), failed.get());
      }
    }
  }

  private static double read(BenchEnvironment environment, long records) {
    try (KafkaConsumer<byte[], byte[]> consumer = environment.consumer()) {
      consumer.assign(environment.partitions(consumer));
      consumer.seekToBeginning(consumer.assignment());
      Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
      Set<TopicPartition> left = new HashSet<>(consumer.assignment());
      left.removeIf(partition -> ends.get(partition) == 0);
      long begun = System.nanoTime();
      long seen = 0;
      while (!left.isEmpty()) {
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(250));
        for (ConsumerRecord<byte[], byte[]> record : polled) {
          seen += record.value() == null ? 0 : 1;
        }
        polled
            .nextOffsets()
            .forEach(
                (partition, next) -> {
                  if (next.offset() >= ends.get(partition)) {
                    left.remove(partition);
                  }
                });
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (seen != records) {
        throw new BenchException(
            "%,d records were written to the topics, but %,d were read back."
                .formatted(records, seen));
      }
      return seconds;
    }
  }
}
