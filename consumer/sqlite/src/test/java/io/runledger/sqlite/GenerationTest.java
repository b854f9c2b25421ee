package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.event.MetricRow;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rebuild takes the place of the old file as a whole, or not at all. */
class GenerationTest {

  private static final String POINTS = "SELECT count(*) FROM metric_points";

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void nameTheDatabase() {
    database = directory.resolve("runledger.db");
  }

  /** A database with that many points, whatever was there before. */
  private Generation filled(int points) {
    Generation generation = Generation.next(database);
    try (SqliteProjection projection = SqliteProjection.create(generation)) {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      MetricRow[] calls = new MetricRow[points];
      for (int i = 0; i < points; i++) {
        calls[i] = Events.call(i, Map.of("loss", (double) i));
      }
      deliver(projection, Events.ofSeed(3).metrics(calls));
      projection.finish();
    }
    return generation;
  }

  @Test
  void usersNameALinkAndTheShellFindsTheFileBehindIt() throws IOException {
    SqliteProjection.open(database).close();

    assertThat(Files.readSymbolicLink(database)).isEqualTo(Path.of("runledger-g000001.db"));
    assertThat(Generation.current(database)).contains(new Generation(database, 1));
  }

  @Test
  void aFinishedGenerationIsOneFileThatReadersCanOpen() throws SQLException {
    Generation generation = filled(5);

    for (String companion : List.of("-wal", "-shm", "-journal")) {
      assertThat(Path.of(generation.file() + companion)).doesNotExist();
    }
    assertThat(Tables.row(generation.file(), "PRAGMA journal_mode")).isEqualTo("wal");
    assertThat(Tables.row(generation.file(), "PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void theRebuildIsNotUndoneByTheWalOfTheOldFile() throws SQLException, IOException {
    // the writer is killed with all its rows in the -wal: copy the files as they lie there
    Path killed = directory.resolve("killed");
    Files.createDirectory(killed);
    Path old;
    try (SqliteProjection writer = Deliveries.claimed(SqliteProjection.open(database))) {
      deliver(writer, Events.ofSeed(3).metric("loss", 0, 1));
      old = writer.generation().file();
      for (String companion : List.of("", "-wal", "-shm")) {
        Path file = Path.of(old + companion);
        Files.copy(file, killed.resolve(file.getFileName()));
      }
    }
    Path link = killed.resolve("runledger.db");
    Files.createSymbolicLink(link, old.getFileName());
    assertThat(Files.size(killed.resolve(old.getFileName() + "-wal"))).isPositive();
    database = link;

    filled(50).publish();

    assertThat(Tables.row(link, POINTS)).isEqualTo("50");
    try (SqliteProjection reopened = SqliteProjection.open(link)) {
      assertThat(reopened.generation().number()).isEqualTo(2);
      assertThat(reopened.positions()).anyMatch(position -> position.nextOffset() == 1);
    }
    assertThat(Tables.row(link, POINTS)).isEqualTo("50");
  }

  @Test
  void aReaderKeepsWhatItReadsWhileTheGenerationChanges() throws SQLException {
    filled(5).publish();
    try (Connection reader = Tables.connect(database);
        Statement statement = reader.createStatement()) {
      // not read from yet: SQLite has not even looked for a -wal
      filled(9).publish();
      Generation.deleteOthers(database);

      try (ResultSet row = statement.executeQuery(POINTS)) {
        assertThat(row.getInt(1)).isEqualTo(5);
      }
      assertThat(Tables.row(database, POINTS)).isEqualTo("9");
    }
  }

  @Test
  void theGenerationBeforeTheOneInUseStaysUntilTheNextRebuild() {
    Generation first = filled(1);
    first.publish();
    Generation second = filled(2);
    second.publish();
    Generation.deleteOthers(database);
    assertThat(first.file()).exists();

    Generation third = filled(3);
    third.publish();
    Generation.deleteOthers(database);

    assertThat(first.file()).doesNotExist();
    assertThat(second.file()).exists();
    assertThat(third.file()).exists();
  }

  @Test
  void theWriterSeesThatItsGenerationIsNoLongerTheOneInUse() {
    try (SqliteProjection writer = SqliteProjection.open(database)) {
      assertThat(writer.isCurrent()).isTrue();

      filled(5).publish();

      assertThat(writer.isCurrent()).isFalse();
    }
  }

  @Test
  void aRebuildThatWasKilledBeforeItsLastStepChangesNothing() throws SQLException, IOException {
    filled(5).publish();
    Generation half = Generation.next(database);
    try (SqliteProjection projection = SqliteProjection.create(half)) {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      deliver(projection, Events.ofSeed(3).metric("loss", 0, 1));
      // killed here: no finish, no publish
    }
    // or here: the new link is made, and not yet renamed
    Files.createSymbolicLink(
        directory.resolve("runledger.db.link-" + half.number()), half.file().getFileName());

    assertThat(Tables.row(database, POINTS)).isEqualTo("5");
    assertThat(Generation.next(database).number()).isEqualTo(half.number() + 1);
    Generation.deleteOthers(database);
    assertThat(half.file()).doesNotExist();
    filled(7).publish();
    assertThat(Tables.row(database, POINTS)).isEqualTo("7");
  }

  @Test
  void aLeftoverLinkOfAKilledRebuildDoesNotStopTheNext() throws SQLException, IOException {
    Generation generation = filled(5);
    Files.createSymbolicLink(
        directory.resolve("runledger.db.link-" + generation.number()), Path.of("nowhere"));

    generation.publish();

    assertThat(Tables.row(database, POINTS)).isEqualTo("5");
  }

  @Test
  void aNumberIsNotUsedAgainWhileAnythingOfItExists() throws IOException {
    Files.createFile(directory.resolve("runledger-g000041.db-wal"));

    assertThat(Generation.next(database).number()).isEqualTo(42);
  }

  @Test
  void aFileThatIsStillWrittenIsNotPutInPlace() throws SQLException {
    Generation generation = filled(5);
    try (Connection writer = Tables.connect(generation.file());
        Statement statement = writer.createStatement()) {
      statement.execute("DELETE FROM metric_points");

      assertThatThrownBy(generation::publish)
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessageContaining("-wal is not empty");
    }
    assertThat(database).doesNotExist();
  }

  @Test
  void aDamagedFileIsNotPutInPlace() throws SQLException {
    Generation generation = Generation.next(database);
    try (SqliteProjection projection = SqliteProjection.create(generation)) {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      deliver(projection, Events.ofSeed(3).started());
      Tables.emptyAnIndex(generation.file(), "experiment_runs_by_name");

      assertThatThrownBy(projection::finish)
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessageContaining("damaged")
          .hasMessageContaining("not put in place");
    }
  }

  @Test
  void allStaysWhenNobodyKnowsWhichIsInUse() throws IOException {
    Generation generation = filled(5);

    Generation.deleteOthers(database);

    assertThat(generation.file()).exists();
  }

  @Test
  void aRestoredBackupAtThePathIsTakenOver() throws SQLException {
    filled(5).publish();
    Path restored = directory.resolve("restored.db");
    Tables.change(database, "VACUUM INTO '" + restored + "'");

    try (SqliteProjection projection = SqliteProjection.open(restored)) {
      assertThat(restored).isSymbolicLink();
      assertThat(projection.isCurrent()).isTrue();
    }
    assertThat(Tables.row(restored, POINTS)).isEqualTo("5");
  }

  @Test
  void aTakeOverThatWasInterruptedGoesOn() throws SQLException, IOException {
    filled(5).publish();
    Path restored = directory.resolve("restored.db");
    Tables.change(database, "VACUUM INTO '" + restored + "'");
    Files.createLink(directory.resolve("restored-g000001.db"), restored);

    SqliteProjection.open(restored).close();

    assertThat(Generation.current(restored)).contains(new Generation(restored, 1));
    assertThat(Tables.row(restored, POINTS)).isEqualTo("5");
  }

  @Test
  void whatTheWalOfAPlainFileHoldsIsTakenOverToo() throws SQLException, IOException {
    filled(5).publish();
    Path copy = directory.resolve("copy");
    Files.createDirectory(copy);
    Path plain = copy.resolve("plain.db");
    try (SqliteProjection writer = SqliteProjection.open(database)) {
      writer.claim(Deliveries.OWNER, Deliveries.beginnings());
      deliver(writer, Events.ofSeed(4).metric("loss", 0, 1));
      Files.copy(writer.generation().file(), plain);
      Files.copy(Path.of(writer.generation().file() + "-wal"), Path.of(plain + "-wal"));
    }

    SqliteProjection.open(plain).close();

    assertThat(Tables.row(plain, POINTS)).isEqualTo("6");
    assertThat(Path.of(plain + "-wal")).doesNotExist();
  }

  @Test
  void aFileThatIsNotOursIsLeftAsItIs() throws SQLException, IOException {
    Tables.change(database, "CREATE TABLE runs (run_id INTEGER)");
    byte[] before = Files.readAllBytes(database);

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("is not a database of Runledger");

    assertThat(Files.readAllBytes(database)).isEqualTo(before);
    assertThat(database).isRegularFile();
  }

  @Test
  void aLinkToSomethingElseIsRefused() throws IOException {
    Files.createSymbolicLink(database, Path.of("precious.db"));

    assertThatThrownBy(() -> SqliteProjection.open(database))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("not one of its generations");
  }
}
