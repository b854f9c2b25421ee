package io.runledger.serde;

import static io.runledger.serde.ForeignValues.assertMalformed;
import static io.runledger.serde.ForeignValues.encoded;
import static io.runledger.serde.ForeignValues.value;
import static io.runledger.serde.ForeignValues.withField;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RecordDecoderTest {

  @Test
  void eventsOfAllTopicsComeBackEqual() throws Exception {
    Map<Topics, SpecificRecord> events =
        Map.of(
            Topics.RUNS, Events.annotated(List.of("a", "")),
            Topics.METRICS, Events.metrics(Map.of("nan", Double.NaN, "zero", -0.0)),
            Topics.ERRORS, Events.error(),
            Topics.SLURM, Events.slurm());

    for (Map.Entry<Topics, SpecificRecord> event : events.entrySet()) {
      Topics topic = event.getKey();
      byte[] bytes = encoded(topic, event.getValue());

      SpecificRecord decoded = new RecordDecoder(id -> topic.schema()).decode(topic, bytes);

      assertThat(decoded).isEqualTo(event.getValue());
    }
  }

  @Test
  void theRegistryIsAskedOnceForASchema() throws Exception {
    AtomicInteger questions = new AtomicInteger();
    RecordDecoder decoder =
        new RecordDecoder(
            id -> {
              questions.incrementAndGet();
              return Topics.ERRORS.schema();
            });
    byte[] bytes = encoded(Topics.ERRORS, Events.error());

    for (int i = 0; i < 100; i++) {
      decoder.decode(Topics.ERRORS, bytes);
    }

    assertThat(questions).hasValue(1);
  }

  @Test
  void anOutageIsPassedOnAndTheNextTrySucceeds() throws Exception {
    AtomicInteger questions = new AtomicInteger();
    RecordDecoder decoder =
        new RecordDecoder(
            id -> {
              if (questions.incrementAndGet() == 1) {
                throw new RegistryUnavailableException("The registry is away.", null);
              }
              return Topics.ERRORS.schema();
            });
    byte[] bytes = encoded(Topics.ERRORS, Events.error());

    assertThatThrownBy(() -> decoder.decode(Topics.ERRORS, bytes))
        .isInstanceOf(RegistryUnavailableException.class);

    assertThat(decoder.decode(Topics.ERRORS, bytes)).isEqualTo(Events.error());
  }

  @Test
  void anIdThatTheRegistryDoesNotKnowIsMalformed() throws IOException {
    RecordDecoder decoder =
        new RecordDecoder(
            id -> {
              throw new SchemaNotFoundException("The registry has no schema " + id + ".", null);
            });

    assertMalformed(
        decoder, Topics.ERRORS, encoded(Topics.ERRORS, Events.error()), "unknown schema");
  }

  @Test
  void theSchemaOfAnotherTopicIsMalformed() throws IOException {
    RecordDecoder decoder = new RecordDecoder(id -> Topics.RUNS.schema());

    assertMalformed(
        decoder,
        Topics.ERRORS,
        encoded(Topics.RUNS, Events.annotated(List.of())),
        "another schema");
  }

  @Test
  void bytesAfterTheRecordAreMalformed() throws IOException {
    byte[] bytes = encoded(Topics.ERRORS, Events.error());

    assertMalformed(Topics.ERRORS, Arrays.copyOf(bytes, bytes.length + 1), "trailing bytes");
  }

  @Test
  void aValueCutAnywhereIsMalformedAndTheDecoderGoesOn() throws Exception {
    byte[] bytes = encoded(Topics.METRICS, Events.metrics(Map.of("loss", .5, "f1", .25)));
    RecordDecoder decoder = new RecordDecoder(id -> Topics.METRICS.schema());

    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> decoder.decode(Topics.METRICS, cut))
          .isInstanceOf(MalformedRecordException.class);
    }

    assertThat(decoder.decode(Topics.METRICS, bytes)).isInstanceOf(MetricsLogged.class);
  }

  @Test
  void randomBytesAreDecodedOrMalformedButNothingElse() throws Exception {
    Random random = new Random(20261123);
    for (Topics topic : Topics.values()) {
      RecordDecoder decoder = new RecordDecoder(id -> topic.schema());
      int malformed = 0;
      for (int i = 0; i < 5_000; i++) {
        byte[] bytes = new byte[5 + random.nextInt(60)];
        random.nextBytes(bytes);
        System.arraycopy(WireFormat.header(1), 0, bytes, 0, WireFormat.HEADER_BYTES);
        try {
          decoder.decode(topic, bytes);
        } catch (MalformedRecordException e) {
          malformed++;
        }
      }
      assertThat(malformed).as("of 5000 for " + topic).isGreaterThan(4_900);
    }
  }

  @Test
  void aValueTooLongIsNotEvenLookedAt() {
    byte[] bytes = new byte[RecordDecoder.LONGEST_VALUE + 1];

    assertMalformed(Topics.METRICS, bytes, "too large");
  }

  @Test
  void aFieldThatWeDoNotKnowYetIsSkipped() throws Exception {
    Schema writer = withField("{\"type\":\"array\",\"items\":[\"null\",\"int\"]}");
    byte[] bytes =
        value(
            5,
            encoder -> {
              encoder.writeString("E");
              encoder.writeLong(2);
              encoder.writeIndex(0);
              encoder.writeIndex(1);
              encoder.writeInt(7);
              encoder.writeLong(0);
            });

    SpecificRecord decoded = new RecordDecoder(id -> writer).decode(Topics.ERRORS, bytes);

    assertThat(decoded.get(Topics.ERRORS.schema().getField("exception_type").pos())).isEqualTo("E");
  }
}
