package io.runledger.service.spool;

import io.runledger.fold.batch.Decoded;
import io.runledger.schemas.ReleasedSchemas;
import io.runledger.schemas.Topics;
import io.runledger.serde.AvroSerializer;
import io.runledger.serde.MalformedRecordException;
import io.runledger.serde.RecordDecoder;
import io.runledger.serde.WireFormat;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * The bytes of an event that was read from a segment, in case it becomes a dead letter: those that
 * a record on a topic has, whose schema id is the number of a released schema, because a spool has
 * no registry.
 */
final class SegmentValues {

  private SegmentValues() {}

  static byte[] bytes(Topics topic, SpecificRecord event) {
    return AvroSerializer.encode(ReleasedSchemas.newestNumber(topic), topic, event);
  }

  /** What the bytes mean now. */
  static Decoded decode(Optional<byte[]> value) {
    try {
      byte[] bytes =
          value.orElseThrow(
              () -> new MalformedRecordException("no value", "The value has no bytes.", null));
      Schema schema = schema(WireFormat.schemaId(bytes));
      Topics topic =
          Arrays.stream(Topics.values())
              .filter(each -> each.schema().getFullName().equals(schema.getFullName()))
              .findFirst()
              .orElseThrow();
      return new Decoded.Event(new RecordDecoder(SegmentValues::schema).decode(topic, bytes));
    } catch (SchemaNotFoundException e) {
      return new Decoded.Malformed("unknown schema", e.getMessage());
    } catch (MalformedRecordException e) {
      return new Decoded.Malformed(e.reason(), e.getMessage());
    }
  }

  private static Schema schema(int number) {
    return ReleasedSchemas.ofNumber(number)
        .orElseThrow(
            () ->
                new SchemaNotFoundException(
                    "This version of Runledger has no schema %d.".formatted(number), null));
  }
}
