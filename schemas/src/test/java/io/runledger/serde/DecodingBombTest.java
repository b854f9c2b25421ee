package io.runledger.serde;

import static io.runledger.serde.ForeignValues.assertMalformed;
import static io.runledger.serde.ForeignValues.encoded;
import static io.runledger.serde.ForeignValues.value;
import static io.runledger.serde.ForeignValues.withField;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values and schemas that claim to be far larger than they are. */
@Timeout(60)
class DecodingBombTest {

  private static final long HUGE = Integer.MAX_VALUE - 8L;

  @ParameterizedTest
  @ValueSource(longs = {HUGE, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -HUGE, Long.MIN_VALUE})
  void anArrayThatClaimsToBeHugeIsMalformed(long count) throws IOException {
    byte[] bytes = value(4, encoder -> encoder.writeLong(count));

    assertMalformed(Topics.METRICS, bytes, "undecodable");
  }

  @ParameterizedTest
  @ValueSource(longs = {HUGE, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -HUGE, Long.MIN_VALUE})
  void aMapThatClaimsToBeHugeIsMalformed(long count) throws IOException {
    byte[] bytes =
        value(
            4,
            encoder -> {
              encoder.writeLong(1); // one row: at, then no step, epoch and elapsed time
              encoder.writeLong(0);
              encoder.writeIndex(0);
              encoder.writeIndex(0);
              encoder.writeIndex(0);
              encoder.writeLong(count);
            });

    assertMalformed(Topics.METRICS, bytes, "undecodable");
  }

  @ParameterizedTest
  @ValueSource(longs = {HUGE, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void aTextThatClaimsToBeHugeIsMalformed(long length) throws IOException {
    byte[] bytes = value(5, encoder -> encoder.writeLong(length));

    assertMalformed(Topics.ERRORS, bytes, "undecodable");
  }

  @Test
  void theLongestValueOfEmptyTextsFitsIntoTheHeap() throws Exception {
    int tags = RecordDecoder.LONGEST_VALUE - 64;
    byte[] small = encoded(Topics.RUNS, Events.annotated(List.of("")));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // up to the array of added tags: one item, the empty text, the end of it, no removed tags, no
    // name
    bytes.write(small, 0, small.length - 5);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    encoder.writeLong(tags);
    encoder.flush();
    bytes.writeBytes(new byte[tags + 3]);

    RunEvent event =
        (RunEvent)
            new RecordDecoder(id -> Topics.RUNS.schema()).decode(Topics.RUNS, bytes.toByteArray());

    assertThat(((RunAnnotated) event.getEvent()).getTagsAdded()).hasSize(tags);
  }

  @Test
  void aSchemaThatContainsItselfCannotOverflowTheStack() throws Exception {
    Schema writer =
        withField(
            "{\"type\":\"record\",\"name\":\"x.Node\",\"fields\":[{\"name\":\"next\",\"type\":[\"null\",\"x.Node\"]}]}");
    byte[] deep =
        value(
            5,
            encoder -> {
              encoder.writeString("E");
              for (int i = 0; i < 1_000_000; i++) {
                encoder.writeIndex(1);
              }
              encoder.writeIndex(0);
            });
    RecordDecoder decoder = new RecordDecoder(id -> id == 1 ? writer : Topics.ERRORS.schema());

    assertMalformed(decoder, Topics.ERRORS, deep, "undecodable");

    byte[] good = encoded(Topics.ERRORS, Events.error());
    good[4] = 2;
    assertThat(decoder.decode(Topics.ERRORS, good)).isEqualTo(Events.error());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"array\",\"items\":\"null\"}",
        "{\"type\":\"array\",\"items\":{\"type\":\"fixed\",\"name\":\"x.F\",\"size\":0}}",
        "{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"x.R\",\"fields\":[]}}}",
        "{\"type\":\"record\",\"name\":\"x.R\",\"fields\":[{\"name\":\"r\",\"type\":\"x.R\"}]}",
        "[\"int\",{\"type\":\"record\",\"name\":\"x.R\",\"fields\":[{\"name\":\"n\",\"type\":\"null\"}]}]"
      })
  void aSchemaWithWorkThatTakesNoBytesIsRefused(String type) throws IOException {
    RecordDecoder decoder = new RecordDecoder(id -> withField(type));

    assertMalformed(decoder, Topics.ERRORS, value(5, encoder -> {}), "unsafe schema");
  }

  @Test
  void aBillionEmptyRecordsInSixtyFieldsAreRefused() throws IOException {
    Schema level = SchemaBuilder.record("x.L0").fields().endRecord();
    for (int i = 1; i <= 30; i++) {
      level =
          SchemaBuilder.record("x.L" + i)
              .fields()
              .name("a")
              .type(level)
              .noDefault()
              .name("b")
              .type(level)
              .noDefault()
              .endRecord();
    }
    Schema writer = withField(level.toString());
    RecordDecoder decoder = new RecordDecoder(id -> writer);

    assertMalformed(decoder, Topics.ERRORS, value(5, encoder -> {}), "unsafe schema");
  }
}
