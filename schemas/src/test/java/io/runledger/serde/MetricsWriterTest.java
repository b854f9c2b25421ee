package io.runledger.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.MetricValues;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our writer of log calls against Avro's: the same bytes. */
class MetricsWriterTest {

  private final MetricsWriter ours = new MetricsWriter();
  private final DatumWriter<SpecificRecord> theirs = EventModel.avroWriter(Topics.METRICS);

  @Test
  void itWritesWhatAvroWrites() throws IOException {
    RandomLogCalls calls = new RandomLogCalls(new Random(20261126));
    for (int i = 0; i < 3_000; i++) {
      MetricsLogged event = calls.next();

      assertThat(bytes(ours, event)).as("event " + i).isEqualTo(bytes(theirs, event));
    }
  }

  @Test
  void metricsInArraysAreWrittenLikeAMap() throws IOException {
    MetricValues values = new MetricValues(List.of("loss", "ä"), Double.NaN, -0.0);
    MetricRow row = new MetricRow(Events.AT, 7L, null, 0.5, values);
    MetricsLogged event = new MetricsLogged(1L, 2L, 3L, 4L, List.of(row));

    assertThat(bytes(ours, event)).isEqualTo(bytes(theirs, event));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 1, Long.MAX_VALUE})
  void aTimeAtTheEndOfTheRangeIsWrittenAsAvroWritesIt(long micros) throws IOException {
    MetricRow row =
        new MetricRow(
            Instant.EPOCH.plus(micros, ChronoUnit.MICROS), null, null, null, Map.of("loss", 1.0));
    MetricsLogged event = new MetricsLogged(1L, 2L, 3L, 4L, List.of(row));

    assertThat(bytes(ours, event)).isEqualTo(bytes(theirs, event));
  }

  @Test
  void itRefusesToWriteAnythingElse() {
    assertThatThrownBy(() -> ours.setSchema(Topics.ERRORS.schema()))
        .isInstanceOf(AvroRuntimeException.class);
  }

  private static byte[] bytes(DatumWriter<SpecificRecord> writer, MetricsLogged event)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    writer.write(event, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}
