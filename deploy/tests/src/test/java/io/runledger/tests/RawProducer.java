package io.runledger.tests;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.AvroSerializer;
import io.runledger.stack.LocalStack;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Puts records on the topics past the client, as they are given. */
final class RawProducer implements AutoCloseable {

  private final TopicNames topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AvroSerializer serializer = new AvroSerializer();
  private final List<Future<RecordMetadata>> begun = new ArrayList<>();

  RawProducer(LocalStack stack) {
    this(stack.configuration());
  }

  /** To the topics of these settings. */
  RawProducer(Configuration configuration) {
    this(configuration, Map.of());
  }

  /** One that takes records of any length that become short when they are packed. */
  static RawProducer ofLongRecords(Configuration configuration) {
    return new RawProducer(
        configuration,
        Map.of("max.request.size", Integer.MAX_VALUE, "buffer.memory", (long) Integer.MAX_VALUE));
  }

  private RawProducer(Configuration configuration, Map<String, Object> limits) {
    topics = new TopicNames(configuration.get(Setting.TOPICS_PREFIX));
    Map<String, Object> settings = new HashMap<>(configuration.kafka());
    settings.put("compression.type", "zstd");
    settings.putAll(limits);
    serializer.configure(settings, false);
    settings.remove("schema.registry.url");
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Sends all of them and returns when the broker has them, with the place of each. */
  List<RecordMetadata> send(List<TrainingHistory.Message> messages)
      throws InterruptedException, ExecutionException {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (TrainingHistory.Message message : messages) {
      sent.add(
          producer.send(
              new ProducerRecord<>(
                  topics.name(message.topic()),
                  message.run().toString().getBytes(StandardCharsets.UTF_8),
                  serializer.serialize(topics.name(message.topic()), message.value()))));
    }
    List<RecordMetadata> places = new ArrayList<>();
    for (Future<RecordMetadata> future : sent) {
      places.add(future.get());
    }
    return places;
  }

  byte[] serialized(TrainingHistory.Message message) {
    return serializer.serialize(topics.name(message.topic()), message.value());
  }

  /** Sends bytes as they are. */
  void send(Topics topic, byte[] key, byte[] value)
      throws InterruptedException, ExecutionException {
    producer.send(new ProducerRecord<>(topics.name(topic), key, value)).get();
  }

  /** Sends bytes as they are, and waits for nobody. */
  void begin(Topics topic, byte[] key, byte[] value) {
    begun.add(producer.send(new ProducerRecord<>(topics.name(topic), key, value)));
  }

  /** Returns when the broker has all that was begun. */
  void flush() throws InterruptedException, ExecutionException {
    for (Future<RecordMetadata> future : begun) {
      future.get();
    }
    begun.clear();
  }

  @Override
  public void close() {
    producer.close();
  }
}
