package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.runledger.config.Configuration;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that are bad as a whole, in a file that speaks of several runs. */
class LineOwnerTest {

  private static final RunId FIRST = run("1");
  private static final RunId SECOND = run("2");
  private static final String FIRST_START = "{\"at\":1763917445,\"start\":{\"experiment\":\"1\"}}";
  private static final long SECOND_ATTEMPT = 1_234_567L;
  private static final String OF_SECOND =
      "\"run_id\":\"%s\",\"attempt_id\":\"%s\"".formatted(SECOND, Base32.encode(SECOND_ATTEMPT));
  private static final String POINT = "{\"metrics\":{\"loss\":0.5}}";

  private final JsonLines lines =
      new JsonLines("o.jsonl", Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty()));

  private static RunId run(String experiment) {
    return RunId.of(RunKey.of(experiment, null, null, null, null, null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{%s,\"metrics\":{}}",
        "{%s,\"metrics\":{\"loss\":0,9}}",
        "{%s,\"status\":\"done\"}",
        "{%s,\"heartbeat\":0}",
        "{%s,\"step\":1,\"step\":2,\"metrics\":{\"loss\":1}}",
        "{%s,\"metrics\":{\"loss\":",
      })
  void whatFollowsABadLineBelongsToTheRunThatItNamed(String bad) throws Exception {
    event(FIRST_START);

    RunEvent said = (RunEvent) badLine(bad.formatted(OF_SECOND)).events().get(0).event();
    MetricsLogged point = (MetricsLogged) event(POINT);

    assertThat(said.getEvent()).isInstanceOf(EventsDropped.class);
    assertThat(said.getRunId()).isEqualTo(SECOND.value());
    assertThat(point.getRunId()).isEqualTo(SECOND.value());
    assertThat(point.getAttemptId()).isEqualTo(SECOND_ATTEMPT);
  }

  @Test
  void aFileWhoseFirstLineIsBadIsStillOfTheRunThatItNames() throws Exception {
    assertThat(badLine("{\"at\":1763917445," + OF_SECOND + ",\"metrics\":{}}").events()).isEmpty();

    MetricsLogged point = (MetricsLogged) event(POINT);

    assertThat(point.getRunId()).isEqualTo(SECOND.value());
    assertThat(point.getRows().get(0).getAt()).isEqualTo(Instant.ofEpochSecond(1_763_917_445L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"run\":{\"experiment\":\"2\"},\"metrics\":{\"loss\":1}}",
        "{\"run\":{\"experiment\":\"2\"},\"metrics\":{\"loss\":0,9}}",
        "{\"run_id\":\"0000000000001\",\"heartbeat\":1}",
        "{\"run_id\":\"xyz\",\"attempt_id\":\"0000000000001\",\"heartbeat\":1}",
        "{\"run_id\":\"0000000000001\",\"attempt_id\":\"xyz\",\"heartbeat\":1}",
        "{\"run_id\":\"0000000000001\",\"attempt_id\":\"0000000000002\",\"met{\"run_id\":\"0000000000003\"",
        "{\"run_id\":\"0uuuuuuuuuuuu\",\"metrics\":{\"loss\":0,9}}",
        "{\"start\":\"2\"}",
        "{\"start\":[]}",
      })
  void whatFollowsABadLineWhoseRunIsUnknownBelongsToNoRunBeforeIt(String bad) throws Exception {
    event(FIRST_START);

    assertThat(badLine(bad).events()).as("the run before it has lost nothing").isEmpty();

    assertThat(badLine(POINT)).hasMessageContaining("identifies a run");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"run\":{\"experiment\":\"1\"},\"metrics\":{}}",
        "{\"metrics\":{\"loss\":0,9}}",
        "{\"results\":{\"run_id\":\"wandb-17\"},\"step\":}",
        "{\"results\":[],\"note\":\"\\\"run_id\\\":\\\"0000000000001\\\"\"}",
      })
  void aBadLineOfTheSameRunChangesNothingForThoseBehindIt(String bad) throws Exception {
    event(FIRST_START);

    assertThat(((RunEvent) badLine(bad).events().get(0).event()).getRunId())
        .isEqualTo(FIRST.value());

    assertThat(((MetricsLogged) event(POINT)).getRunId()).isEqualTo(FIRST.value());
  }

  @Test
  void aBadWordOnOneRunIsNotFollowedByAWordOnTheOneBeforeIt() throws Exception {
    RunEvent tagged =
        (RunEvent)
            event("{\"at\":5,\"run\":{\"experiment\":\"1\"},\"annotate\":{\"add_tags\":[\"a\"]}}");
    assertThat(((RunAnnotated) tagged.getEvent()).getTagsAdded()).containsExactly("a");

    badLine("{\"run\":{\"experiment\":\"2\"},\"annotate\":\"paper\"}");

    assertThat(badLine("{\"delete\":{}}")).hasMessageContaining("identifies a run");
  }

  @Test
  void aLongLineIsNewsOfTheRunThatItNames() throws Exception {
    event(FIRST_START);
    LineChunk chunk = new LineChunk(lines, 1_000, 0, 1, false);

    chunk.add(
        ("{" + OF_SECOND + ",\"results\":{\"x\":\"" + "y".repeat(2_000) + "\"}}\n")
            .getBytes(StandardCharsets.UTF_8));

    RunEvent notice = (RunEvent) chunk.tooLong().get(0).notice().orElseThrow();
    assertThat(notice.getRunId()).isEqualTo(SECOND.value());
    assertThat(((MetricsLogged) event(POINT)).getRunId()).isEqualTo(SECOND.value());
  }

  private BadLineException badLine(String line) {
    return catchThrowableOfType(BadLineException.class, () -> events(line));
  }

  private SpecificRecord event(String line) throws BadLineException {
    return events(line).get(0).event();
  }

  private List<JsonLines.LineEvent> events(String line) throws BadLineException {
    return lines.events(line.getBytes(StandardCharsets.UTF_8));
  }
}
