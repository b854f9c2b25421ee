package io.runledger.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.projection.Events.Log;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectionTest {

  private static final RunKey KEY = Events.key(3);
  private static final long ATTEMPT = 100;
  private static final long WRITER = 200;

  @TempDir private Path dir;
  private Path database;

  @BeforeEach
  void nameTheDatabase() {
    database = dir.resolve("runledger.db");
  }

  @Test
  void aMetricThatArrivesBeforeItsRunIsKept() throws SQLException {
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);

      log.apply(Events.metrics(KEY, ATTEMPT, WRITER, 0, Events.row(1, "loss", 0.5)));
      assertThat(rows("SELECT identity, status FROM experiment_runs"))
          .containsExactly("unknown|pending");
      log.apply(Events.started(KEY, ATTEMPT, WRITER, null));

      assertThat(rows("SELECT identity, status, run_name FROM experiment_runs"))
          .containsExactly("key|running|7/mnist/cnn/s01/-/3");
      assertThat(rows("SELECT metric_name, value FROM metrics")).containsExactly("loss|0.5");
    }
  }

  @Test
  void whatWasSentTwiceCountsOnceHoweverItWasPacked() throws SQLException {
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);
      MetricRow[] rows = new MetricRow[10];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Events.row(i, "loss", i);
      }

      BatchResult first = log.apply(Events.metrics(KEY, ATTEMPT, WRITER, 0, rows));
      BatchResult overlapping =
          log.apply(
              Events.metrics(KEY, ATTEMPT, WRITER, 5, rows[5], rows[6]),
              Events.metrics(
                  KEY, ATTEMPT, WRITER, 8, rows[8], rows[9], Events.row(10, "loss", -1)));

      assertThat(first).isEqualTo(new BatchResult(10, 0, 0));
      assertThat(overlapping).isEqualTo(new BatchResult(1, 4, 0));
      assertThat(rows("SELECT count, min_value, last_value FROM metric_series"))
          .containsExactly("11|-1.0|-1.0");
      assertThat(rows("SELECT seen, events, missing FROM event_streams"))
          .containsExactly("0-10|11|0");
    }
  }

  @Test
  void anyNumberComesBack() throws SQLException {
    double[] numbers = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      -0.0,
      0.0,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      0.1
    };
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);
      for (int i = 0; i < numbers.length; i++) {
        log.apply(Events.metrics(KEY, ATTEMPT, WRITER, i, Events.row(i, "loss", numbers[i])));
      }
    }

    List<Double> back = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT value FROM metric_points ORDER BY seq")) {
      while (row.next()) {
        double value = row.getDouble(1);
        back.add(row.wasNull() ? Double.NaN : value);
      }
    }
    assertThat(back).containsExactly(Arrays.stream(numbers).boxed().toArray(Double[]::new));
    assertThat(rows("SELECT count, nan_count, min_value, max_value FROM metric_series"))
        .containsExactly("8|1|-Inf|Inf");
  }

  @Test
  void aResumeSupersedesTheOlderPointsFromItsStepOn() throws SQLException {
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);
      log.apply(Events.started(KEY, ATTEMPT, WRITER, null));
      for (int step = 0; step < 10; step++) {
        log.apply(Events.metrics(KEY, ATTEMPT, WRITER, step, Events.row(step, "loss", 10 - step)));
      }

      log.apply(Events.started(KEY, ATTEMPT + 1, WRITER + 1, 6L));
      log.apply(
          Events.metrics(
              KEY,
              ATTEMPT + 1,
              WRITER + 1,
              0,
              Events.row(6, "loss", 50),
              Events.row(7, "loss", 40)));

      assertThat(
              rows(
                  "SELECT group_concat(step), group_concat(value) FROM (SELECT * FROM metrics ORDER BY step)"))
          .containsExactly("0,1,2,3,4,5,6,7|10.0,9.0,8.0,7.0,6.0,5.0,50.0,40.0");
      assertThat(rows("SELECT count(*) FROM raw_metrics")).containsExactly("12");
      assertThat(
              rows(
                  "SELECT count, min_value, min_step, max_value, max_step, last_value, last_step FROM metric_summaries"))
          .containsExactly("8|5.0|5|50.0|6|40.0|7");
      assertThat(rows("SELECT attempts, status FROM experiment_runs")).containsExactly("2|running");
    }
  }

  @Test
  void anObservedBadEndBeatsAClaimedGoodOne() throws SQLException {
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);
      log.apply(Events.started(KEY, ATTEMPT, WRITER, null));
      log.apply(
          Events.event(KEY, ATTEMPT, WRITER - 1, 0, Events.status("timeout", "scheduler")),
          Events.event(KEY, ATTEMPT, WRITER, 1, Events.status("completed", "job")));

      assertThat(rows("SELECT status, status_source FROM experiment_runs"))
          .containsExactly("timeout|scheduler");

      log.apply(Events.event(KEY, ATTEMPT, WRITER, 2, Events.status("completed", "operator")));
      assertThat(rows("SELECT status, status_source FROM experiment_runs"))
          .containsExactly("completed|operator");
    }
  }

  @Test
  void aSecondWriterIsRefused() {
    try (Projection first = Projection.open(database)) {
      assertThat(first.isCurrentGeneration()).isTrue();
      assertThatThrownBy(() -> Projection.open(database))
          .isInstanceOf(ProjectionInUseException.class)
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void aBatchThatWasReadFromElsewhereIsFencedAndChangesNothing() throws SQLException {
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);
      log.apply(Events.started(KEY, ATTEMPT, WRITER, null));
      Position stale = Events.position("runledger.runs", 0);
      Batch zombie =
          new Batch(List.of(), List.of(new Advance(stale, Events.position("runledger.runs", 9))));

      assertThatThrownBy(() -> projection.apply(zombie))
          .isInstanceOf(FencedException.class)
          .hasMessageContaining("runledger.runs-0");
      projection.claim("another", Events.origins());
      assertThat(rows("SELECT next_offset FROM positions WHERE topic = 'runledger.runs'"))
          .containsExactly("1");
    }
  }

  @Test
  void aBadRecordIsKeptByteForByteAndStopsNobody() throws SQLException {
    byte[] bytes = {1, 2, 3};
    try (Projection projection = Projection.open(database)) {
      Log log = new Log(projection);

      BatchResult result = log.applyMalformed(bytes);
      log.apply(Events.started(KEY, ATTEMPT, WRITER, null));

      assertThat(result).isEqualTo(new BatchResult(0, 0, 1));
      assertThat(projection.deadLetters())
          .singleElement()
          .satisfies(
              letter -> {
                assertThat(letter.value().orElseThrow()).isEqualTo(bytes);
                assertThat(letter.reason()).isEqualTo("truncated");
                assertThat(letter.source().toString()).isEqualTo("runledger.runs-0@0");
              });
      assertThat(rows("SELECT count(*) FROM experiment_runs")).containsExactly("1");
    }
  }

  @Test
  void aNewGenerationTakesThePlaceOfTheOldOneAsAWhole() throws SQLException {
    try (Projection old = Projection.open(database)) {
      new Log(old).apply(Events.started(KEY, ATTEMPT, WRITER, null));
      Generation next = Generation.next(database);
      try (Projection fresh = Projection.create(next)) {
        Log log = new Log(fresh);
        log.apply(Events.started(KEY, ATTEMPT, WRITER, null));
        log.apply(Events.metrics(KEY, ATTEMPT, WRITER, 0, Events.row(1, "loss", 0.5)));
        fresh.finish();
      }

      assertThat(Path.of(next.file() + "-wal")).doesNotExist();
      next.publish();

      assertThat(old.isCurrentGeneration()).isFalse();
      assertThat(rows("SELECT count(*) FROM metric_points")).containsExactly("1");
      assertThat(CanonicalDump.compare(old.generation().file(), database))
          .extracting(CanonicalDump.TableComparison::table)
          .contains("metric_points", "event_streams");
    }
    Generation.deleteOthers(database);
    assertThat(Files.exists(dir.resolve("runledger-g000001.db"))).isFalse();
    try (Projection reopened = Projection.open(database)) {
      assertThat(reopened.generation().number()).isEqualTo(2);
    }
  }

  @Test
  void theSixPartsAreUniqueAlsoForAPlainInsertWithNulls() throws SQLException {
    Projection.open(database).close();
    String insert =
        "INSERT INTO experiment_runs (experiment, dataset, method, subject, cl_info, seed) VALUES ('7', NULL, 'cnn', NULL, NULL, %s)";
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String seed : List.of("3", "NULL")) {
        statement.execute(insert.formatted(seed));
        assertThatThrownBy(() -> statement.execute(insert.formatted(seed)))
            .hasMessageContaining("UNIQUE");
      }
    }
  }

  @Test
  void aPlainFileAtThePathIsTakenOver() throws SQLException {
    Projection.open(database).close();
    Path plain = dir.resolve("restored.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM INTO '" + plain + "'");
    }

    try (Projection restored = Projection.open(plain)) {
      assertThat(Files.isSymbolicLink(plain)).isTrue();
      assertThat(restored.isCurrentGeneration()).isTrue();
    }
  }

  private List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          values.add(row.getString(i));
        }
        rows.add(String.join("|", values));
      }
    }
    return rows;
  }
}
