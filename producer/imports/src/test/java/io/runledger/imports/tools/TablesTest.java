package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.tools.Imported.Outcome;
import io.runledger.imports.tools.Imported.Run;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of any origin, with and without a mapping. */
class TablesTest {

  @TempDir private Path directory;

  private Outcome imported(String name, String text, String map) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    ColumnMap columns = map.isEmpty() ? ColumnMap.USUAL : ColumnMap.parse(map);
    ImportKind kind = name.endsWith("jsonl") ? ImportKind.JSONL : ImportKind.CSV;
    return Imported.run(kind, file, spool(), columns);
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  @Test
  void columnsAreWhatTheirNamesSay() throws IOException {
    imported(
        "a.csv", "step,loss,timestamp\n0,0.5,1763917445.25\n1,nan,1763917446\n2,,1763917447\n", "");

    Run run = Imported.named(spool(), "a.csv");
    assertThat(run.project).isEqualTo("a");
    assertThat(run.metrics.keySet()).containsExactly("loss");
    assertThat(run.rows.get(0).getAt()).isEqualTo(Instant.parse("2025-11-23T17:04:05.250Z"));
    assertThat(run.rows).hasSize(2);
    assertThat(run.rows.get(1).getValues().get("loss")).isNaN();
  }

  @Test
  void aMappingSaysWhatIsWhat() throws IOException {
    imported(
        "sweep.csv",
        """
        trial,iteration,lr,host,acc,state
        t1,1,0.1,n1,0.5,
        t2,1,0.2,n2,0.6,
        t1,2,0.1,n1,0.7,done
        t2,2,0.2,n2,0.8,crashed
        """,
        "run=trial,step=iteration,config=lr,ignore=host,status=state");

    Run one = Imported.named(spool(), "t1");
    assertThat(one.metrics.keySet()).containsExactly("acc");
    assertThat(one.metrics.get("acc")).hasSize(2);
    assertThat(one.metrics.get("acc").get(1).step()).isEqualTo(2);
    assertThat(one.config.path("lr").doubleValue()).isEqualTo(0.1);
    assertThat(one.statuses).containsExactly("completed");
    assertThat(Imported.named(spool(), "t2").statuses).containsExactly("failed");
  }

  @Test
  void aRowMayBeAValue() throws IOException {
    imported("long.csv", "metric_name,value,step\nloss,1,0\nacc,0.5,0\nloss,2,1\n", "");

    Run run = Imported.named(spool(), "long.csv");
    assertThat(run.metrics.keySet()).containsExactly("acc", "loss");
    assertThat(run.metrics.get("loss")).hasSize(2);
  }

  @Test
  void aRowWithARunKeyBelongsToThatRun() throws IOException {
    imported("key.csv", "experiment,dataset,method,seed,step,loss\n7,mnist,cnn,3,0,0.5\n", "");

    RunId run = RunId.of(RunKey.of("7", "mnist", "cnn", null, null, 3L));
    assertThat(Imported.runs(spool())).containsOnlyKeys(run.value());
  }

  @Test
  void linesOfJsonMayBeNested() throws IOException {
    imported(
        "log.jsonl",
        """
        {"step":1,"train":{"loss":0.5},"ok":true}
        {"step":2,"train":{"loss":NaN}}
        """,
        "");

    Run run = Imported.named(spool(), "log.jsonl");
    assertThat(run.metrics.keySet()).containsExactly("ok", "train.loss");
    assertThat(run.metrics.get("train.loss")).hasSize(2);
  }

  @Test
  void whatCannotBeReadIsSaidWithItsLine() throws IOException {
    Outcome csv = imported("bad.csv", "step,loss\n0,0.5\n1,x\n2\n3,0.1\n4,0.", "");
    Outcome jsonl = imported("bad.jsonl", "{\"step\":0,\"loss\":1}\n{bad\n[1]\n", "");

    assertThat(csv.losses()).hasSize(3);
    assertThat(csv.losses().get(0)).contains("bad.csv, line 3: 'x' is not a number for loss");
    assertThat(csv.losses().get(1)).contains("line 4").contains("1 value instead of 2");
    assertThat(csv.losses().get(2)).contains("half a line");
    assertThat(Imported.named(spool(), "bad.csv").metrics.get("loss")).hasSize(2);
    assertThat(jsonl.losses()).hasSize(2);
    assertThat(jsonl.losses().get(1)).contains("line 3");
  }

  @Test
  void aTableThatGrowsAddsItsNewRows() throws IOException {
    String text = "step,loss,timestamp\n0,0.5,1763917445.25\n";
    imported("a.csv", text, "");
    int before = Imported.events(spool()).size();

    imported("a.csv", text + "1,0.4,1763917446\n", "");

    assertThat(Imported.events(spool())).hasSize(before + 1);
  }

  @Test
  void aNestedObjectIsMappedToTheConfigurationAsAWhole() throws IOException {
    imported(
        "run.jsonl",
        """
        {"step":0,"cfg":{"lr":0.1,"optimizer":{"name":"adam"}},"host":{"name":"n1"},"loss":1}
        {"step":1,"cfg":{"lr":0.1,"optimizer":{"name":"adam"}},"host":null,"loss":0.5}
        """,
        "config=cfg,ignore=host");

    Run run = Imported.named(spool(), "run.jsonl");
    assertThat(run.metrics.keySet()).containsExactly("loss");
    assertThat(run.config.path("cfg.lr").doubleValue()).isEqualTo(0.1);
    assertThat(run.config.path("cfg.optimizer.name").asText()).isEqualTo("adam");
  }

  @Test
  void aColumnThatIsMappedDoesNotTakeThoseWhoseNamesGoOn() throws IOException {
    imported("a.csv", "step,loss,loss.val\n0,,2\n1,3,4\n", "ignore=loss");

    assertThat(Imported.named(spool(), "a.csv").metrics.get("loss.val")).hasSize(2);
    assertThat(Imported.named(spool(), "a.csv").metrics.keySet()).containsExactly("loss.val");
  }

  @Test
  void aTableThatWasImportedWithAWrongMapIsImportedAgainWithTheRightOne() throws IOException {
    String text = "it,epoch,loss,time\n10,0,0.5,1763917445\n20,0,0.4,1763917446\n";
    imported("a.csv", text, "step=epoch");
    imported("a.csv", text, "step=it");
    Outcome again = imported("a.csv", text, "step=it");

    assertThat(again.writtenLines()).isZero();
    assertThat(Imported.runs(spool()).values())
        .extracting(run -> run.metrics.get("loss").get(1).step())
        .containsExactlyInAnyOrder(0L, 20L);
  }

  @Test
  void aMapIsTheSameWhateverTheOrderOfItsParts() {
    assertThat(ColumnMap.parse("step=a,config=c,config=b,run=d").identity())
        .isEqualTo(ColumnMap.parse("run=d,config=b,step=a,config=c").identity())
        .isNotEqualTo(ColumnMap.parse("run=d,config=b,step=a,ignore=c").identity());
    assertThat(ColumnMap.USUAL.identity()).isEmpty();
  }

  @Test
  void columnsOfTheSameNameAreReported() throws IOException {
    Outcome outcome = imported("a.csv", "step,loss,loss\n0,1,2\n1,3,4\n2,5,\n", "");

    assertThat(outcome.losses())
        .containsExactly(
            directory.resolve("a.csv").toRealPath()
                + ", line 1: 'loss' is the name of several columns, and only the first one is"
                + " imported; 2 values are left out.");
    assertThat(Imported.named(spool(), "a.csv").metrics.get("loss"))
        .extracting(Imported.Value::value)
        .containsExactly(1.0, 3.0, 5.0);
  }

  @Test
  void columnsWhoseNamesAreTheSameAfterDecodingAreReported() throws IOException {
    Path file = directory.resolve("latin1.csv");
    Files.write(file, "step,\u00e4,\u00f6\n0,1,2\n".getBytes(StandardCharsets.ISO_8859_1));

    Outcome outcome = Imported.run(ImportKind.CSV, file, spool());

    assertThat(outcome.losses())
        .singleElement()
        .asString()
        .contains("'\ufffd' is the name of several columns")
        .contains("1 value is left out");
  }

  @Test
  void keysOfJsonThatBecomeTheSameAreReported() throws IOException {
    Outcome outcome =
        imported(
            "a.jsonl",
            "{\"a.b\":1,\"a\":{\"b\":2}}\n{\"c\":1,\"c\":null}\n{\"c\":1,\"c\":3}\n",
            "");

    assertThat(outcome.losses()).hasSize(2);
    assertThat(outcome.losses().get(0)).contains("line 1: 'a.b' is there twice");
    assertThat(outcome.losses().get(1)).contains("line 3: 'c' is there twice");
    assertThat(Imported.named(spool(), "a.jsonl").metrics.get("c")).hasSize(2);
  }

  @Test
  void timesThatCannotBeReadAreReportedAndADateIsItsMidnight() throws IOException {
    Outcome outcome =
        imported(
            "a.csv",
            "time,epoch,elapsed,loss\n2026-01-01,0,1,1\n01/02/2026,x,y,2\n2026-01-03 12:00,1,2,3\n",
            "");

    assertThat(outcome.losses()).hasSize(3);
    assertThat(outcome.losses().get(0)).contains("line 3: '01/02/2026' is not a time and is left");
    assertThat(outcome.losses().get(1)).contains("'x' is not a finite number for epoch");
    assertThat(outcome.losses().get(2)).contains("'y' is not a finite number for elapsed");
    assertThat(Imported.named(spool(), "a.csv").rows)
        .extracting(row -> row.getAt().toString())
        .containsExactly("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-03T12:00:00Z");
  }

  @Test
  void aNumberOfJsonThatIsTooLargeIsNotAnInfinity() throws IOException {
    Outcome outcome = imported("a.jsonl", "{\"a\":1e400,\"b\":Infinity,\"c\":1e-5}\n", "");

    assertThat(outcome.losses())
        .singleElement()
        .asString()
        .contains("line 1: '1e400' is not a number for a and is left out");
    Run run = Imported.named(spool(), "a.jsonl");
    assertThat(run.metrics.keySet()).containsExactly("b", "c");
    assertThat(run.metrics.get("b").get(0).value()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(run.metrics.get("c").get(0).value()).isEqualTo(1e-5);
  }

  @Test
  void aConfiguredNumberThatIsTooLargeStaysAText() throws IOException {
    imported("a.csv", "lr,cap,loss\n0.1,1e400,2\n", "config=lr,config=cap");

    Run run = Imported.named(spool(), "a.csv");
    assertThat(run.config.path("lr").doubleValue()).isEqualTo(0.1);
    assertThat(run.config.path("cap").asText()).isEqualTo("1e400");
    assertThat(run.config.path("cap").isTextual()).isTrue();
  }

  @Test
  void aListInALineOfJsonCostsOnlyItself() throws IOException {
    Outcome outcome = imported("a.jsonl", "{\"a\":[1,{\"b\":2}],\"loss\":1,\"\":3}\n", "");

    assertThat(outcome.losses())
        .singleElement()
        .asString()
        .contains("line 1: '[1,{\"b\":2}]' is not a number for a");
    assertThat(Imported.named(spool(), "a.jsonl").metrics.keySet()).containsExactly("loss");
  }

  @Test
  void theIndexOfPandasIsNotAMetric() throws IOException {
    Outcome outcome = imported("a.csv", ",step,loss\n0,0,0.5\n1,1,0.4\n", "");

    assertThat(outcome.lossCount()).isZero();
    assertThat(Imported.named(spool(), "a.csv").metrics.keySet()).containsExactly("loss");
  }

  @Test
  void columnsMayBeSeparatedBySemicolonsOrTabs() throws IOException {
    imported("semicolon.csv", "step;\"a,b,c,d\";loss\n0;1;0.5\n", "");
    imported("tab.csv", "step\tloss\n0\t0.5\n", "");
    imported("comma.tsv", "step,loss\n0,0.5\n", "");

    assertThat(Imported.named(spool(), "semicolon.csv").metrics.keySet())
        .containsExactly("a,b,c,d", "loss");
    assertThat(Imported.named(spool(), "tab.csv").metrics.keySet()).containsExactly("loss");
    assertThat(Imported.named(spool(), "comma.tsv").metrics.keySet()).containsExactly("loss");
  }

  @Test
  void rowsOfWhichNothingCanBeReadLeaveNoEmptyRun() throws IOException {
    Outcome outcome = imported("pipes.csv", "step|loss\n0|0.5\n1|0.4\n", "");
    Outcome wide = Imported.run(ImportKind.CSV, wide("wide.csv"), spool());
    Outcome wideLines = Imported.run(ImportKind.JSONL, wide("wide.jsonl"), spool());

    assertThat(outcome.runs()).isZero();
    assertThat(outcome.losses()).hasSize(2);
    assertThat(outcome.writtenLines()).isZero();
    assertThat(wide.runs() + wideLines.runs()).isZero();
    assertThat(wide.losses())
        .singleElement()
        .asString()
        .contains("wide.csv, all of it: it is in UTF-16");
    assertThat(wideLines.losses()).singleElement().asString().contains("it is in UTF-16");
  }

  private Path wide(String name) throws IOException {
    return Files.write(
        directory.resolve(name), "step,loss\n0,1\n".getBytes(StandardCharsets.UTF_16));
  }

  @Test
  void aByteOrderMarkIsNotAPartOfTheFirstLine() throws IOException {
    Outcome outcome = imported("a.jsonl", "\ufeff{\"loss\":1}\n{\"loss\":2}\n", "");

    assertThat(outcome.losses()).isEmpty();
    assertThat(Imported.named(spool(), "a.jsonl").metrics.get("loss")).hasSize(2);
  }

  @Test
  void aLastLineOfJsonIsTakenIfItIsWhole() throws IOException {
    imported("a.jsonl", "{\"loss\":1}\n{\"loss\":2}", "");
    Outcome torn = imported("b.jsonl", "{\"loss\":1}\n{\"loss\":2", "");
    Outcome grown = imported("a.jsonl", "{\"loss\":1}\n{\"loss\":2}\n{\"loss\":3}\n", "");

    assertThat(torn.losses())
        .singleElement()
        .asString()
        .contains("line 2")
        .contains("half a line; if it is whole, end it and import again");
    assertThat(grown.losses()).isEmpty();
    assertThat(Imported.named(spool(), "a.jsonl").metrics.get("loss"))
        .extracting(Imported.Value::value)
        .containsExactly(1.0, 2.0, 3.0);
  }

  @Test
  void ofMoreMixedRunsThanAreReadAtOnceTheRestComesWhenTheyAreSorted() throws IOException {
    StringBuilder mixed = new StringBuilder("run,step,loss\n");
    StringBuilder sorted = new StringBuilder(mixed);
    for (int step = 0; step < 2; step++) {
      for (int run = 0; run < 120; run++) {
        mixed.append("r%03d,%d,%d\n".formatted(run, step, run));
      }
    }
    for (int run = 0; run < 120; run++) {
      sorted.append("r%03d,0,%d\nr%03d,1,%d\n".formatted(run, run, run, run));
    }

    Outcome outcome = imported("a.csv", mixed.toString(), "");
    Outcome again = imported("a.csv", sorted.toString(), "");

    assertThat(outcome.lossCount()).isPositive();
    assertThat(outcome.losses().get(0))
        .contains("has ended, because the rows of more than 100 runs are mixed; sort them by run");
    assertThat(again.losses()).isEmpty();
    assertThat(Imported.runs(spool()).values())
        .hasSize(120)
        .allSatisfy(run -> assertThat(run.metrics.get("loss")).hasSize(2));
  }

  @Test
  void aStatusThatIsNotOneIsSaidWithTheNameOfTheRun() throws IOException {
    Outcome outcome = imported("a.csv", "run,loss,status\nr1,1,odd\n", "");

    assertThat(outcome.losses())
        .singleElement()
        .asString()
        .contains("a.csv, the status of 'r1': 'odd' is not pending");
  }

  @Test
  void namesInCapitalsAreTables() throws IOException {
    Path file = Files.writeString(directory.resolve("X.CSV"), "step,loss\n0,1\n");

    assertThat(ImportKind.guesses(file))
        .singleElement()
        .satisfies(guess -> assertThat(guess.kind()).isEqualTo(ImportKind.CSV));
  }

  @Test
  void aMappingThatIsNotOneIsRefused() {
    assertThatThrownBy(() -> ColumnMap.parse("step")).hasMessageContaining("write MEANING=COLUMN");
    assertThatThrownBy(() -> ColumnMap.parse("colour=a")).hasMessageContaining("'colour'");
    assertThatThrownBy(() -> ColumnMap.parse("step=a,step=b")).hasMessageContaining("twice");
    assertThat(ColumnMap.parse("step=a,config=b,config=c").configuration())
        .containsExactly("b", "c");
    assertThat(ColumnMap.parse("step=a").columns()).isEqualTo(Map.of(ColumnMap.Meaning.STEP, "a"));
  }
}
