package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.runledger.config.DatabaseFile;
import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.query.failure.LedgerNotFoundException;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.query.runs.RunFilter;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.StatementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpeningTest {

  /** On a busy machine, too: it bounds what must be stopped and what must be answered alike. */
  private static final Duration ENOUGH_FOR_A_LIST = Duration.ofSeconds(3);

  @TempDir Path directory;

  @Test
  void aMissingFileIsASentenceThatNamesIt() {
    Path missing = directory.resolve("nowhere.db");

    assertThatExceptionOfType(LedgerNotFoundException.class)
        .isThrownBy(() -> Ledger.open(missing))
        .withMessageStartingWith("There is no database at " + missing + "; specify it with --db");
    assertThat(missing).doesNotExist();
  }

  @Test
  void aDirectoryIsNoDatabase() {
    assertThatExceptionOfType(LedgerNotFoundException.class)
        .isThrownBy(() -> Ledger.open(directory))
        .withMessageContaining("is a directory");
  }

  @Test
  void aLinkToNothingIsSaidToBeOne() throws Exception {
    Path link = directory.resolve("runledger.db");
    Files.createSymbolicLink(link, directory.resolve("runledger-g000009.db"));

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> Ledger.open(link))
        .withMessageContaining("is a link to a missing file");
  }

  @Test
  void aFileThatIsNoDatabaseAndOneOfSomebodyElseAreRefused() throws Exception {
    Path text = Files.writeString(directory.resolve("notes.txt"), "buy milk ".repeat(1000));
    Path other = directory.resolve("other.db");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + other);
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE runs (run_id INTEGER PRIMARY KEY)");
    }

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> Ledger.open(text))
        .withMessageContaining("is not a database: it does not begin as SQLite's files do");
    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> Ledger.open(other))
        .withMessageContaining("is not a database of Runledger (it has runs)");
  }

  @Test
  void aTableThatSomebodyDroppedIsNoticedAtTheStart() throws Exception {
    Laboratory.empty(directory).close();
    Path database = directory.resolve("runledger.db");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement()) {
      statement.execute("DROP TABLE run_errors");
    }

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> Ledger.open(database))
        .withMessageContaining("lacks its table run_errors; run 'runledger rebuild'");
  }

  @Test
  void aDatabaseOfAnEarlierVersionIsSaidToBeOne() throws Exception {
    Laboratory.empty(directory).close();
    Path database = directory.resolve("runledger.db");
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement()) {
      statement.execute("DROP VIEW run_overview");
      statement.execute("PRAGMA user_version = 6");
    }

    try (Ledger ledger = Ledger.open(database)) {
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(() -> ledger.runs(RunFilter.all()))
          .withMessageContaining("no such table: run_overview")
          .withMessageContaining(
              "earlier version of Runledger (6, not " + DatabaseFile.SCHEMA_VERSION + ")");
    }
  }

  @Test
  void aTimeLimitThatLeavesNoTimeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ledger.open(directory.resolve("runledger.db"), Duration.ZERO));
  }

  @ParameterizedTest
  @ValueSource(strings = {"what?mode=memory.db", "100%41 # &.db", "größe ☃.db", "a;b'c\".db"})
  void anyFileNameIsOnlyAFileName(String name) {
    Path database = directory.resolve(name);
    try (Projection projection =
        Deliveries.claimed(SqliteProjection.open(directory.resolve("plain.db")))) {
      Deliveries.deliver(projection, Events.ofSeed(1).started());
    }
    try {
      Files.createSymbolicLink(database, directory.resolve("plain.db").toRealPath().getFileName());
      Path real = directory.resolve("real " + name);
      Files.copy(directory.resolve("plain.db").toRealPath(), real);
      assertOneRun(database);
      assertOneRun(real);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertOneRun(Path database) {
    try (Ledger ledger = Ledger.open(database)) {
      assertThat(ledger.runs(RunFilter.all())).hasSize(1);
    }
  }

  @Test
  void nothingCanBeWritten() {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open()) {
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(() -> ledger.read(handle -> handle.execute("DELETE FROM metric_points")))
          .withMessageContaining("readonly");
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(() -> ledger.read(handle -> handle.execute("CREATE TEMP TABLE t (a)")));
      assertThat(ledger.logCalls(Laboratory.COMPLETED)).isNotEmpty();
    }
  }

  @Test
  @Timeout(60)
  void aQuestionThatTakesTooLongIsStoppedAndTheNextOneIsAnswered() {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open(ENOUGH_FOR_A_LIST)) {
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(
              () ->
                  ledger.read(
                      handle ->
                          handle
                              .createQuery(
                                  """
                                  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                                  SELECT count(*) FROM n
                                  """)
                              .mapTo(Long.class)
                              .one()))
          .withMessageContaining("was stopped after 3000 ms");
      assertThat(ledger.runs(RunFilter.all())).hasSize(6);
    }
  }

  @Test
  void aMistakeOfOursIsNotBlamedOnTheDatabaseFile() {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open()) {
      assertThatExceptionOfType(StatementException.class)
          .isThrownBy(
              () ->
                  ledger.read(
                      handle -> handle.createQuery("SELECT :missing").mapTo(Long.class).one()));
    }
  }

  @Test
  void readingLeavesNoFileBehindThatWasNotThere() throws Exception {
    try (Projection projection =
        Deliveries.claimed(SqliteProjection.open(directory.resolve("runledger.db")))) {
      Deliveries.deliver(projection, Events.ofSeed(1).started());
      assertOneRun(directory.resolve("runledger.db"));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith("-wal") || name.endsWith("-shm"));
    }
  }

  @Test
  void aClosedLedgerSaysSo() {
    try (Laboratory laboratory = Laboratory.filled(directory)) {
      Ledger ledger = laboratory.open();
      ledger.close();

      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> ledger.runs(RunFilter.all()))
          .withMessageContaining("was closed");
    }
  }

  @Test
  void aDatabaseThatDisappearsIsNoticedAndOneThatComesBackIsRead() throws SQLException {
    Path database = directory.resolve("runledger.db");
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = Ledger.open(database)) {
      Path aside = directory.resolve("aside.db");
      assertThat(database.toFile().renameTo(aside.toFile())).isTrue();

      assertThatExceptionOfType(LedgerNotFoundException.class)
          .isThrownBy(() -> ledger.runs(RunFilter.all()));

      assertThat(aside.toFile().renameTo(database.toFile())).isTrue();
      assertThat(ledger.runs(RunFilter.all())).hasSize(6);
      assertThat(laboratory.projection().isCurrent()).isTrue();
    }
  }
}
