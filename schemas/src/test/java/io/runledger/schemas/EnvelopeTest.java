package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.SlurmJobObserved;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The envelope is put around an event and read back from it in one place. */
class EnvelopeTest {

  private static final Instant AT = Instant.parse("2026-11-28T12:00:00.000001Z");
  private static final Envelope ENVELOPE = new Envelope(1, 2, 3, 4, AT);

  static Stream<Arguments> events() {
    MetricRow row = new MetricRow(AT, 1L, null, null, Map.of("loss", 0.5));
    return Stream.of(
        Arguments.of(Topics.RUNS, ENVELOPE.runEvent(new Heartbeat(30))),
        Arguments.of(Topics.METRICS, ENVELOPE.metrics(List.of(row))),
        Arguments.of(
            Topics.ERRORS,
            ENVELOPE.error(ErrorLogged.newBuilder().setExceptionType("E").setTruncatedBytes(0))),
        Arguments.of(
            Topics.SLURM,
            ENVELOPE.observed(
                SlurmJobObserved.newBuilder()
                    .setCluster("c")
                    .setJobId(7)
                    .setRestartCount(0)
                    .setState("RUNNING"))));
  }

  @ParameterizedTest
  @MethodSource("events")
  void whatAnEventBearsIsReadAsItWasPutThere(Topics topic, SpecificRecord event) {
    assertThat(Envelope.of(event)).isEqualTo(ENVELOPE);
    assertThat(Topics.of(event)).isEqualTo(topic);
  }

  @Test
  void aRecordOfMetricsWithoutRowsHasAnIdentityAndNoTime() {
    assertThat(Envelope.of(ENVELOPE.metrics(List.of())))
        .isEqualTo(new Envelope(1, 2, 3, 4, Instant.EPOCH));
  }

  @Test
  void whatIsPartOfAnEventIsNotAnEvent() {
    Heartbeat part = new Heartbeat(30);

    assertThatThrownBy(() -> Envelope.of(part)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Topics.of(part)).hasMessageContaining("Heartbeat");
  }
}
