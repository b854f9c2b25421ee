package io.runledger.imports.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.study.StudyWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the verb takes a path for, prints, and leaves in the spool. */
class ImportCommandTest {

  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

  @TempDir private Path directory;

  private record Result(int code, String out, String err) {}

  private Result run(String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(List.of("--no-send", "--spool", spool().toString()));
    return execute(line);
  }

  private static Result execute(List<String> line) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new ImportCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(line.toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  private Path spool() {
    return directory.resolve("spool");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(spool())) {
      return files.toList();
    }
  }

  @Test
  void aPathIsTakenForWhatItHas() throws IOException {
    Path source = FIXTURES.resolve("dvclive");

    Result result = run(source.toString());

    assertThat(result.code()).isEqualTo(ExitCodes.OK);
    assertThat(result.err())
        .contains(source + " has plots/metrics/*.tsv, so it is imported as dvclive;")
        .contains(source + ": 2 runs with 29 values read;");
    assertThat(files()).isNotEmpty();
  }

  @Test
  void aDatabaseThatIsNotThereYetGetsASpoolOfItsOwn() throws IOException {
    String database = directory.resolve("new.db").toString();
    List<String> line = List.of("sacred", FIXTURES.resolve("sacred").toString(), "--db", database);

    Result result = execute(line);

    assertThat(result.code()).as(result.err()).isEqualTo(ExitCodes.OK);
    assertThat(result.err())
        .contains("put into " + database + ".spool.")
        .contains("'runledger follow --db " + database + " --idle-exit 5s' makes that database");
    assertThat(FollowedSpool.keeps(directory.resolve("new.db.spool"))).isTrue();
    assertThat(execute(line).err()).contains("all of it is already in");
  }

  @Test
  void theSecondTimeAllIsThere() throws IOException {
    String source = FIXTURES.resolve("sacred").toString();
    run("sacred", source);
    List<Path> before = files();

    Result result = run("sacred", source);

    assertThat(result.err()).contains("read; all of it is already in " + spool() + ".");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void aDryRunShowsTheRunsAndLeavesNothing() {
    Result result = run("--dry-run", "tensorboard", FIXTURES.resolve("tensorboardX").toString());

    assertThat(result.code()).isEqualTo(ExitCodes.OK);
    assertThat(result.out().lines()).hasSize(2);
    assertThat(result.out())
        .contains("  run-fail  -  2 values of 1 metric")
        .contains("  run-ok  -  28 values of 4 metrics");
    assertThat(result.err()).contains("2 runs with 30 values would be added");
    assertThat(spool()).doesNotExist();
  }

  @Test
  void filesOfSeveralTrackersAreNotGuessed() {
    Result result = run(FIXTURES.toString());

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).contains("has files of several trackers").contains("wandb: ");
    assertThat(spool()).doesNotExist();
  }

  @Test
  void aPathOfNothingKnownIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("notes.txt"), "hello");

    Result result = run(file.toString());
    Result missing = run(directory.resolve("missing").toString());
    Result kind = run("wandbb", file.toString());

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).contains("Nothing in " + file + " is known");
    assertThat(missing.err()).contains("is neither a file nor a directory.");
    assertThat(kind.err())
        .contains("'wandbb' is neither")
        .contains("those are study, lightning-csv, ");
  }

  @Test
  void whatIsDamagedIsSaidAndFailsTheVerb() throws IOException {
    Path file = Files.writeString(directory.resolve("a.csv"), "step,loss\n0,1\n1,x\n2,0.5\n");

    Result result = run("csv", file.toString());

    assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(result.err())
        .contains("runledger: " + file + ", line 3: 'x' is not a number for loss and is left out.")
        .contains("runledger: " + file + ": 1 place could not be imported.");
    assertThat(files()).isNotEmpty();
  }

  @Test
  void aStudyIsKnownByItsNameAndImportedAsAWholeOrNotAtAll() throws IOException {
    Path file = directory.resolve("a.rls");
    try (StudyWriter study = StudyWriter.create(file, Instant.EPOCH)) {
      study.add(new Envelope(7, 8, 9, 0, Instant.EPOCH).runEvent(new Heartbeat(30)));
      study.complete(List.of());
    }

    Result dry = run("--dry-run", file.toString());
    assertThat(spool()).doesNotExist();
    Result once = run(file.toString());
    List<Path> before = files();
    Result twice = run(directory.toString());
    byte[] bytes = Files.readAllBytes(file);
    bytes[100] ^= 1;
    Path changed = Files.write(directory.resolve("b.rls"), bytes);
    Result refused = run("study", changed.toString());

    assertThat(dry.err()).contains("1 run with 0 log calls would be added");
    assertThat(once.code()).isEqualTo(ExitCodes.OK);
    assertThat(once.err())
        .contains(file + " is imported as study;")
        .contains("1 run with 0 log calls read; 1 event put into " + spool() + ".");
    assertThat(twice.err()).contains("all of it is already in " + spool());
    assertThat(refused.code()).isEqualTo(ExitCodes.FAILED);
    assertThat(refused.err())
        .contains("runledger: " + changed + " is refused, and nothing of it was imported: it was");
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void aMappingThatIsWrongIsAUsageError() throws IOException {
    Path file = Files.writeString(directory.resolve("a.csv"), "step,loss\n0,1\n");

    Result result = run("csv", file.toString(), "--map", "colour=a");

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).contains("--map: 'colour' is not something that a column can mean");
  }

  @Test
  void aMappedColumnThatIsInNoHeaderIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path csv = Files.writeString(directory.resolve("a.csv"), "iteration,loss\n0,1\n");
    Path jsonl =
        Files.writeString(
            directory.resolve("a.jsonl"), "{\"a\":1}\n{\"a\":1,\"late\":{\"b\":null}}\n");

    Result wrong = run("csv", csv.toString(), "--map", "step=nosuch,run=trial,config=loss");
    Result missing = run("jsonl", jsonl.toString(), "--map", "config=later");
    assertThat(spool()).doesNotExist();
    Result late = run("jsonl", jsonl.toString(), "--map", "config=late");

    assertThat(wrong.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(wrong.err())
        .contains(
            "--map: " + csv + " has no column 'nosuch', 'trial'; it has 'iteration', 'loss'.");
    assertThat(missing.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(missing.err()).contains("has no column 'later'; it has 'a', 'late.b'.");
    assertThat(late.code()).as(late.err()).isEqualTo(ExitCodes.OK);
  }

  @Test
  void aMapForAKindWithoutColumnsIsRefused() {
    String source = FIXTURES.resolve("sacred").toString();

    Result result = run("sacred", source, "--map", "step=iteration");

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).contains("--map: only csv and jsonl have columns to map");
    assertThat(spool()).doesNotExist();
  }

  @Test
  void aPathWithNothingOfItsKindFails() throws IOException {
    Path table = Files.writeString(directory.resolve("map.csv"), "step,loss\n0,1\n");
    Path header = Files.writeString(directory.resolve("header.csv"), "step,loss\n");
    Path empty = Files.writeString(directory.resolve("empty.csv"), "");

    for (String kind :
        List.of("tensorboard", "dvclive", "lightning-csv", "sacred", "wandb", "mlflow-file")) {
      Result result = run(kind, table.toString());

      assertThat(result.code()).as(kind).isEqualTo(ExitCodes.FAILED);
      assertThat(result.err())
          .contains("runledger: " + table + ": no run of " + kind + " was found in it;")
          .doesNotContain("already in");
    }
    assertThat(run("csv", header.toString()).code()).isEqualTo(ExitCodes.FAILED);
    assertThat(run("csv", empty.toString()).code()).isEqualTo(ExitCodes.FAILED);
    assertThat(run("--dry-run", "csv", empty.toString()).err()).contains("no run of csv was found");
  }

  @Test
  void aDatabaseOfNothingKnownIsCalledOne() throws IOException {
    byte[] bytes = new byte[200];
    System.arraycopy("SQLite format 3\0".getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 16);
    Path file = Files.write(directory.resolve("mlflow.db"), bytes);

    Result result = run(file.toString());

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err())
        .contains(file + " is a database of SQLite, but is damaged, or of a tool that is not known")
        .contains("mlflow-sqlite, trackio or experiment-db.");
  }

  @Test
  void whatWasLeftOutOnceIsLeftOutOneTime() throws IOException {
    Path file = Files.writeString(directory.resolve("a.csv"), ",loss\n0,1\n");

    Result result = run("csv", file.toString());

    assertThat(result.code()).isEqualTo(ExitCodes.OK);
    assertThat(result.err())
        .contains("Left out, 1 time: a column without a name, such as the index of pandas.");
  }
}
