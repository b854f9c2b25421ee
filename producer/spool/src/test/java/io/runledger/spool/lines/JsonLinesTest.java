package io.runledger.spool.lines;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Configuration;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.lines.JsonLines.LineEvent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a line means, what of it costs itself alone, and which lines are refused. */
@Timeout(60)
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
        .isEqualTo(new RunAnnotated("n", List.of("a"), List.of(), null));
    assertThat(kind("{\"dropped\":{\"topic\":\"metrics\",\"count\":2,\"reason\":\"full\"}}"))
        .isEqualTo(new EventsDropped("runledger.metrics", 2L, "full"));
    assertThat(kind("{\"delete\":{\"reason\":\"test\"}}")).isEqualTo(new RunDeleted("test"));
    ErrorLogged error =
        (ErrorLogged) event(lines, "{\"error\":{\"type\":\"E\",\"message\":\"m\"},\"step\":4}");
    assertThat(error.getExceptionType()).isEqualTo("E");
    assertThat(error.getStep()).isEqualTo(4);
    assertThat(error.getSeq()).isZero();
    assertThat(lines.events("{\"end\":true}".getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(lines.isEnded()).isTrue();
  }

  @Test
  void aStartWithoutANameTakesPartInTheAttemptThatStandsBesideIt() throws Exception {
    String run = Base32.encode(4_711);
    String attempt = Base32.encode(4_712);
    RunEvent joined =
        (RunEvent)
            event(
                lines,
                """
                {"at":1,"run_id":"%s","attempt_id":"%s","start":{"config":{"lr":0.1},"resumed_from_step":5,"source":"wrapper"}}"""
                    .formatted(run, attempt));
    RunStarted started = (RunStarted) joined.getEvent();

    assertThat(joined.getRunId()).isEqualTo(4_711);
    assertThat(joined.getAttemptId()).isEqualTo(4_712);
    assertThat(started.getKey()).isNull();
    assertThat(started.getInstanceId()).isNull();
    assertThat(started.getConfig()).isEqualTo("{\"lr\":0.1}");
    assertThat(started.getResumedFromStep()).isEqualTo(5);
    assertThat(started.getSource()).isEqualTo("wrapper");
    // Behind another run it would be that run's, which nobody said.
    assertThatThrownBy(() -> event(lines, "{\"start\":{\"config\":{}}}"))
        .isInstanceOf(BadLineException.class);
  }

  @Test
  void anAnnotationMayRename() throws Exception {
    event(lines, START);

    assertThat(kind("{\"annotate\":{\"name\":\"baseline\"}}"))
        .isEqualTo(new RunAnnotated(null, List.of(), List.of(), "baseline"));
  }

  @Test
  void aLineThatIsBadAsAWholeIsADeadLetterAndItsRunSaysSo() throws Exception {
    event(lines, START);
    String[] bad = {
      "{\"metrics\":{\"loss\":1}",
      "",
      "[]",
      "{}",
      "{\"metrics\":{}}",
      "{\"metrics\":{\"a\":1},\"status\":\"failed\"}",
      "{\"metrics\":{\"a\":1},\"metrics\":{\"a\":2}}",
      "{\"metrics\":{\"a\":1}} {\"metrics\":{\"a\":1}}",
      "{\"status\":\"done\"}",
      "{\"status\":\"failed\",\"source\":\"scheduler\"}",
      "{\"heartbeat\":0}",
      "{\"end\":false}",
      "{\"metrics\":{\"a\":" + "[".repeat(5_000),
    };
    long seq = 1;
    for (String line : bad) {
      RunEvent said = (RunEvent) badLine(line).events().get(0).event();
      assertThat(said.getRunId()).isEqualTo(RUN.value());
      assertThat(said.getSeq()).isEqualTo(seq++);
      assertThat(((EventsDropped) said.getEvent()).getReason()).contains("dead letter");
    }

    assertThat(((MetricsLogged) event(lines, "{\"metrics\":{\"a\":1}}")).getFirstSeq()).isZero();
    assertThat(((RunEvent) event(lines, "{\"heartbeat\":1}")).getSeq()).isEqualTo(seq);
  }

  @Test
  void whatFollowsAStartThatNamesNoRunBelongsToNoRunBeforeIt() throws Exception {
    event(lines, START);

    assertThat(badLine("{\"start\":{}}").events()).isEmpty();
    assertThat(badLine("{\"metrics\":{\"a\":1}}")).hasMessageContaining("identifies a run");
    assertThat(badLine("{\"start\":{\"experiment\":\"8\"}").events()).isEmpty();
    assertThat(lines.run()).isEmpty();
  }

  static Stream<Arguments> partsThatCostThemselvesAlone() {
    return Stream.of(
        arguments("{\"metrics\":{\"a\":1,\"b\":null},\"step\":3}", 1, "a=1.0@3", "'b'"),
        arguments("{\"metrics\":{\"a\":1,\"b\":\"x\",\"c\":[]},\"step\":3}", 2, "a=1.0@3", "'b'"),
        arguments("{\"metrics\":{\"a\":1},\"step\":4.5}", 1, "a=1.0@null", "'step'"),
        arguments("{\"metrics\":{\"a\":1},\"step\":true}", 1, "a=1.0@null", "'step'"),
        arguments("{\"metrics\":{\"a\":1},\"epoch\":\"x\"}", 1, "a=1.0@null", "'epoch'"),
        arguments("{\"metrics\":{\"a\":1},\"at\":-1}", 1, "a=1.0@null", "'at'"),
        arguments("{\"metrics\":{\"a\":1},\"at\":\"yesterday\"}", 1, "a=1.0@null", "'at'"),
        arguments("{\"metrics\":{\"a\":1},\"at\":1e300}", 1, "a=1.0@null", "'at'"),
        arguments("{\"metrics\":{\"a\":1,\"a\":2}}", 1, "a=2.0@null", "appears twice"),
        arguments("{\"metrics\":{\"a\":1,\"b\":1e400}}", 1, "a=1.0@null", "64 bits"),
        arguments(
            "{\"metrics\":{\"a\":1,\"b\":" + "9".repeat(1_001) + "}}", 1, "a=1.0@null", "digits"),
        arguments(
            "{\"metrics\":{\"a\":1,\"" + "b".repeat(60_000) + "\":1}}", 1, "a=1.0@null", "60000"));
  }

  @ParameterizedTest
  @MethodSource
  void partsThatCostThemselvesAlone(String line, long count, String left, String why)
      throws Exception {
    RunEvent start = (RunEvent) event(lines, START);

    List<LineEvent> events = lines.events(line.getBytes(StandardCharsets.UTF_8));

    MetricRow row = ((MetricsLogged) events.get(0).event()).getRows().get(0);
    assertThat(row.getValues().toString().replaceAll("[{}]", "") + "@" + row.getStep())
        .isEqualTo(left);
    assertThat(row.getAt()).isEqualTo(start.getAt());
    RunEvent said = (RunEvent) events.get(1).event();
    assertThat(said.getSeq()).isEqualTo(1);
    EventsDropped dropped = (EventsDropped) said.getEvent();
    assertThat(dropped.getCount()).isEqualTo(count);
    assertThat(dropped.getTopic()).isEqualTo(Topics.METRICS.streamName());
    assertThat(dropped.getReason()).contains(why);
  }

  @Test
  void aStartWithoutItsConfigurationIsStillAStart() throws Exception {
    String[] bad = {
      "\"config\":[1]",
      "\"config\":{\"lr\":1,\"lr\":1}",
      "\"config\":{\"n\":" + "9".repeat(2_000) + "}",
      "\"config\":{\"" + "k".repeat(60_000) + "\":1}",
      "\"config\":{\"deep\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}",
      "\"tags\":[1.5]",
      "\"slurm\":{\"job_id\":\"x\"}",
      "\"slurm\":7",
      "\"pid\":\"x\"",
      "\"git_dirty\":\"maybe\"",
      "\"predecessor_attempt_id\":\"?\"",
      "\"resumed_from_step\":0.5",
      "\"host\":{}",
    };
    for (String part : bad) {
      JsonLines fresh = lines("x.jsonl");
      List<LineEvent> events =
          fresh.events(
              ("{\"at\":1763917445,\"start\":{\"experiment\":\"7\",\"seed\":3," + part + "}}")
                  .getBytes(StandardCharsets.UTF_8));

      assertThat(fresh.run()).as(part).contains(RUN);
      assertThat(events).as(part).hasSize(2);
      assertThat(((RunEvent) events.get(0).event()).getEvent()).isInstanceOf(RunStarted.class);
      assertThat(((RunEvent) events.get(1).event()).getEvent()).isInstanceOf(EventsDropped.class);
    }
  }

  @Test
  void aRunWhoseNameCannotBeReadIsOneOfItsOwnAndNoOther() throws Exception {
    String[] bad = {
      "{\"experiment\":\"7\",\"seed\":\"three\"}",
      "{\"experiment\":{\"a\":1},\"seed\":3}",
      "{\"experiment\":\"7\",\"seed\":3.5}",
      "{\"experiment\":\"" + "x".repeat(60_000) + "\"}",
      "{\"project\":\"p\"}",
      "{\"project\":\"p\",\"name\":\"n\",\"instance_id\":\"x\"}",
    };
    for (String start : bad) {
      JsonLines fresh = lines("x.jsonl");
      List<LineEvent> events =
          fresh.events(("{\"at\":1,\"start\":" + start + "}").getBytes(StandardCharsets.UTF_8));

      RunStarted started = (RunStarted) ((RunEvent) events.get(0).event()).getEvent();
      assertThat(started.getKey()).as(start).isNull();
      assertThat(started.getProject()).isNotBlank();
      assertThat(started.getName()).isNotBlank().hasSizeLessThan(1_000);
      assertThat(fresh.run())
          .contains(
              RunId.ofInstance(
                  started.getProject(),
                  started.getName(),
                  UUID.fromString(started.getInstanceId())));
      assertThat(events).hasSize(2);
      assertThat(((MetricsLogged) event(fresh, "{\"metrics\":{\"a\":1}}")).getRunId())
          .isEqualTo(fresh.run().orElseThrow().value());
    }
  }

  @Test
  void bytesThatAreNoTextCostNoLineButMayNotNameARun() throws Exception {
    byte[] latin =
        "{\"at\":1,\"start\":{\"experiment\":\"7\",\"seed\":3,\"host\":\"caf\u00e9\"}}"
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] name =
        "{\"at\":1,\"start\":{\"experiment\":\"caf\u00e9\"}}".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(lines.events(latin)).hasSize(2);
    assertThat(lines.run()).contains(RUN);
    RunEvent own = (RunEvent) lines("y.jsonl").events(name).get(0).event();
    assertThat(((RunStarted) own.getEvent()).getKey()).isNull();
  }

  @Test
  void numbersThatAreNoneComeThroughAsCAndAwkPrintThem() throws Exception {
    event(lines, START);

    MetricsLogged printed =
        (MetricsLogged)
            event(
                lines,
                "{\"metrics\":{\"a\":nan,\"b\": -nan,\"c\":inf, \"d\":-inf,\"e\":+nan,\"f\":Inf,\"g\":INFINITY,\"nan,\":.5,\"h\":\"-NAN\",\"i\":nan(0x1)}}");

    Map<String, Double> values = printed.getRows().get(0).getValues();
    assertThat(List.of("a", "b", "e", "h", "i")).allMatch(name -> values.get(name).isNaN());
    assertThat(values.get("c")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(values.get("d")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(values.get("f")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(values.get("g")).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(values.get("nan,")).isEqualTo(0.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1763917445.25                       | 2025-11-23T17:04:05.250Z
          1763917445250                       | 2025-11-23T17:04:05.250Z
          1763917445250000                    | 2025-11-23T17:04:05.250Z
          1763917445250000000                 | 2025-11-23T17:04:05.250Z
          "1763917445.25"                     | 2025-11-23T17:04:05.250Z
          "2025-11-23T17:04:05.25Z"           | 2025-11-23T17:04:05.250Z
          "2025-11-23 18:04:05,250+0100"      | 2025-11-23T17:04:05.250Z
          """)
  void aTimeIsUnderstoodInTheUnitsThatLanguagesHave(String at, String expected) throws Exception {
    List<LineEvent> events =
        lines.events(START.replace("1763917445.25", at).getBytes(StandardCharsets.UTF_8));

    assertThat(events).hasSize(1);
    assertThat(((RunEvent) events.get(0).event()).getAt()).isEqualTo(Instant.parse(expected));
  }

  static Stream<JsonNode> steps() throws IOException {
    try (InputStream file =
        JsonLinesTest.class.getResourceAsStream("/io/runledger/schemas/step-vectors.json")) {
      JsonNode vectors = new ObjectMapper().readTree(file).get("steps");
      assertThat(vectors).isNotEmpty();
      return StreamSupport.stream(vectors.spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("steps")
  void aBadStepCostsTheStepAndNotThePoint(JsonNode vector) throws Exception {
    event(lines, START);

    List<LineEvent> events =
        lines.events(
            ("{\"metrics\":{\"a\":1},\"step\":" + vector.get("value") + "}")
                .getBytes(StandardCharsets.UTF_8));

    MetricRow row = ((MetricsLogged) events.get(0).event()).getRows().get(0);
    assertThat(row.getStep())
        .isEqualTo(vector.get("step").isNull() ? null : vector.get("step").longValue());
    assertThat(events).hasSize(vector.get("step").isNull() ? 2 : 1);
  }

  @Test
  void aCallThatIsTooWideForARecordIsSplitAndNumberedOn() throws Exception {
    event(lines, START);
    String values =
        IntStream.range(0, 60_000)
            .mapToObj(i -> "\"layer" + i + "/norm\":" + i)
            .collect(joining(","));

    List<LineEvent> events =
        lines.events(
            ("{\"metrics\":{" + values + "},\"step\":7}").getBytes(StandardCharsets.UTF_8));
    MetricsLogged next = (MetricsLogged) event(lines, "{\"metrics\":{\"a\":1}}");

    Map<String, Double> all = new HashMap<>();
    for (int i = 0; i < events.size(); i++) {
      MetricsLogged part = (MetricsLogged) events.get(i).event();
      assertThat(part.getFirstSeq()).isEqualTo(i);
      assertThat(part.getRows().get(0).getStep()).isEqualTo(7);
      assertThat(part.getRows().get(0).getValues().keySet().stream().mapToInt(String::length).sum())
          .isLessThan(200_000);
      all.putAll(part.getRows().get(0).getValues());
    }
    assertThat(events).hasSizeGreaterThan(3);
    assertThat(all).hasSize(60_000).containsEntry("layer59999/norm", 59_999.0);
    assertThat(next.getFirstSeq()).isEqualTo(events.size());
  }

  @Test
  void aHeartbeatMayStandBesideTheStart() throws Exception {
    List<LineEvent> events =
        lines.events(
            START.replace("{\"at\"", "{\"heartbeat\":30,\"at\"").getBytes(StandardCharsets.UTF_8));

    assertThat(events).hasSize(2);
    assertThat(((RunEvent) events.get(1).event()).getEvent()).isEqualTo(new Heartbeat(30));
    assertThat(((RunEvent) events.get(1).event()).getSeq()).isEqualTo(1);
  }

  @Test
  void aWordOnARunNeedsNoAttempt() throws Exception {
    for (String word :
        List.of(
            "\"delete\":{\"reason\":\"typo\"}",
            "\"restore\":{}",
            "\"annotate\":{\"add_tags\":[\"a\"]}")) {
      RunEvent event =
          (RunEvent)
              event(
                  lines("d.jsonl"), "{\"at\":1763917445,\"run_id\":\"" + RUN + "\"," + word + "}");

      assertThat(event.getRunId()).isEqualTo(RUN.value());
      assertThat(TimeOrderedId.timeOf(event.getAttemptId())).isEqualTo(event.getAt().plusMillis(1));
    }
  }

  @Test
  void aStartThatItsWriterCutAndMaskedIsLeftAsItIs() throws Exception {
    RunStarted started =
        (RunStarted)
            ((RunEvent)
                    event(
                        lines,
                        START.replace(
                            "\"config\":{",
                            "\"config_truncated_bytes\":77,\"config_sha256\":\"ab\",\"masked_keys\":[\"k\"],\"secret_keys\":\"pin\",\"config\":{\"pin\":1,")))
                .getEvent();

    assertThat(started.getConfig())
        .isEqualTo("{\"pin\":\"********\",\"lr\":0.1,\"api_key\":\"********\"}");
    assertThat(started.getConfigTruncatedBytes()).isEqualTo(77);
    assertThat(started.getConfigSha256()).isEqualTo("ab");
    assertThat(started.getMaskedKeys()).containsExactly("k", "pin", "api_key");
  }

  @Test
  void anExpressionForSecretsThatCannotBeReadIsCounted() throws Exception {
    String start =
        "{\"at\":1,\"start\":{\"experiment\":\"7\",\"secret_keys\":\"(mine\",\"config\":{\"mine\":\"x\",\"token\":\"y\"}}}";

    List<JsonLines.LineEvent> events = lines.events(start.getBytes(StandardCharsets.UTF_8));

    RunStarted started = (RunStarted) ((RunEvent) events.get(0).event()).getEvent();
    EventsDropped counted = (EventsDropped) ((RunEvent) events.get(1).event()).getEvent();
    assertThat(started.getConfig()).isEqualTo("{\"mine\":\"x\",\"token\":\"********\"}");
    assertThat(counted.getCount()).isEqualTo(1);
    assertThat(counted.getReason())
        .contains("'secret_keys' of 'start' is not a regular expression");
  }

  @Test
  void secretsInWhatALineSaysAreMaskedByTheSender() throws Exception {
    event(lines, START);

    assertThat(kind("{\"results\":{\"token\":\"x\",\"max_tokens\":5}}"))
        .isEqualTo(new ResultsRecorded("{\"token\":\"********\",\"max_tokens\":5}"));
    assertThat(kind("{\"annotate\":{\"notes\":\"see https://u:p@h/x\"}}"))
        .isEqualTo(new RunAnnotated("see https://********@h/x", List.of(), List.of(), null));
  }

  @Test
  void aFileWithoutARunIsToldLineByLineAndOneWithoutATimeStartsAtNone() throws Exception {
    assertThat(badLine("{\"at\":1,\"metrics\":{\"a\":1}}"))
        .hasMessageContaining("identifies a run");
    assertThat(lines.run()).isEmpty();

    RunEvent start = (RunEvent) event(lines, "{\"start\":{\"experiment\":\"7\"}}");

    assertThat(start.getAt()).isEqualTo(Instant.EPOCH);
  }

  private BadLineException badLine(String line) {
    try {
      lines.events(line.getBytes(StandardCharsets.UTF_8));
    } catch (BadLineException e) {
      assertThat(e.getMessage()).hasSizeGreaterThan(10);
      return e;
    }
    throw new AssertionError("This line was taken: " + line);
  }

  private Object kind(String line) throws BadLineException {
    return ((RunEvent) event(lines, line)).getEvent();
  }

  private static SpecificRecord event(JsonLines lines, String line) throws BadLineException {
    return lines.events(line.getBytes(StandardCharsets.UTF_8)).get(0).event();
  }
}
