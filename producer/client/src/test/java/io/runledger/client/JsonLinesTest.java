package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** What a line means, and which lines are refused. */
class JsonLinesTest {

  private static final String START =
      "{\"at\":1763917445.25,\"start\":{\"experiment\":\"7\",\"seed\":3,\"config\":{\"lr\":0.1,\"api_key\":\"x\"}}}";
  private static final RunId RUN = RunId.of(RunKey.of("7", null, null, null, null, 3L));

  private final JsonLines lines = lines("job-1.jsonl");

  private static JsonLines lines(String name) {
    return new JsonLines(name, Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty()));
  }

  @Test
  void aStartNamesTheRunOfTheLinesThatFollow() throws Exception {
    RunEvent start = (RunEvent) event(lines, START);
    MetricsLogged first = (MetricsLogged) event(lines, "{\"metrics\":{\"loss\":1},\"step\":5}");
    MetricsLogged second =
        (MetricsLogged)
            event(lines, "{\"at\":1763917446,\"metrics\":{\"loss\":0.5},\"epoch\":2.25}");

    assertThat(start.getRunId()).isEqualTo(RUN.value());
    assertThat(start.getSeq()).isZero();
    assertThat(start.getAt()).isEqualTo(Instant.parse("2025-11-23T17:04:05.250Z"));
    assertThat(((RunStarted) start.getEvent()).getConfig())
        .isEqualTo("{\"lr\":0.1,\"api_key\":\"********\"}");
    assertThat(TimeOrderedId.timeOf(start.getAttemptId())).isEqualTo(start.getAt());
    assertThat(first.getRows().get(0).getAt()).isEqualTo(start.getAt());
    assertThat(first.getRows().get(0).getStep()).isEqualTo(5);
    assertThat(second.getRows().get(0).getEpoch()).isEqualTo(2.25);
    assertThat(List.of(first.getFirstSeq(), second.getFirstSeq())).containsExactly(0L, 1L);
    assertThat(second.getAttemptId()).isEqualTo(start.getAttemptId());
    assertThat(second.getWriterId()).isEqualTo(start.getWriterId());
  }

  @Test
  void idsFollowFromTheLinesAndTheFilesNameAlone() throws Exception {
    String run = "{\"at\":1,\"start\":{\"project\":\"p\",\"name\":\"n\"}}";
    RunEvent one = (RunEvent) event(lines("a.jsonl"), run);
    RunEvent again = (RunEvent) event(lines("a.jsonl"), run);
    RunEvent elsewhere = (RunEvent) event(lines("b.jsonl"), run);

    assertThat(again).isEqualTo(one);
    assertThat(elsewhere.getRunId()).isNotEqualTo(one.getRunId());
    // worked out by hand: sha256sum of the domain, a zero byte, the name, a line feed and the line
    assertThat(((RunStarted) one.getEvent()).getInstanceId())
        .isEqualTo("05aef75a-b83b-8b38-90fb-7c820584a427");
    assertThat(one.getAttemptId()).isEqualTo((1_000L << 21) | (0x05aef75aL >>> 11));
  }

  @Test
  void aLineMaySayWhoseItIs() throws Exception {
    String whose =
        "{\"run_id\":\"%s\",\"attempt_id\":\"%s\",\"metrics\":{\"x\":1}}"
            .formatted(RUN, Base32.encode((5_000L << 21) | 7));
    MetricsLogged mine = (MetricsLogged) event(lines, whose);
    MetricsLogged others =
        (MetricsLogged)
            event(
                lines,
                whose.replace(Base32.encode((5_000L << 21) | 7), Base32.encode(6_000L << 21)));
    MetricsLogged theirsToo = (MetricsLogged) event(lines, "{\"metrics\":{\"x\":2}}");

    assertThat(mine.getRows().get(0).getAt()).isEqualTo(Instant.ofEpochSecond(5));
    assertThat(others.getFirstSeq()).as("numbered for each attempt").isZero();
    assertThat(theirsToo.getFirstSeq()).isEqualTo(1);
    assertThat(theirsToo.getAttemptId()).isEqualTo(6_000L << 21);
  }

  @Test
  void theWriterOfTheFirstLineIsThatOfAll() throws Exception {
    String id = Base32.encode(4_711);
    RunEvent start =
        (RunEvent) event(lines, START.replace("{\"at\"", "{\"writer_id\":\"" + id + "\",\"at\""));
    RunEvent beat = (RunEvent) event(lines, "{\"heartbeat\":30,\"writer_id\":\"0000000000001\"}");

    assertThat(start.getWriterId()).isEqualTo(4_711);
    assertThat(beat.getWriterId()).isEqualTo(4_711);
    assertThat(beat.getEvent()).isEqualTo(new Heartbeat(30));
  }

  @Test
  void anyNumberComesThrough() throws Exception {
    event(lines, START);
    MetricsLogged bare =
        (MetricsLogged)
            event(lines, "{\"metrics\":{\"a\":NaN,\"b\":-Infinity,\"c\":-0.0,\"d\":1e-320}}");
    MetricsLogged texts =
        (MetricsLogged) event(lines, "{\"metrics\":{\"a\":\"NaN\",\"b\":\"-Infinity\"}}");

    assertThat(bare.getRows().get(0).getValues())
        .isEqualTo(Map.of("a", Double.NaN, "b", Double.NEGATIVE_INFINITY, "c", -0.0, "d", 1e-320));
    assertThat(texts.getRows().get(0).getValues())
        .isEqualTo(Map.of("a", Double.NaN, "b", Double.NEGATIVE_INFINITY));
  }

  @Test
  void everyKindOfLineBecomesItsEvent() throws Exception {
    event(lines, START);
    assertThat(kind("{\"status\":\"failed\",\"exit_code\":3,\"reason\":\"r\"}"))
        .isEqualTo(new RunStatusChanged("failed", 3, "r", "job"));
    assertThat(kind("{\"status\":\"completed\",\"source\":\"wrapper\"}"))
        .isEqualTo(new RunStatusChanged("completed", null, null, "wrapper"));
    assertThat(kind("{\"results\":{\"best\":NaN,\"n\":[1,{\"m\":null}]}}"))
        .isEqualTo(new ResultsRecorded("{\"best\":\"NaN\",\"n\":[1,{\"m\":null}]}"));
    assertThat(
            kind("{\"artifact\":{\"type\":\"model\",\"path\":\"m.bin\",\"metadata\":{\"k\":1}}}"))
        .isEqualTo(new ArtifactLogged("model", "m.bin", null, null, "{\"k\":1}"));
    assertThat(kind("{\"annotate\":{\"notes\":\"n\",\"add_tags\":[\"a\"]}}"))
        .isEqualTo(new RunAnnotated("n", List.of("a"), List.of()));
    assertThat(kind("{\"dropped\":{\"topic\":\"metrics\",\"count\":2,\"reason\":\"full\"}}"))
        .isEqualTo(new EventsDropped("runledger.metrics", 2L, "full"));
    assertThat(kind("{\"delete\":{\"reason\":\"test\"}}")).isEqualTo(new RunDeleted("test"));
    ErrorLogged error =
        (ErrorLogged) event(lines, "{\"error\":{\"type\":\"E\",\"message\":\"m\"},\"step\":4}");
    assertThat(error.getExceptionType()).isEqualTo("E");
    assertThat(error.getStep()).isEqualTo(4);
    assertThat(error.getSeq()).isZero();
    assertThat(lines.event("{\"end\":true}".getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(lines.isEnded()).isTrue();
  }

  @Test
  void aBadLineIsToldAndTakesNoNumber() throws Exception {
    event(lines, START);
    String[] bad = {
      "{\"metrics\":{\"loss\":1}",
      "",
      "[]",
      "{}",
      "{\"metrics\":{}}",
      "{\"metrics\":{\"a\":null}}",
      "{\"metrics\":{\"a\":1},\"status\":\"failed\"}",
      "{\"metrics\":{\"a\":1},\"metrics\":{\"a\":2}}",
      "{\"metrics\":{\"a\":1},\"step\":1.5}",
      "{\"metrics\":{\"a\":1}} {\"metrics\":{\"a\":1}}",
      "{\"status\":\"done\"}",
      "{\"status\":\"failed\",\"source\":\"scheduler\"}",
      "{\"heartbeat\":0}",
      "{\"at\":-1,\"heartbeat\":1}",
      "{\"at\":\"yesterday\",\"heartbeat\":1}",
      "{\"at\":1e300,\"heartbeat\":1}",
      "{\"run_id\":\"xyz\",\"attempt_id\":\"0000000000001\",\"heartbeat\":1}",
      "{\"run_id\":\"0000000000001\",\"heartbeat\":1}",
      "{\"end\":false}",
      "{\"start\":{}}",
      "{\"start\":{\"project\":\"p\",\"name\":\"n\",\"instance_id\":\"x\"}}",
      "{\"start\":{\"experiment\":\"8\"},\"run_id\":\"0000000000001\"}",
      "{\"metrics\":{\"a\":" + "[".repeat(5_000),
    };
    for (String line : bad) {
      assertThatThrownBy(() -> lines.event(line.getBytes(StandardCharsets.UTF_8)))
          .as(line)
          .isInstanceOf(BadLineException.class)
          .hasMessageMatching("(?s).{10,}");
    }
    assertThatThrownBy(() -> lines.event(new byte[] {'{', (byte) 0xff, '}'}))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("UTF-8");

    assertThat(((MetricsLogged) event(lines, "{\"metrics\":{\"a\":1}}")).getFirstSeq()).isZero();
    assertThat(((RunEvent) event(lines, "{\"heartbeat\":1}")).getSeq()).isEqualTo(1);
  }

  @Test
  void aFileWithoutARunIsToldLineByLine() {
    assertThatThrownBy(() -> event(lines, "{\"at\":1,\"metrics\":{\"a\":1}}"))
        .hasMessageContaining("names a run");
    assertThatThrownBy(() -> event(lines, "{\"start\":{\"experiment\":\"7\"}}"))
        .hasMessageContaining("'at'");
    assertThat(lines.run()).isEmpty();
  }

  private Object kind(String line) throws BadLineException {
    return ((RunEvent) event(lines, line)).getEvent();
  }

  private static SpecificRecord event(JsonLines lines, String line) throws BadLineException {
    return lines.event(line.getBytes(StandardCharsets.UTF_8)).orElseThrow().event();
  }
}
