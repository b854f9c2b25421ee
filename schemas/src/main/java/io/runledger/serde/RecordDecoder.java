package io.runledger.serde;

import io.runledger.schemas.Topics;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificRecord;

/**
 * Decodes the values of our topics, whoever wrote them: the writer's schema is looked up by its id,
 * the reader is given ours. Not thread-safe; readers are kept for each schema id.
 */
public final class RecordDecoder {

  /**
   * Longest value that is looked at, in bytes. A byte can become some 30 bytes of objects (a list
   * of empty strings), so this keeps one record under 256 MB of heap, half of the service's.
   */
  public static final int LONGEST_VALUE = 8 << 20;

  /** Reason of a value that is longer. */
  public static final String TOO_LARGE = "too large";

  private final IntFunction<Schema> writerSchemas;
  private final Map<Topics, Map<Integer, DatumReader<SpecificRecord>>> readers =
      new EnumMap<>(Topics.class);
  private BinaryDecoder reusedDecoder;

  /**
   * @param writerSchemas gives the schema with an id; throws {@link SchemaNotFoundException} for an
   *     id that does not exist and {@link RegistryUnavailableException} when it cannot say
   */
  public RecordDecoder(IntFunction<Schema> writerSchemas) {
    this.writerSchemas = writerSchemas;
  }

  /**
   * The event that the bytes hold.
   *
   * @throws MalformedRecordException when they hold none, however often one tries
   * @throws RegistryUnavailableException when the writer's schema cannot be had now
   */
  public SpecificRecord decode(Topics topic, byte[] value) throws MalformedRecordException {
    int schemaId = WireFormat.schemaId(value);
    if (value.length > LONGEST_VALUE) {
      throw new MalformedRecordException(
          TOO_LARGE,
          "The value has %d bytes; values of more than %d are not decoded."
              .formatted(value.length, LONGEST_VALUE),
          null);
    }
    DatumReader<SpecificRecord> reader = reader(topic, schemaId);
    try {
      reusedDecoder =
          DecoderFactory.get()
              .binaryDecoder(
                  value,
                  WireFormat.HEADER_BYTES,
                  value.length - WireFormat.HEADER_BYTES,
                  reusedDecoder);
      SpecificRecord event = reader.read(null, reusedDecoder);
      if (!reusedDecoder.isEnd()) {
        throw new MalformedRecordException(
            "trailing bytes", "Bytes follow the record of schema " + schemaId + ".", null);
      }
      return event;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Only the bytes and the writer's schema decide what happens in here, so whatever goes wrong
      // goes wrong again. A schema that contains itself can make the stack as deep as the value.
      reusedDecoder = null;
      throw new MalformedRecordException(
          "undecodable",
          "The value is not a record of schema %d that matches %s: %s."
              .formatted(schemaId, topic.schema().getFullName(), e),
          e);
    }
  }

  private DatumReader<SpecificRecord> reader(Topics topic, int schemaId)
      throws MalformedRecordException {
    Map<Integer, DatumReader<SpecificRecord>> known =
        readers.computeIfAbsent(topic, t -> new HashMap<>());
    DatumReader<SpecificRecord> reader = known.get(schemaId);
    if (reader != null) {
      return reader;
    }
    Schema writer;
    try {
      writer = writerSchemas.apply(schemaId);
    } catch (SchemaNotFoundException e) {
      throw new MalformedRecordException("unknown schema", e.getMessage(), e);
    }
    if (!topic.schema().getFullName().equals(writer.getFullName())) {
      throw new MalformedRecordException(
          "another schema",
          "Schema %d is %s, and topic %s holds %s."
              .formatted(
                  schemaId, writer.getFullName(), topic.streamName(), topic.schema().getFullName()),
          null);
    }
    Optional<String> complaint = SchemaSafety.complaint(writer);
    if (complaint.isPresent()) {
      throw new MalformedRecordException(
          "unsafe schema", "Schema %d %s.".formatted(schemaId, complaint.get()), null);
    }
    reader = EventModel.reader(writer, topic);
    known.put(schemaId, reader);
    return reader;
  }
}
