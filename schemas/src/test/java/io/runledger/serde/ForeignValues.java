package io.runledger.serde;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;

/** Values and schemas as somebody else might write them, and the verdict on them. */
final class ForeignValues {

  /** What is written after the first longs of a value. */
  interface Body {
    void write(BinaryEncoder encoder) throws IOException;
  }

  private ForeignValues() {}

  /** An ErrorLogged of somebody else's making: our fields without defaults, and one more. */
  static Schema withField(String type) {
    String ours = "{\"name\":\"%s\",\"type\":\"long\"},";
    return new Schema.Parser()
        .parse(
            "{\"type\":\"record\",\"name\":\""
                + Topics.ERRORS.schema().getFullName()
                + "\",\"fields\":["
                + ours.formatted("run_id")
                + ours.formatted("attempt_id")
                + ours.formatted("writer_id")
                + ours.formatted("seq")
                + ours.formatted("at")
                + "{\"name\":\"exception_type\",\"type\":\"string\"},{\"name\":\"more\",\"type\":"
                + type
                + "}]}");
  }

  /** The header with schema 1, as many longs as given, and what the body writes. */
  static byte[] value(int longs, Body body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(WireFormat.header(1));
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    for (int i = 0; i < longs; i++) {
      encoder.writeLong(1);
    }
    body.write(encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  static byte[] encoded(Topics topic, SpecificRecord event) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(WireFormat.header(1));
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    EventModel.writer(topic).write(event, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  static void assertMalformed(Topics topic, byte[] bytes, String reason) {
    assertMalformed(new RecordDecoder(id -> topic.schema()), topic, bytes, reason);
  }

  static void assertMalformed(RecordDecoder decoder, Topics topic, byte[] bytes, String reason) {
    assertThatThrownBy(() -> decoder.decode(topic, bytes))
        .isInstanceOf(MalformedRecordException.class)
        .extracting(e -> ((MalformedRecordException) e).reason())
        .isEqualTo(reason);
  }
}
