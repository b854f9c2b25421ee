package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.process.ChildJvm;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.sqlite.file.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only one writer, the right SQLite, on the right disk. */
class OpeningTest {

  @TempDir private Path directory;

  /** Opens the database that its argument names, says so, and waits to be killed. */
  static final class Holder {
    public static void main(String[] arguments) throws IOException {
      try (SqliteProjection projection = SqliteProjection.open(Path.of(arguments[0]))) {
        System.out.println(projection.generation().number());
        System.in.read();
      }
    }
  }

  @Test
  void aSecondWriterOfThisProcessIsRefused() {
    Path database = directory.resolve("runledger.db");
    try (Projection first = SqliteProjection.open(database)) {
      assertThat(first.positions()).isEmpty();
      assertThatThrownBy(() -> SqliteProjection.open(database))
          .isInstanceOf(ProjectionInUseException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    SqliteProjection.open(database).close();
  }

  @Test
  void aSecondProcessIsToldWhoHasTheDatabaseAndGetsItOnceThatOneIsKilled() throws Exception {
    Path database = directory.resolve("runledger.db");
    Process holder =
        ChildJvm.of(List.of(), Holder.class, database.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('1');

      assertThatThrownBy(() -> SqliteProjection.open(database))
          .isInstanceOf(ProjectionInUseException.class)
          .hasMessageContaining("process " + holder.pid());
    } finally {
      holder.destroyForcibly();
    }
    assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    SqliteProjection.open(database).close();
  }

  @Test
  void theDirectoryIsMadeForItsOwnerAlone() throws IOException {
    Path database = directory.resolve("a").resolve("b").resolve("runledger.db");

    SqliteProjection.open(database).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(database.getParent())))
        .isEqualTo("rwx------");
  }

  /** Says something where the umask is 000; UpIT starts it so. */
  @Test
  void nobodyElseMayWriteToItsFiles() throws IOException {
    Path database = directory.resolve("runledger.db");

    try (Projection open = SqliteProjection.open(database);
        Stream<Path> files = Files.list(directory)) {
      assertThat(open).isNotNull();
      assertThat(files)
          .hasSizeGreaterThanOrEqualTo(3)
          .allSatisfy(
              file ->
                  assertThat(Files.getPosixFilePermissions(file))
                      .doesNotContain(
                          PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.7.17", "3.51.2", "3.9.0"})
  void anSqliteThatCanLoseCommitsIsRefused(String version) {
    assertThatThrownBy(() -> Database.refuseOld(version))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("SQLite " + version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.51.3", "3.54.1", "4.0.0"})
  void aLaterSqliteIsTaken(String version) {
    Database.refuseOld(version);
  }

  @Test
  void theDatabaseKeepsAWriteAheadLogAndSaysWhoBuiltIt() throws SQLException {
    Path database = directory.resolve("runledger.db");

    SqliteProjection.open(database).close();

    assertThat(Tables.row(database, "PRAGMA journal_mode")).isEqualTo("wal");
    assertThat(
            Tables.rows(
                database,
                "SELECT name, value FROM projection_info WHERE name <> 'migrations' ORDER BY name"))
        .containsExactly("builder_version|development", "generation|1");
  }

  @Test
  void aSchemaOfALaterVersionIsRefused() throws SQLException {
    Path database = directory.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Tables.change(
        database,
        """
        INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
        VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', 1, 1)
        """);
    Tables.change(database, "UPDATE projection_info SET value = 'x' WHERE name = 'migrations'");

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("schema version 99");
  }

  @Test
  void aDatabaseThatHasHadAllMigrationsIsNotMigratedAgain() throws SQLException {
    Path database = directory.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Tables.change(database, "UPDATE flyway_schema_history SET checksum = 1 WHERE version = '3'");

    SqliteProjection.open(database).close();

    Tables.change(database, "DELETE FROM projection_info WHERE name = 'migrations'");
    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("version 3");
  }
}
