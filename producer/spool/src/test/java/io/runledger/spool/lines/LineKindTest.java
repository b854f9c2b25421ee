package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunStatusChanged;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The one thing that a line says, and what of it can be read. */
class LineKindTest {

  private static final Configuration CONFIGURATION =
      Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty());

  private final BadParts parts = new BadParts();

  private LineFields fields(String json) throws BadLineException {
    return new LineFields(
        LineTree.of(json.getBytes(StandardCharsets.UTF_8), parts), "the line", parts);
  }

  private SpecificRecord event(String json) throws BadLineException {
    LineFields fields = fields(json);
    return LineKind.of(fields).runEvent(fields, CONFIGURATION);
  }

  @Test
  void aLineSaysOneThingAndAStartMaySayItsHeartbeat() throws BadLineException {
    assertThat(LineKind.of(fields("{\"metrics\":{},\"step\":1}"))).isEqualTo(LineKind.METRICS);
    assertThat(LineKind.of(fields("{\"start\":{},\"heartbeat\":30}"))).isEqualTo(LineKind.START);

    assertThatThrownBy(() -> LineKind.of(fields("{\"metrics\":{},\"end\":true}")))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("more than one event: metrics and end");
    assertThatThrownBy(() -> LineKind.of(fields("{\"step\":1,\"end\":null}")))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("none of the expected keys: start, metrics");
  }

  @Test
  void whatIsLostIsLostOfTheTopicThatItWouldHaveGoneTo() {
    assertThat(LineKind.METRICS.topic()).isEqualTo(Topics.METRICS);
    assertThat(LineKind.ERROR.topic()).isEqualTo(Topics.ERRORS);
    assertThat(LineKind.STATUS.topic()).isEqualTo(Topics.RUNS);
  }

  @Test
  void onlyWordsOnTheRunNeedNoAttempt() {
    assertThat(LineKind.values())
        .filteredOn(LineKind::needsNoAttempt)
        .containsExactlyInAnyOrder(LineKind.DELETE, LineKind.RESTORE, LineKind.ANNOTATE);
  }

  @Test
  void aMetricThatIsNoNumberCostsItselfAlone() throws BadLineException {
    List<MetricRow> rows =
        LineKind.METRICS.rows(
            fields("{\"metrics\":{\"a\":\"high\",\"b\":\"nan\",\"c\":true},\"step\":\"7\"}"),
            Instant.EPOCH);

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).getValues()).isEqualTo(Map.of("b", Double.NaN, "c", 1.0));
    assertThat(rows.get(0).getStep()).isEqualTo(7);
    assertThat(parts.reason()).contains("'a' is not a number");
  }

  @Test
  void aCallOfWhichNothingIsLeftIsNoRowAndOneThatNeverHadAMetricIsABadLine() throws Exception {
    assertThat(LineKind.METRICS.rows(fields("{\"metrics\":{\"a\":\"high\"}}"), Instant.EPOCH))
        .isEmpty();

    BadParts none = new BadParts();
    LineFields empty =
        new LineFields(
            LineTree.of("{\"metrics\":{}}".getBytes(StandardCharsets.UTF_8), none), "it", none);
    assertThatThrownBy(() -> LineKind.METRICS.rows(empty, Instant.EPOCH))
        .isInstanceOf(BadLineException.class);
  }

  @Test
  void anErrorWithoutATypeIsStillAnError() throws BadLineException {
    assertThat(
            LineKind.ERROR
                .error(fields("{\"error\":{\"message\":\"m\",\"truncated_bytes\":-3}}"))
                .getExceptionType())
        .isEqualTo("Error");
    assertThat(parts.count()).isEqualTo(1);
  }

  @Test
  void aStatusIsTheJobsUnlessItSaysWhoSawIt() throws BadLineException {
    RunStatusChanged status =
        (RunStatusChanged) event("{\"status\":\"failed\",\"exit_code\":256,\"reason\":\"why\"}");

    assertThat(status.getSource()).isEqualTo("job");
    assertThat(status.getExitCode()).as("no process ends with it").isNull();
    assertThat(parts.count()).isEqualTo(1);
    assertThat(
            ((RunStatusChanged) event("{\"status\":\"failed\",\"source\":\"wrapper\"}"))
                .getSource())
        .isEqualTo("wrapper");
  }

  @Test
  void anArtifactNeedsATypeAndAPathAndLosesWhatElseCannotBeRead() throws BadLineException {
    ArtifactLogged artifact =
        (ArtifactLogged)
            event(
                "{\"artifact\":{\"type\":\"t\",\"path\":\"p\",\"metadata\":7,\"size_bytes\":\"x\"}}");

    assertThat(artifact.getFilepath()).isEqualTo("p");
    assertThat(artifact.getMetadata()).isNull();
    assertThat(parts.count()).isEqualTo(2);
  }

  @Test
  void aBlankNameIsNone() throws BadLineException {
    RunAnnotated annotated =
        (RunAnnotated) event("{\"annotate\":{\"name\":\" \",\"add_tags\":\"a\"}}");

    assertThat(annotated.getName()).isNull();
    assertThat(annotated.getTagsAdded()).containsExactly("a");
    assertThat(parts.count()).isEqualTo(1);
  }

  @Test
  void whatAJobDroppedIsCountedByItsTopic() throws BadLineException {
    EventsDropped dropped =
        (EventsDropped)
            event("{\"dropped\":{\"topic\":\"metrics\",\"count\":3,\"reason\":\"full\"}}");

    assertThat(dropped.getTopic()).isEqualTo(Topics.METRICS.streamName());
    assertThat(dropped.getCount()).isEqualTo(3);
  }

  @Test
  void resultsAreKeptAsJsonWithSecretsMasked() throws BadLineException {
    assertThat(event("{\"results\":{\"f1\":0.5,\"api_key\":\"hunter2\"}}").toString())
        .contains("f1")
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"status\":\"finished\"}",
        "{\"status\":\"failed\",\"source\":\"operator\"}",
        "{\"results\":[1]}",
        "{\"artifact\":{\"type\":\"t\"}}",
        "{\"heartbeat\":0}",
        "{\"dropped\":{\"topic\":\"metrics\",\"count\":0,\"reason\":\"full\"}}",
        "{\"dropped\":{\"topic\":\"others\",\"count\":1,\"reason\":\"full\"}}",
        "{\"delete\":true}"
      })
  void aLineThatCannotBeWhatItSaysIsABadOne(String line) {
    assertThatThrownBy(() -> event(line)).isInstanceOf(BadLineException.class);
  }

  @Test
  void onlyTrueIsAnEnd() throws BadLineException {
    assertThat(LineKind.END.isEnd(fields("{\"end\":true}"))).isTrue();
    assertThatThrownBy(() -> LineKind.END.isEnd(fields("{\"end\":\"true\"}")))
        .isInstanceOf(BadLineException.class);
  }
}
