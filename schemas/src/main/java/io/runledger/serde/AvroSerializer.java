package io.runledger.serde;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.serde.registry.SchemaRegistryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes our events in Confluent's wire format, with the schema's id looked up in the registry
 * under the subject {@code <topic>-value}.
 *
 * <p>Configured as Confluent's own: {@code schema.registry.url}, {@code basic.auth.*}, {@code
 * auto.register.schemas} (false here: schemas are registered by {@code runledger topics init},
 * never by a job). Thread-safe once configured.
 */
public final class AvroSerializer implements Serializer<SpecificRecord> {

  private static final Map<Topics, DatumWriter<SpecificRecord>> WRITERS =
      Arrays.stream(Topics.values())
          .collect(Collectors.toUnmodifiableMap(Function.identity(), EventModel::writer));

  private SchemaRegistryClient registry;
  private boolean autoRegister;

  /** For Kafka, which then calls {@link #configure}. */
  public AvroSerializer() {}

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    if (isKey) {
      throw new IllegalArgumentException(
          "AvroSerializer writes values; set key.serializer to Kafka's StringSerializer, because the"
              + " key is the run_id as text.");
    }
    registry = new SchemaRegistryClient(configs);
    autoRegister =
        Boolean.parseBoolean(
            Optional.ofNullable(configs.get("auto.register.schemas"))
                .map(Object::toString)
                .orElse("false"));
  }

  /**
   * The bytes of an event.
   *
   * @return null for null
   * @throws SchemaRegistryException when the schema is not registered or the registry cannot be
   *     asked
   */
  @Override
  public byte[] serialize(String topic, SpecificRecord event) {
    if (event == null) {
      return null;
    }
    Schema schema = event.getSchema();
    String subject = topic + "-value";
    int id = autoRegister ? registry.register(subject, schema) : registry.idOf(subject, schema);
    return encode(id, writer(topic, event), event);
  }

  /**
   * The bytes of an event in the wire format, without asking a registry.
   *
   * @param schemaId what stands for the schema of this kind
   */
  public static byte[] encode(int schemaId, Topics kind, SpecificRecord event) {
    return encode(schemaId, WRITERS.get(kind), event);
  }

  private static byte[] encode(
      int schemaId, DatumWriter<SpecificRecord> writer, SpecificRecord event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    bytes.writeBytes(WireFormat.header(schemaId));
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      writer.write(event, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory cannot fail.", e);
    }
    return bytes.toByteArray();
  }

  private static DatumWriter<SpecificRecord> writer(String topic, SpecificRecord event) {
    return TopicNames.kindOf(topic)
        .filter(known -> known.schema().equals(event.getSchema()))
        .map(WRITERS::get)
        .orElseGet(
            () ->
                new SpecificDatumWriter<>(
                    event.getSchema(), SpecificData.getForClass(event.getClass())));
  }
}
