package io.runledger.service.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.rows.canonical.CanonicalForm.TableComparison;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.service.rebuild.Rebuild;
import io.runledger.service.spool.SpoolLog;
import io.runledger.service.stop.PositionException;
import io.runledger.spool.study.StudyImport;
import io.runledger.sqlite.file.CanonicalDump;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a desk, carried to another one. */
@Timeout(60)
class StudyExportTest {

  @TempDir private Path directory;
  private Path study;

  @BeforeEach
  void aDeskWithThreeRuns() throws Exception {
    study = directory.resolve("study.rls");
    write("a", 1, "");
    write("b", 2, "not a line\n");
    write("c", 3, "");
    rebuild("a");
  }

  /** A run with values that are hard to carry, an error, tags and an end. */
  private void write(String file, int seed, String more) throws Exception {
    Path spool = Files.createDirectories(spool("a"));
    Files.writeString(
        spool.resolve(file + ".jsonl"),
        """
        {"at":"2026-11-29T05:00:00.000001Z","start":{"experiment":"7","method":"cnn","seed":%d,"config":{"lr":0.1},"tags":["grid"]}}
        {"metrics":{"loss":0.5,"val/f1":NaN},"step":1,"epoch":0.25}
        {"metrics":{"loss":Infinity,"zero":-0.0},"step":2}
        {"metrics":{"loss":0.25}}
        {"error":{"type":"ValueError","message":"bad shape"},"step":2}
        {"annotate":{"add_tags":["paper"],"notes":"see \\u00a73"}}
        {"results":{"best":0.25}}
        {"artifact":{"type":"checkpoint","path":"a.pt"}}
        %s{"status":"completed"}
        {"end":true}
        """
            .formatted(seed, more));
  }

  private static RunId run(long seed) {
    return RunId.of(
        new RunKey(
            Optional.of("7"),
            Optional.empty(),
            Optional.of("cnn"),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.of(seed)));
  }

  private Path spool(String desk) {
    return directory.resolve(desk + ".db.spool");
  }

  private Path database(String desk) {
    return directory.resolve(desk + ".db");
  }

  private Configuration configuration(String desk) {
    return Configuration.load(
        Map.of("db", database(desk).toString(), "spool", spool(desk).toString()),
        Map.of("HOME", directory.toString()),
        Optional.empty());
  }

  private void rebuild(String desk) throws Exception {
    Configuration configuration = configuration(desk);
    Rebuild.run(
        configuration, SpoolLog.of(spool(desk), configuration), false, (done, total, soFar) -> {});
  }

  private StudyExport.Report export(Set<RunId> runs) throws Exception {
    return StudyExport.run(
        configuration("a"), Optional.empty(), runs, study, false, (done, total) -> {});
  }

  private String sql(String desk, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database(desk));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  @Test
  void theRowsAreTheSameElsewhereHoweverOftenItIsImported() throws Exception {
    StudyExport.Report report = export(Set.of(run(1), run(2), run(3)));
    for (int i = 0; i < 2; i++) {
      StudyImport.into(spool("b"), study, bytes -> {});
      rebuild("b");

      assertThat(CanonicalDump.compare(database("a"), database("b")))
          .as("import %d", i + 1)
          .extracting(TableComparison::table)
          // The line that is no event stays where it is; what it was counted as comes along.
          .containsExactly("dead_letters");
      assertThat(sql("b", "SELECT count(*) FROM dead_letters")).isEqualTo("0");
    }
    assertThat(report.runs()).isEqualTo(3);
    assertThat(report.events()).isEqualTo(3 * 9 + 1);
    assertThat(report.deadLetters()).isEqualTo(1);
    assertThat(report.gaps()).isEmpty();
  }

  @Test
  void onlyTheChosenRunsAreInIt() throws Exception {
    StudyExport.Report report = export(Set.of(run(3)));

    StudyImport.into(spool("b"), study, bytes -> {});
    rebuild("b");

    assertThat(report.runs()).isEqualTo(1);
    assertThat(report.deadLetters()).isZero();
    assertThat(sql("b", "SELECT group_concat(seed) FROM experiment_runs")).isEqualTo("3");
    assertThat(sql("b", "SELECT count(*) FROM metrics")).isEqualTo("5");
  }

  @Test
  void importedWhereTheRunsAreAlreadyItAddsNothing() throws Exception {
    export(Set.of(run(1), run(3)));
    Path before = Files.copy(database("a").toRealPath(), directory.resolve("before.db"));

    StudyImport.into(spool("a"), study, bytes -> {});
    rebuild("a");

    assertThat(CanonicalDump.compare(before, database("a"))).isEmpty();
  }

  @Test
  void aStudyOfAStudyIsTheSame() throws Exception {
    export(Set.of(run(1), run(3)));
    StudyImport.into(spool("b"), study, bytes -> {});
    rebuild("b");

    Path second = directory.resolve("second.rls");
    StudyExport.run(
        configuration("b"),
        Optional.empty(),
        Set.of(run(1), run(3)),
        second,
        false,
        (done, total) -> {});
    StudyImport.into(spool("c"), second, bytes -> {});
    rebuild("c");

    assertThat(CanonicalDump.compare(database("b"), database("c"))).isEmpty();
  }

  @Test
  void aFileThatIsGoneMakesItNoStudyUnlessThatIsAccepted() throws Exception {
    Files.delete(spool("a").resolve("c.jsonl"));

    assertThatThrownBy(() -> export(Set.of(run(1))))
        .isInstanceOf(PositionException.class)
        .hasMessageContainingAll("c.jsonl", "none was written", "--accept-gap");
    assertThat(study).doesNotExist();

    StudyExport.Report report =
        StudyExport.run(
            configuration("a"), Optional.empty(), Set.of(run(1)), study, true, (done, total) -> {});
    assertThat(report.gaps()).singleElement().asString().contains("c.jsonl");
  }

  @Test
  void whatTheDatabaseHasNotAppliedIsNotInIt() throws Exception {
    write("d", 4, "");

    assertThat(export(Set.of(run(1), run(4))).runs()).isEqualTo(1);
  }
}
