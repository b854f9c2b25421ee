package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.OnEachStore;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a job writes reaches no terminal and no spreadsheet as a command. */
@OnEachStore
class HostileTextTest extends OpenLaboratory {

  private static final String ESCAPE = "\u001b]0;owned\u0007\u009b31m\u202egnp.exe\r\n";

  @BeforeEach
  void fill() {
    Events run = Events.ofName("=cmd|' /C calc'!A0", ESCAPE, new UUID(1, 1));
    laboratory.deliver(
        run.started(
            start ->
                start
                    .setConfig("{\"a\":\"\\u001b[2J\",\"b\":\"\u009b2J\"}")
                    .setNotes("@SUM(1+1)*cmd")
                    .setTags(List.of("-2+3"))
                    .setHost(ESCAPE)
                    .setUser(ESCAPE)
                    .setCommand(ESCAPE)
                    .setGitCommit(ESCAPE)
                    .setSlurm(Events.slurmReference(5))),
        run.metrics(Events.call(1, Map.of("loss" + ESCAPE, 1.0, "+1", -2.5))),
        run.error(ESCAPE, "'; DROP TABLE runs; --" + ESCAPE),
        run.artifact(ESCAPE, ESCAPE),
        run.results("{\"x\":\"" + "\u009b" + "\"}"),
        run.slurm(5, ESCAPE),
        run.status(RunStatus.FAILED, StatusSource.JOB, 1));
  }

  @Test
  void noControlCharacterReachesTheTerminal() {
    String id = run("list", "--json").json().get("runs").get(0).get("id").asText();
    List<Command> texts =
        List.of(
            run("list"),
            run("show", id),
            run("metrics", id),
            run("metrics", id, "+1"),
            run("metrics", id, "loss" + ESCAPE),
            run("compare", id),
            run("best", "loss" + ESCAPE),
            run("errors"),
            run("errors", id),
            run("jobs"),
            run("list", "--csv"),
            run("metrics", id, "--csv"),
            run("errors", "--csv"),
            run("jobs", "--csv"));

    assertThat(texts)
        .allSatisfy(
            text ->
                assertThat(text.out().chars())
                    .noneMatch(
                        c ->
                            (c < 0x20 && c != '\n')
                                || c == 0x7f
                                || (c >= 0x80 && c <= 0x9f)
                                || c == 0x202e));
    assertThat(texts.get(0).out()).contains("␛]0;owned␇");
  }

  @Test
  void wordsAreHarmlessToo() {
    Command lost = Command.at(laboratory.location(), "show", "x\u001b[2Jx");

    assertThat(lost.code()).isEqualTo(3);
    assertThat(lost.err()).contains("x␛[2Jx").doesNotContain("\u001b");
  }

  @Test
  void jsonBringsTheTextsBackAsTheyWere() {
    var run = run("list", "--json");

    assertThat(run.out().chars()).allMatch(c -> c == '\n' || (c >= 0x20 && c < 0x7f));
    assertThat(run.json().get("runs").get(0).get("run_name").asText()).isEqualTo(ESCAPE);
  }

  @Test
  void noTextBeginsAFormulaInASpreadsheetAndNumbersStayNumbers() {
    String id = run("list", "--json").json().get("runs").get(0).get("id").asText();
    var list = run("list", "--csv").csv().get(0);
    var points = run("metrics", id, "+1", "--csv").csv().get(0);

    assertThat(list.getField("project")).isEqualTo("'=cmd|' /C calc'!A0");
    assertThat(list.getField("notes")).isEqualTo("'@SUM(1+1)*cmd");
    assertThat(list.getField("tags")).startsWith("'-2+3");
    assertThat(points.getField("value")).isEqualTo("-2.5");
    assertThat(points.getField("metric_name")).isEqualTo("+1");
  }
}
