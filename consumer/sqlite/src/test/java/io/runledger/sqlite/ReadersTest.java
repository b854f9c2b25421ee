package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseFile;
import io.runledger.contract.Events;
import io.runledger.schemas.Base32;
import io.runledger.schemas.event.MetricRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the database offers to tools that are not ours. */
class ReadersTest extends OpenProjection {

  @Test
  void theFileSaysWhatItIsAndWhichOfOurVersions() throws SQLException {
    assertThat(Tables.row(database, "PRAGMA application_id"))
        .isEqualTo(Integer.toString(0x524C4447));
    assertThat(Tables.row(database, "PRAGMA user_version"))
        .isEqualTo(
            Tables.row(database, "SELECT max(CAST(version AS INTEGER)) FROM flyway_schema_history"))
        .isEqualTo(Integer.toString(DatabaseFile.SCHEMA_VERSION));
  }

  /** It stood in each of them, and in as many statements. */
  @Test
  void whichPointIsSupersededIsSaidInOneView() throws SQLException {
    assertThat(
            Tables.rows(
                database,
                "SELECT name FROM sqlite_schema WHERE type = 'view' AND sql LIKE '%superseded_from_step%'"))
        .containsExactly("logged_points");
  }

  @Test
  void allViewsOfPointsAgreeOnWhatStandsAndNoneShowsADeletedRun() throws SQLException {
    Events first = Events.ofSeed(1).attempt(1);
    Events second = first.attempt(2);
    Events gone = Events.ofSeed(2);
    deliver(
        projection,
        first.started(),
        first.metric("loss", 1, 0.5),
        first.metric("loss", 2, 0.4),
        second.started(start -> start.setResumedFromStep(2L)),
        second.metric("loss", 2, -0.0),
        second.dropped(3),
        gone.started(),
        gone.metric("loss", 1, 0.1),
        gone.deleted());

    assertThat(
            Tables.rows(
                database,
                "SELECT attempt_id, step, value, superseded FROM logged_points ORDER BY attempt_id, step"))
        .containsExactly("1|1|0.5|0", "1|2|0.4|1", "2|2|-0.0|0");
    assertThat(Tables.row(database, "SELECT count(*) FROM raw_metrics")).isEqualTo("3");
    assertThat(Tables.row(database, "SELECT count(*) FROM metrics")).isEqualTo("2");
    assertThat(Tables.row(database, "SELECT count(*) FROM run_metrics")).isEqualTo("2");
    assertThat(
            Tables.rows(
                database,
                "SELECT seed, attempts, missing_events, dropped_events FROM run_overview"))
        .containsExactly("1|2|0|3");
  }

  @Test
  void everyTableOfFactsSaysWhichTableItsRowsBelongTo() throws SQLException {
    List<String> lonely =
        Tables.rows(
            database,
            """
            SELECT t.name
              FROM pragma_table_list t
             WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%'
               AND EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) c WHERE c.name IN ('run_id', 'series_id'))
               AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(t.name))
            """);

    assertThat(lonely).containsExactly("experiment_runs");
    assertThat(Tables.row(database, "PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void aMetricMayComeBeforeItsRunAndIsNoOrphanInTheEnd() throws SQLException {
    Events run = Events.ofSeed(1);

    deliver(projection, run.metric("loss", 1, 0.5), run.error("E", "m"), run.slurm(5, "FAILED"));

    assertThat(Tables.rows(database, "PRAGMA foreign_key_check")).isEmpty();
  }

  @Test
  void theIdIsTheTextThatTheVerbsShow() throws SQLException {
    try (Connection connection = Tables.connect(database);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO experiment_runs (run_id, identity) VALUES (?, 'unknown') RETURNING id")) {
      Random random = new Random(3);
      for (int i = 0; i < 200; i++) {
        long id = i == 0 ? Long.MAX_VALUE : (random.nextLong() >>> (1 + i % 40)) | 1;
        insert.setLong(1, id);
        try (ResultSet row = insert.executeQuery()) {
          assertThat(row.getString(1)).isEqualTo(Base32.encode(id));
        }
      }
    }
  }

  @Test
  void aLogCallWithoutAnyOfTheSixNamesIsARowToo() throws SQLException {
    Events run = Events.ofSeed(1);
    deliver(
        projection,
        run.started(),
        run.metrics(
            Events.call(1, Map.of("val/\"wer\"", 0.25)), Events.call(2, Map.of("f1", 1.0))));

    assertThat(Tables.rows(database, "SELECT step, f1, metrics FROM run_metrics ORDER BY step"))
        .containsExactly("1|null|{\"val/\\\"wer\\\"\":0.25}", "2|1.0|{\"f1\":1.0}");
    assertThat(
            Tables.rows(
                database,
                "SELECT id FROM run_metrics UNION SELECT id FROM metrics UNION SELECT id FROM runs"))
        .containsExactly(run.run().toString());
  }

  @Test
  void theNumbersInTheJsonOfALogCallAreTheNumbersThatWereLogged() throws SQLException {
    Events run = Events.ofSeed(1);
    Map<String, Double> values = new HashMap<>();
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      double any = Double.longBitsToDouble(random.nextLong());
      values.put("m" + i, Double.isNaN(any) ? 0.1 * i : any);
    }
    values.put("smallest", Double.MIN_VALUE);
    values.put("largest", Double.MAX_VALUE);
    values.put("infinity", Double.POSITIVE_INFINITY);
    values.put("minus infinity", Double.NEGATIVE_INFINITY);
    deliver(
        projection,
        run.metrics(MetricRow.newBuilder().setAt(Events.DAWN).setValues(values).build()));

    Map<String, Double> read = new HashMap<>();
    try (Connection connection = Tables.connect(database);
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT key, value FROM run_metrics, json_each(run_metrics.metrics)")) {
      while (row.next()) {
        read.put(row.getString(1), row.getDouble(2));
      }
    }

    assertThat(read).isEqualTo(values);
  }

  @Test
  void nanIsNullInTheJsonOfALogCall() throws SQLException {
    deliver(projection, Events.ofSeed(1).metrics(Events.call(1, Map.of("loss", Double.NaN))));

    assertThat(Tables.row(database, "SELECT loss, metrics, time_us IS NULL FROM run_metrics"))
        .isEqualTo("null|{\"loss\":null}|0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"runs", "metrics", "raw_metrics", "run_metrics"})
  void aDeletedRunIsInNoView(String view) throws SQLException {
    Events gone = Events.ofSeed(1);
    Events stays = Events.ofSeed(2);
    deliver(
        projection,
        gone.started(),
        gone.metric("loss", 1, 0.5),
        gone.deleted(),
        stays.started(),
        stays.metric("loss", 1, 0.5));

    assertThat(Tables.rows(database, "SELECT DISTINCT run_id FROM " + view))
        .containsExactly(Long.toString(stays.run().value()));
  }
}
