package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.projection.Projection;
import io.runledger.sqlite.file.OwnSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that an older version filled is brought up to date, without a rebuild. */
class SchemaUpgradeTest {

  @TempDir private Path directory;

  @Test
  void epochsOfVersionOneStayTheNumbersThatTheyWere() throws SQLException {
    Path database = directory.resolve("runledger.db");
    versionOne(database);
    Tables.change(
        database,
        """
        INSERT INTO metric_points (series_id, seq, step, epoch, at_us, value)
        VALUES (1, 0, 1, 5, 0, 0.5), (1, 1, 2, NULL, 0, 0.5), (1, 2, 3, 9007199254740993, 0, 0.5),
               (1, 3, 4, 9223372036854775807, 0, 0.5), (1, 4, 5, -9223372036854775808, 0, 0.5)
        """);
    Tables.change(
        database,
        """
        INSERT INTO metric_series (series_id, run_id, attempt_id, writer_id, name, points, count, nan_count, min_epoch, max_epoch)
        VALUES (1, 7, 8, 9, 'loss', 5, 5, 0, 5, 9007199254740993)
        """);

    SqliteProjection.open(database).close();

    assertThat(Tables.rows(database, "SELECT epoch, typeof(epoch) FROM metric_points ORDER BY seq"))
        .containsExactly(
            "5|integer",
            "null|null",
            "9007199254740992|integer",
            "9.223372036854776E18|real",
            "-9223372036854775808|integer");
    assertThat(Tables.row(database, "SELECT min_epoch, max_epoch, last_epoch FROM metric_series"))
        .isEqualTo("5|9007199254740992|null");
    Tables.change(database, "UPDATE metric_points SET epoch = 0.25 WHERE seq = 0");
    assertThat(Tables.row(database, "SELECT epoch FROM metric_points WHERE seq = 0"))
        .isEqualTo("0.25");
    assertThat(Tables.row(database, "PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void aDatabaseOfAnOlderVersionIsTakenForOurs() throws SQLException {
    Path old = directory.resolve("old.db");
    versionOne(old);
    SqliteProjection.open(old).close();

    try (Connection connection = Tables.connect(old)) {
      OwnSchema own = OwnSchema.of(connection);

      assertThat(OwnSchema.tables(connection)).containsAllEntriesOf(own.tables());
      assertThat(OwnSchema.uniqueIndexes(connection)).isEqualTo(own.uniqueIndexes());
      assertThat(own.tables()).containsKeys("experiment_runs", "metric_points", "dead_letters");
      assertThat(own.uniqueIndexes())
          .containsOnlyKeys("experiment_runs_key", "run_attempts_in_order");
    }
  }

  @Test
  void aDatabaseOfAnOlderVersionHasTheTablesOfANewOne() throws SQLException {
    Path old = directory.resolve("old.db");
    Path created = directory.resolve("new.db");
    versionOne(old);

    SqliteProjection.open(old).close();
    SqliteProjection.open(created).close();

    String columns =
        """
        SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
          FROM sqlite_schema t, pragma_table_xinfo(t.name) c
         WHERE t.name NOT LIKE 'sqlite%'
         ORDER BY t.name, c.cid
        """;
    assertThat(Tables.rows(old, columns)).isEqualTo(Tables.rows(created, columns));
  }

  private static void versionOne(Path database) {
    Flyway.configure(Projection.class.getClassLoader())
        .dataSource("jdbc:sqlite:" + database, null, null)
        .locations("classpath:io/runledger/sqlite/migrations")
        .target("1")
        .load()
        .migrate();
  }
}
