package io.runledger.tests;

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

  private final KafkaProducer<byte[], byte[]> producer;
  private final AvroSerializer serializer = new AvroSerializer();

  RawProducer(LocalStack stack) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", stack.bootstrapServers());
    settings.put("schema.registry.url", stack.registryUrl());
    settings.put("compression.type", "zstd");
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
                  message.topic().topic(),
                  message.run().toString().getBytes(StandardCharsets.UTF_8),
                  serializer.serialize(message.topic().topic(), message.value()))));
    }
    List<RecordMetadata> places = new ArrayList<>();
    for (Future<RecordMetadata> future : sent) {
      places.add(future.get());
    }
    return places;
  }

  byte[] serialized(TrainingHistory.Message message) {
    return serializer.serialize(message.topic().topic(), message.value());
  }

  /** Sends bytes as they are. */
  void send(String topic, byte[] key, byte[] value)
      throws InterruptedException, ExecutionException {
    producer.send(new ProducerRecord<>(topic, key, value)).get();
  }

  @Override
  public void close() {
    producer.close();
  }
}
