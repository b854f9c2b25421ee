package io.runledger.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.FakeRegistry;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes on the topics, worked out by hand from Confluent's and Avro's documents. */
class WireFormatTest {

  private static final HexFormat HEX = HexFormat.of();

  /** Magic 0, schema id 0x01020304, the zigzag longs 1 to 4, the microseconds of Events.AT. */
  private static final String HEADER_AND_IDS = "00 01020304 02 04 06 08 82808db09fbbb006";

  /** Text "E", then branch 1 with the two bytes of "ü", and null, 0, null, null by default. */
  private static final String ERROR = "02 45 02 04 c3bc 00 00 00 00";

  /** One metrics row; no seq and at of the record: first_seq, 1 row, at, step 5, 1 value, ends. */
  private static final String METRICS =
      "00 01020304 02 04 06 08 02 82808db09fbbb006 02 0a 00 00 02 02 78 000000000000e03f 00 00";

  @Test
  void anErrorHasTheBytesOfTheDocumentedFormat() {
    assertBytes(Topics.ERRORS, Events.error(), HEADER_AND_IDS + ERROR);
  }

  @Test
  void aMetricsRecordHasTheBytesOfTheDocumentedFormat() {
    assertBytes(Topics.METRICS, Events.metrics(Map.of("x", .5)), METRICS);
  }

  @Test
  void nullStaysNull() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":1}");
        AvroSerializer serializer = new AvroSerializer();
        AvroDeserializer deserializer = new AvroDeserializer()) {
      Map<String, String> config = Map.of("schema.registry.url", registry.url());
      serializer.configure(config, false);
      deserializer.configure(config, false);

      assertThat(serializer.serialize(TopicNames.DEFAULT.name(Topics.RUNS), null)).isNull();
      assertThat(deserializer.deserialize(TopicNames.DEFAULT.name(Topics.RUNS), null)).isNull();
    }
  }

  @Test
  void schemasAreLookedUpUnlessRegisteringIsAskedFor() {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":1}");
        AvroSerializer lookingUp = new AvroSerializer();
        AvroSerializer registering = new AvroSerializer()) {
      lookingUp.configure(Map.of("schema.registry.url", registry.url()), false);
      registering.configure(
          Map.of("schema.registry.url", registry.url(), "auto.register.schemas", true), false);

      lookingUp.serialize(TopicNames.DEFAULT.name(Topics.ERRORS), Events.error());
      registering.serialize(TopicNames.DEFAULT.name(Topics.ERRORS), Events.error());

      assertThat(registry.requests())
          .extracting(FakeRegistry.Request::rawPath)
          .containsExactly(
              "/subjects/runledger.errors-value", "/subjects/runledger.errors-value/versions");
    }
  }

  @Test
  void whatTheDeserializerCannotReadIsASerializationException() {
    try (FakeRegistry registry = FakeRegistry.answering(404, "{\"error_code\":40403}");
        AvroDeserializer deserializer = new AvroDeserializer()) {
      deserializer.configure(Map.of("schema.registry.url", registry.url()), false);

      for (byte[] value : List.of(new byte[0], new byte[] {0, 0, 0, 0, 1})) {
        assertThatThrownBy(
                () -> deserializer.deserialize(TopicNames.DEFAULT.name(Topics.RUNS), value))
            .isInstanceOf(SerializationException.class)
            .hasCauseInstanceOf(MalformedRecordException.class);
      }
      assertThatThrownBy(() -> deserializer.deserialize("elsewhere", new byte[5]))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("elsewhere");
    }
  }

  @Test
  void keysAreNoneOfTheirBusiness() {
    Map<String, String> config = Map.of("schema.registry.url", "http://127.0.0.1:1");
    try (AvroSerializer serializer = new AvroSerializer();
        AvroDeserializer deserializer = new AvroDeserializer()) {
      assertThatThrownBy(() -> serializer.configure(config, true))
          .hasMessageContaining("key.serializer");
      assertThatThrownBy(() -> deserializer.configure(config, true))
          .hasMessageContaining("key.deserializer");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', truncated",
    "00, truncated",
    "00000001, truncated",
    "0100000001, not the wire format",
    "7b22613a31, not the wire format",
    "00ffffffff, not the wire format",
    "0080000000, not the wire format"
  })
  void whatDoesNotBeginAsTheFormatDoesIsMalformed(String hex, String reason) {
    assertThatThrownBy(() -> WireFormat.schemaId(HEX.parseHex(hex)))
        .isInstanceOf(MalformedRecordException.class)
        .extracting(e -> ((MalformedRecordException) e).reason())
        .isEqualTo(reason);
  }

  @Test
  void theLargestSchemaIdIsRead() throws MalformedRecordException {
    assertThat(WireFormat.schemaId(HEX.parseHex("007fffffff"))).isEqualTo(Integer.MAX_VALUE);
  }

  private static void assertBytes(Topics topic, SpecificRecord event, String expected) {
    try (FakeRegistry registry = FakeRegistry.answering(200, "{\"id\":16909060}");
        AvroSerializer serializer = new AvroSerializer()) {
      serializer.configure(Map.of("schema.registry.url", registry.url()), false);

      byte[] bytes = serializer.serialize(TopicNames.DEFAULT.name(topic), event);

      assertThat(HEX.formatHex(bytes)).isEqualTo(expected.replace(" ", ""));
    }
  }
}
