package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that speak of a run as a whole: of tags, notes, a name, of deletion. */
class LinesOnRunsTest {

  private static final RunId RUN = RunId.of(RunKey.of("7", "mnist", null, null, null, 3L));
  private static final String KEY =
      "\"run\":{\"experiment\":\"7\",\"dataset\":\"mnist\",\"seed\":3}";

  private final JsonLines lines =
      new JsonLines("o.jsonl", Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty()));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"delete\":{\"reason\":\"typo\"}",
        "\"restore\":{}",
        "\"annotate\":{\"add_tags\":[\"paper\"]}",
        "\"annotate\":{\"name\":\"the baseline\"}"
      })
  void aLineMayNameItsRunByItsKeyAlone(String word) throws Exception {
    RunEvent event = event("{\"at\":1763917445," + KEY + "," + word + "}");

    assertThat(event.getRunId()).isEqualTo(RUN.value());
    assertThat(TimeOrderedId.timeOf(event.getAttemptId()))
        .isEqualTo(Instant.parse("2025-11-23T17:04:05.001Z"));
  }

  @Test
  void aLineMayNameARunOfItsOwnByItsInstance() throws Exception {
    UUID instance = UUID.fromString("05aef75a-b83b-8b38-90fb-7c820584a427");

    RunEvent event =
        event(
            "{\"at\":1,\"run\":{\"project\":\"p\",\"name\":\"n\",\"instance_id\":\"%s\"},\"delete\":{}}"
                .formatted(instance));

    assertThat(event.getRunId()).isEqualTo(RunId.ofInstance("p", "n", instance).value());
  }

  @Test
  void oneFileMaySpeakOfManyRuns() throws Exception {
    RunEvent one = event("{\"at\":5," + KEY + ",\"annotate\":{\"add_tags\":[\"a\"]}}");
    RunEvent other = event("{\"run\":{\"experiment\":\"8\"},\"annotate\":{\"add_tags\":[\"a\"]}}");
    RunEvent oneAgain = event("{" + KEY + ",\"annotate\":{\"add_tags\":[\"b\"]}}");

    assertThat(other.getRunId())
        .isEqualTo(RunId.of(RunKey.of("8", null, null, null, null, null)).value());
    assertThat(List.of(one.getSeq(), other.getSeq(), oneAgain.getSeq()))
        .as("numbered for each attempt, which each of these is")
        .containsExactly(0L, 0L, 0L);
    assertThat(oneAgain.getAt()).isEqualTo(Instant.ofEpochSecond(5));
    assertThat(oneAgain.getAttemptId()).isNotEqualTo(one.getAttemptId());
    assertThat(((RunAnnotated) oneAgain.getEvent()).getTagsAdded()).containsExactly("b");
  }

  @Test
  void aWordOfTheSameSecondAsAStartComesBehindIt() throws Exception {
    for (int second = 1; second < 50; second++) {
      JsonLines job =
          new JsonLines(
              "j.jsonl", Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty()));
      String start = "{\"at\":%d,\"start\":{\"experiment\":\"7\"}}".formatted(second);
      RunEvent started =
          (RunEvent) job.events(start.getBytes(StandardCharsets.UTF_8)).get(0).event();

      RunEvent deleted = event("{\"at\":" + second + "," + KEY + ",\"delete\":{}}");
      event("{\"at\":" + second + ",\"run\":{\"experiment\":\"8\"},\"delete\":{}}");
      RunEvent restored = event("{\"at\":" + second + "," + KEY + ",\"restore\":{}}");

      assertThat(deleted.getAttemptId()).isGreaterThan(started.getAttemptId());
      assertThat(restored.getAttemptId()).isGreaterThan(deleted.getAttemptId());
    }
  }

  @Test
  void aWordOnTheRunOfTheFileItselfBelongsToItsAttempt() throws Exception {
    RunEvent start =
        event("{\"at\":1,\"start\":{\"experiment\":\"7\",\"dataset\":\"mnist\",\"seed\":3}}");
    RunEvent word = event("{" + KEY + ",\"annotate\":{\"add_tags\":[\"a\"]}}");

    assertThat(word.getAttemptId()).isEqualTo(start.getAttemptId());
    assertThat(word.getSeq()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"run\":{}",
        "\"run\":\"7/mnist\"",
        "\"run\":{\"seed\":\"three\"}",
        "\"run\":{\"project\":\"p\",\"name\":\"n\"}",
        "\"run\":{\"project\":\"p\",\"name\":\"n\",\"instance_id\":\"1\"}",
        "\"run\":{\"experiment\":\"7\"},\"run_id\":\"0000000000001\"",
        "\"run\":{\"experiment\":\"7\"},\"run_id\":\"x\""
      })
  void aRunThatCannotBeToldIsNotGuessed(String run) {
    assertThatThrownBy(() -> event("{\"at\":1763917445," + run + ",\"delete\":{}}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("'run");
  }

  @Test
  void whatALineSaysOfARunWithoutSayingWhenWouldBeOverruledByEveryStart() {
    assertThatThrownBy(() -> event("{" + KEY + ",\"delete\":{}}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("needs 'at'");
  }

  @Test
  void whatFollowsAWordOnARunIsNoEventOfAnAttempt() throws Exception {
    event("{\"at\":1," + KEY + ",\"annotate\":{\"add_tags\":[\"a\"]}}");

    assertThatThrownBy(() -> event("{\"metrics\":{\"loss\":1}}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("identifies an attempt");
    assertThat(event("{\"delete\":{}}").getRunId()).isEqualTo(RUN.value());
  }

  @Test
  void whatHappensInAnAttemptNeedsOne() {
    assertThatThrownBy(() -> event("{\"at\":1," + KEY + ",\"metrics\":{\"loss\":1}}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("'attempt_id'");
  }

  private RunEvent event(String line) throws BadLineException {
    return (RunEvent) lines.events(line.getBytes(StandardCharsets.UTF_8)).get(0).event();
  }
}
