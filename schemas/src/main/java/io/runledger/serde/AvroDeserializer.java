package io.runledger.serde;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaRegistryClient;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads our events in Confluent's wire format, for those who consume the topics with a Kafka client
 * of their own. Configured like {@link AvroSerializer}. Not thread-safe, as a consumer is not.
 */
public final class AvroDeserializer implements Deserializer<SpecificRecord> {

  private RecordDecoder decoder;

  /** For Kafka, which then calls {@link #configure}. */
  public AvroDeserializer() {}

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    if (isKey) {
      throw new IllegalArgumentException(
          "AvroDeserializer reads values; set key.deserializer to Kafka's StringDeserializer, because"
              + " the key is the run_id as text.");
    }
    SchemaRegistryClient registry = new SchemaRegistryClient(configs);
    decoder = new RecordDecoder(registry::schema);
  }

  /**
   * The event that the bytes hold.
   *
   * @return null for null
   * @throws SerializationException when the bytes are not a record of the topic
   * @throws RegistryUnavailableException when the writer's schema cannot be had now
   */
  @Override
  public SpecificRecord deserialize(String topic, byte[] value) {
    if (value == null) {
      return null;
    }
    Topics known =
        TopicNames.kindOf(topic)
            .orElseThrow(() -> new SerializationException(topic + " is not a topic of Runledger."));
    try {
      return decoder.decode(known, value);
    } catch (MalformedRecordException e) {
      throw new SerializationException(e.getMessage(), e);
    }
  }
}
