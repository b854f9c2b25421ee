package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.EventModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class EncodedSizeTest {

  @Test
  void anEventMayBeAsLongAsARecordAndNotAByteLonger() throws IOException {
    ErrorLogged error = SegmentReaderTest.error("x".repeat(1_000));
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(encoded, null);
    EventModel.writer(Topics.ERRORS).write(error, encoder);

    assertThat(EncodedSize.mayExceed(error, encoded.size())).isFalse();
    assertThat(EncodedSize.mayExceed(error, encoded.size() - 1)).isTrue();
  }

  @Test
  void fewMetricsAreNotMeasuredAndManyAre() throws IOException {
    assertThat(EncodedSize.mayExceed(metrics(200), 1_000)).isFalse();
    assertThat(EncodedSize.mayExceed(metrics(201), 1_000)).isTrue();
  }

  private static MetricsLogged metrics(int count) {
    Map<String, Double> values = new HashMap<>();
    for (int i = 0; i < count; i++) {
      values.put("metric-" + i, 1.0);
    }
    return new MetricsLogged(
        1L, 2L, 3L, 0L, List.of(new MetricRow(Instant.EPOCH, 0L, null, null, values)));
  }
}
