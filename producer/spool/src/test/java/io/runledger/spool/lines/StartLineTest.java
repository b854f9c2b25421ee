package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which run a start is of: never another one than it names. */
class StartLineTest {

  private static final UUID INSTANCE = UUID.fromString("00000000-0000-0000-0000-000000000001");
  private static final Configuration CONFIGURATION =
      Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty());

  private final BadParts parts = new BadParts();

  private LineFields fields(String json) throws BadLineException {
    return new LineFields(
        LineTree.of(json.getBytes(StandardCharsets.UTF_8), parts), "'start'", parts);
  }

  private StartLine start(String json) throws BadLineException {
    return start(json, Optional.empty());
  }

  private StartLine start(String json, Optional<RunId> joined) throws BadLineException {
    return StartLine.of(fields(json), joined, INSTANCE, "a.jsonl", CONFIGURATION);
  }

  @Test
  void partsOfAKeyNameTheRunAndNumbersAreTheTextsOfTheirDigits() throws BadLineException {
    StartLine start = start("{\"experiment\":7,\"dataset\":\"mnist\",\"seed\":\"1\"}");

    RunKey key = RunKey.of("7", "mnist", null, null, null, 1L);
    assertThat(start.run()).isEqualTo(RunId.of(key));
    assertThat(start.started().getKey()).isEqualTo(key.parts());
    assertThat(start.started().getSource()).isEqualTo("job");
    assertThat(parts.count()).isZero();
  }

  @Test
  void aKeyOfWhichAPartCannotBeReadIsNoKeyAndTheRunIsOneOfItsOwn() throws BadLineException {
    StartLine start = start("{\"experiment\":\"7\",\"seed\":1.5}");

    assertThat(start.run()).isNotEqualTo(RunId.of(RunKey.of("7", null, null, null, null, null)));
    assertThat(start.started().getKey()).isNull();
    assertThat(start.started().getInstanceId()).isEqualTo(INSTANCE.toString());
    assertThat(start.started().getName()).as("what people can recognize").contains("1.5");
    assertThat(parts.count()).isEqualTo(2);
  }

  /** What stands for bytes that are not text may stand for others in another name. */
  @Test
  void aNameWithUnreadableBytesIsNotTakenForAnother() throws BadLineException {
    assertThat(start("{\"experiment\":\"caf\ufffd\"}").started().getKey()).isNull();
  }

  @Test
  void projectNameAndInstanceNameTheRun() throws BadLineException {
    String other = "00000000-0000-0000-0000-000000000002";

    assertThat(start("{\"project\":\"p\",\"name\":\"n\"}").run())
        .isEqualTo(RunId.ofInstance("p", "n", INSTANCE));
    assertThat(start("{\"project\":\"p\",\"name\":\"n\",\"instance_id\":\"" + other + "\"}").run())
        .isEqualTo(RunId.ofInstance("p", "n", UUID.fromString(other)));
  }

  @Test
  void aStartWithoutANameTakesPartInTheAttemptBesideItAndOneWithANameDoesNot()
      throws BadLineException {
    Optional<RunId> joined = Optional.of(new RunId(5));

    assertThat(start("{\"host\":\"node7\"}", joined).run()).isEqualTo(new RunId(5));
    assertThat(start("{\"experiment\":\"7\"}", joined).run()).isNotEqualTo(new RunId(5));
    assertThatThrownBy(() -> start("{\"host\":\"node7\"}"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("does not identify a run");
  }

  @Test
  void whatElseCannotBeReadCostsItself() throws BadLineException {
    StartLine start =
        start(
            """
            {"experiment":"7","config":[1],"tags":["a","a",{}],"pid":"x","git_dirty":1,
             "source":"operator","predecessor_attempt_id":"?","slurm":{"cluster":"c"}}
            """);

    assertThat(start.started().getTags()).isEqualTo(List.of("a"));
    assertThat(start.started().getConfig()).isNull();
    assertThat(start.started().getPid()).isNull();
    assertThat(start.started().getPredecessorAttemptId()).isNull();
    assertThat(start.started().getSlurm()).isNull();
    assertThat(start.started().getSource()).isEqualTo("job");
    assertThat(parts.count()).isEqualTo(7);
  }

  @Test
  void aJobsOwnSecretsAreMaskedBesideTheUsualOnes() throws BadLineException {
    StartLine start =
        start(
            "{\"experiment\":\"7\",\"secret_keys\":\"codename\",\"config\":{\"codename\":\"x1\",\"password\":\"x2\",\"lr\":1}}");

    assertThat(start.started().getConfig()).contains("lr").doesNotContain("x1", "x2");
    assertThat(start.started().getMaskedKeys()).containsExactlyInAnyOrder("codename", "password");
  }

  @Test
  void aJobOfSlurmIsKnownByItsNumberAndStartsAtNoRestart() throws BadLineException {
    StartLine start =
        start(
            "{\"experiment\":\"7\",\"slurm\":{\"job_id\":\"42\",\"allocated\":{\"cpu\":4,\"x\":[]}}}");

    assertThat(start.started().getSlurm().getJobId()).isEqualTo(42);
    assertThat(start.started().getSlurm().getRestartCount()).isZero();
    assertThat(start.started().getSlurm().getAllocated()).isEqualTo(Map.of("cpu", "4"));
    assertThat(parts.count()).isEqualTo(1);
  }

  @Test
  void anotherLineNamesTheRunAsTheStartDidAndNoGuessIsMade() throws BadLineException {
    assertThat(StartLine.named(fields("{\"experiment\":\"7\"}")))
        .isEqualTo(RunId.of(RunKey.of("7", null, null, null, null, null)));

    for (String unclear :
        new String[] {
          "{\"project\":\"p\",\"name\":\"n\"}",
          "{\"experiment\":\"7\",\"seed\":1.5}",
          "{\"project\":\"p\",\"name\":\"n\",\"instance_id\":\"no\"}"
        }) {
      assertThatThrownBy(() -> StartLine.named(fields(unclear)))
          .as(unclear)
          .isInstanceOf(BadLineException.class);
    }
  }
}
