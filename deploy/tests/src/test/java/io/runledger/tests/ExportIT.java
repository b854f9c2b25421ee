package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.rows.canonical.CanonicalForm.TableComparison;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.tests.Distribution.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs leave a desk by the command as users run it, and come back as the same. */
class ExportIT {

  @TempDir private Path scratch;
  private Distribution distribution;

  @BeforeEach
  void aDeskWithTwoRuns() throws Exception {
    distribution = new Distribution(scratch);
    Path spool = Files.createDirectories(scratch.resolve("a.db.spool"));
    for (int seed = 1; seed <= 2; seed++) {
      Files.writeString(
          spool.resolve("job-" + seed + ".jsonl"),
          """
          {"at":"2026-11-29T05:00:00.000001Z","start":{"experiment":"7","method":"cnn","seed":%d,"config":{"model":{"lr":0.1}},"tags":["grid"]}}
          {"metrics":{"loss":0.1,"val/f1":NaN},"step":1,"epoch":0.25}
          {"metrics":{"loss":-Infinity,"zero":-0.0},"step":2}
          {"error":{"type":"ValueError","message":"bad shape"},"step":2}
          {"results":{"best":0.1}}
          {"status":"%s"}
          {"end":true}
          """
              .formatted(seed, seed == 1 ? "completed" : "failed"));
    }
    verb("rebuild", "--db", database("a"), "--spool", spool.toString());
  }

  private String database(String name) {
    return scratch.resolve(name + ".db").toString();
  }

  private Result verb(String... words) throws Exception {
    Result result = distribution.run(Map.of(), words);
    assertThat(result.code()).as(String.join(" ", words) + "\n" + result.err()).isZero();
    return result;
  }

  private List<String> rows(String name, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database(name));
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    return rows;
  }

  @Test
  void aStudyHasTheSameRowsElsewhereHoweverOftenItIsImported() throws Exception {
    String study = scratch.resolve("study.rls").toString();
    String spool = scratch.resolve("b.spool").toString();

    Result exported = verb("export", "--db", database("a"), "--events", study);
    verb("import", "--no-send", "--spool", spool, study);
    Result again = verb("import", "--no-send", "--spool", spool, study);
    verb("rebuild", "--db", database("b"), "--spool", spool);

    assertThat(exported.err()).contains("Exported 12 events of 2 runs to " + study);
    assertThat(again.err()).contains("all of it is already in " + spool);
    assertThat(CanonicalDump.compare(scratch.resolve("a.db"), scratch.resolve("b.db")))
        .extracting(TableComparison::table)
        .isEmpty();
  }

  @Test
  void onlyChosenRunsAreInAStudyAndAChangedOneIsRefused() throws Exception {
    Path study = scratch.resolve("study.rls");
    verb("export", "--db", database("a"), "--events", "--filter", "seed = 2", study.toString());
    byte[] bytes = Files.readAllBytes(study);
    bytes[bytes.length / 2] ^= 4;
    Path changed = Files.write(scratch.resolve("changed.rls"), bytes);
    Path spool = scratch.resolve("b.spool");

    Result refused =
        distribution.run(
            Map.of(), "import", "--no-send", "--spool", spool.toString(), changed.toString());
    Result dry = verb("import", "--dry-run", study.toString());

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("is refused, and nothing of it was imported: it was changed");
    try (Stream<Path> files = Files.list(spool)) {
      assertThat(files).isEmpty();
    }
    assertThat(dry.err()).contains("1 run with 2 log calls would be added");
  }

  /** What our importer reads is what was exported, with all digits. */
  @Test
  void whatTensorBoardIsGivenComesBack() throws Exception {
    String target = scratch.resolve("tb").toString();
    String spool = scratch.resolve("b.spool").toString();

    Result once = verb("export", "--db", database("a"), "--to", "tensorboard", target);
    Result twice = verb("export", "--db", database("a"), "--to", "tensorboard", target);
    verb("import", "--no-send", "--spool", spool, "tensorboard", target);
    verb("rebuild", "--db", database("b"), "--spool", spool);

    assertThat(once.err()).contains("2 runs added to " + target);
    assertThat(twice.err()).contains("0 runs added").contains("2 there already");
    String points =
        "SELECT metric_name || ' ' || step || ' ' || coalesce(value, 'NaN') || ' ' || timestamp"
            + " FROM metrics WHERE metric_name NOT LIKE 'results/%' ORDER BY 1";
    assertThat(rows("b", points)).isEqualTo(rows("a", points));
    assertThat(rows("b", "SELECT status FROM runs ORDER BY 1"))
        .containsExactly("completed", "failed");
    assertThat(rows("b", "SELECT value FROM metrics WHERE metric_name = 'results/best'"))
        .containsExactly("0.1", "0.1");
    assertThat(rows("b", "SELECT config FROM runs"))
        .allSatisfy(config -> assertThat(config).contains("\"model.lr\":0.1", "\"seed\":"));
  }
}
