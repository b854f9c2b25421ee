package io.runledger.service.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.fold.projection.ProjectionUnreadableException;
import io.runledger.service.rebuild.OldDatabase;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A path that names something else than a sound database of ours. */
class ForeignDatabaseTest {

  @TempDir private Path directory;

  /** How the service, a rebuild, and verify, backup and dead-letters open it. */
  enum Opening {
    CONSUME,
    REBUILD,
    READ;

    void at(Path database) {
      switch (this) {
        case CONSUME -> SqliteProjection.open(database).close();
        case REBUILD -> assertThat(OldDatabase.of(new SqliteLocation(database)).lost()).isEmpty();
        case READ -> new SqliteLocation(database).read().close();
      }
    }
  }

  private static void execute(Path database, String... sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (String one : sql) {
        statement.execute(one);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTextFileIsSaidToBeNone(Opening opening) throws IOException {
    Path text = Files.writeString(directory.resolve("notes.txt"), "buy milk ".repeat(1_000));

    assertThatThrownBy(() -> opening.at(text))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("notes.txt is not a database: ")
        .hasMessageContaining("--db");
    assertThat(text).content().startsWith("buy milk");
  }

  @ParameterizedTest
  @EnumSource
  void aDatabaseOfAnotherProgramIsSaidToBeOne(Opening opening) throws Exception {
    Path other = directory.resolve("bookmarks.db");
    execute(other, "CREATE TABLE bookmarks (url)", "CREATE TABLE runs (id)");
    byte[] before = Files.readAllBytes(other);

    assertThatThrownBy(() -> opening.at(other))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("is not a database of Runledger (it has bookmarks, runs)");
    assertThat(Files.readAllBytes(other)).isEqualTo(before);
  }

  /** SQLite plays it into our file when the last one closes it. */
  @ParameterizedTest
  @EnumSource
  void theLogOfAnotherDatabaseBesideOursIsNamedAndHarmsNothing(Opening opening) throws Exception {
    Path database = directory.resolve("runledger.db");
    SqliteProjection.open(database).close();
    Path file = database.toRealPath();
    byte[] before = Files.readAllBytes(file);
    Path other = directory.resolve("other.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + other);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("CREATE TABLE bookmarks (url)");
      Files.copy(Path.of(other + "-wal"), Path.of(file + "-wal"));
    }

    assertThatThrownBy(() -> opening.at(database))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("-wal is the write-ahead log of another database")
        .hasMessageContaining("move it");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);

    Files.delete(Path.of(file + "-wal"));
    Files.deleteIfExists(Path.of(file + "-shm"));
    opening.at(database);
  }

  @Test
  void aTableThatSomebodyDroppedIsNoticedAtTheStartAndARebuildIsTheWayOut() throws Exception {
    Path database = directory.resolve("runledger.db");
    SqliteProjection.open(database).close();
    execute(database, "DROP TABLE positions");

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionDamagedException.class)
        .hasMessageContaining("the table positions is missing")
        .hasMessageContaining("run 'runledger rebuild");
    try (ProjectionReader open = new SqliteLocation(database).read()) {
      assertThatThrownBy(open::positions)
          .isInstanceOf(ProjectionUnreadableException.class)
          .hasMessageContaining("run 'runledger rebuild");
    }
    OldDatabase old = OldDatabase.of(new SqliteLocation(database));
    assertThat(old.damage()).isPresent();
    assertThat(old.lost()).containsExactly("positions");
  }
}
