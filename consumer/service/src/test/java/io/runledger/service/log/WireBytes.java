package io.runledger.service.log;

import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.serde.EventModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;

/** Events as they are on the topics, without a registry to ask for their schemas' ids. */
public final class WireBytes {

  private WireBytes() {}

  public static byte[] key(SpecificRecord event) {
    return new RunId(Envelope.of(event).run()).toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The value of a record.
   *
   * @param schema the registry's id of the event's schema
   */
  public static byte[] value(int schema, SpecificRecord event) {
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    value.writeBytes(ByteBuffer.allocate(5).putInt(1, schema).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(value, null);
    try {
      EventModel.writer(Topics.of(event)).write(event, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return value.toByteArray();
  }
}
