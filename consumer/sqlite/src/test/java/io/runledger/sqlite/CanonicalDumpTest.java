package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.rows.canonical.CanonicalForm;
import io.runledger.rows.canonical.CanonicalForm.TableComparison;
import io.runledger.sqlite.file.CanonicalDump;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tells two databases apart, and only those that differ in what events say. */
class CanonicalDumpTest {

  @TempDir private Path directory;
  private Path one;
  private Path other;

  @BeforeEach
  void fillTwoDatabasesInAnotherOrder() {
    one = directory.resolve("one.db");
    other = directory.resolve("other.db");
    for (Path database : List.of(one, other)) {
      Events first = Events.ofSeed(1);
      Events second = Events.ofSeed(2);
      var events =
          List.of(
              first.started(),
              first.metric("loss", 0, -0.0),
              first.metric("loss", 1, Double.NaN),
              first.metric("f1", 2, 0.25),
              second.metric("loss", 0, 1),
              second.error("E", "m"),
              second.completed());
      try (SqliteProjection projection = Deliveries.claimed(SqliteProjection.open(database))) {
        if (database.equals(one)) {
          deliver(projection, events);
        } else {
          deliver(projection, events.subList(4, 7));
          deliver(projection, events.subList(0, 4));
        }
      }
    }
  }

  @Test
  void theSameEventsInAnotherOrderAreNoDifference() throws SQLException {
    assertThat(CanonicalDump.compare(one, other)).isEmpty();
    assertThat(CanonicalDump.compareAll(one, other))
        .filteredOn(table -> table.table().equals("metric_points"))
        .singleElement()
        .satisfies(table -> assertThat(table.rows()).isEqualTo(4).isEqualTo(table.otherRows()));
    // what it must not look at does differ
    assertThat(
            Tables.rows(
                one, "SELECT name, writer_id, run_id FROM metric_series ORDER BY series_id"))
        .isNotEqualTo(
            Tables.rows(
                other, "SELECT name, writer_id, run_id FROM metric_series ORDER BY series_id"));
  }

  @Test
  void everyTableThatPeopleSeeIsCompared() throws SQLException {
    List<String> outside =
        List.of(
            "alert_deliveries",
            "alert_firings",
            "flyway_schema_history",
            "positions",
            "projection_info",
            "writer_schemas",
            "sqlite_stat1");

    List<String> tables =
        Tables.rows(
            one,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");

    assertThat(CanonicalDump.compareAll(one, other).stream().map(TableComparison::table).toList())
        .containsExactlyInAnyOrderElementsOf(
            tables.stream().filter(table -> !outside.contains(table)).toList());
  }

  @Test
  void aMissingRowAnAddedRowAndAnotherValueAreTold() throws SQLException {
    Tables.change(other, "DELETE FROM metric_points WHERE value = 0.25");
    Tables.change(other, "UPDATE run_errors SET message = 'another'");
    Tables.change(one, "DELETE FROM run_status_changes");

    List<TableComparison> differences = CanonicalDump.compare(one, other);

    assertThat(differences)
        .extracting(TableComparison::table, TableComparison::differences)
        .containsExactlyInAnyOrder(
            tuple("metric_points", 1L), tuple("run_errors", 2L), tuple("run_status_changes", 1L));
    assertThat(differences)
        .flatExtracting(TableComparison::examples)
        .anyMatch(line -> line.startsWith("< ") && line.contains("0.25"))
        .anyMatch(line -> line.startsWith("> ") && line.contains("completed"));
  }

  @Test
  void minusZeroIsNotZeroAndNanIsNotNothing() throws SQLException {
    Tables.change(other, "UPDATE metric_points SET value = 0.0 WHERE seq = 0 AND value = 0.0");
    Tables.change(other, "UPDATE metric_points SET value = 0.0 WHERE value IS NULL");

    assertThat(CanonicalDump.compare(one, other))
        .singleElement()
        .satisfies(
            table -> {
              assertThat(table.table()).isEqualTo("metric_points");
              assertThat(table.differences()).isEqualTo(4);
            });
  }

  @Test
  void pointsAreReadInTheOrderOfTheirIndexAndNotSorted() throws SQLException {
    assertThat(Tables.rows(one, "EXPLAIN QUERY PLAN " + CanonicalForm.sqlOf("metric_points")))
        .noneMatch(step -> step.contains("TEMP B-TREE"));
  }
}
