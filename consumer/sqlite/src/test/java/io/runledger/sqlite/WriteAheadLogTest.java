package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.contract.process.OtherProgram;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.sqlite.file.Damage;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader that holds an old state makes the log grow; once it is gone, the log is small again. */
class WriteAheadLogTest {

  private static final long MIB = 1L << 20;

  /** What SQLite truncates the log to when it starts over. */
  private static final long KEPT_BYTES = 64 * MIB;

  @TempDir private Path directory;

  /** A database whose log outgrew what is kept of it, because of this reader. */
  private static Connection readerThatStays(Projection projection, Path database)
      throws SQLException {
    deliver(projection, Events.ofSeed(1).started());
    Connection reader = Tables.connect(database);
    reader.setAutoCommit(false);
    try (Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM run_errors")) {
      assertThat(row.getInt(1)).isZero();
    }
    Events run = Events.ofSeed(1);
    while (projection.writeAheadLogBytes() < KEPT_BYTES + 8 * MIB) {
      deliver(projection, megabytes(run));
    }
    return reader;
  }

  private static void fill(Projection projection, long seed, long bytes) {
    Events run = Events.ofSeed(seed);
    long written = 0;
    while (written < bytes) {
      deliver(projection, megabytes(run));
      written += MIB;
    }
  }

  /** Its traceback repeats its message. */
  private static ErrorLogged megabytes(Events run) {
    return run.error("OutOfMemory", "x".repeat((int) MIB));
  }

  @Test
  void itGrowsOnlyWhileTheReaderStaysAndIsCutByTheNextCommits() throws SQLException {
    Path database = directory.resolve("runledger.db");
    try (SqliteProjection projection = Deliveries.claimed(new TestFile(database).open())) {
      try (Connection reader = readerThatStays(projection, database)) {
        assertThat(projection.writeAheadLogBytes()).isGreaterThan(KEPT_BYTES);
        assertThat(reader.isClosed()).isFalse();
      }

      // The first commit moves the log into the file, the second starts it over.
      fill(projection, 2, 2 * MIB);

      assertThat(projection.writeAheadLogBytes()).isLessThanOrEqualTo(KEPT_BYTES);
      fill(projection, 3, 40 * MIB);
      assertThat(projection.writeAheadLogBytes()).isLessThanOrEqualTo(KEPT_BYTES);
    }
  }

  @Test
  void itIsEmptiedWithoutACommitOnceNobodyNeedsItAndNobodyIsWaitedFor() throws SQLException {
    Path database = directory.resolve("runledger.db");
    try (SqliteProjection projection = Deliveries.claimed(new TestFile(database).open())) {
      try (Connection reader = readerThatStays(projection, database)) {
        long begun = System.nanoTime();

        projection.emptyWriteAheadLogIfUnread();

        assertThat((System.nanoTime() - begun) / 1_000_000).as("ms").isLessThan(5_000);
        assertThat(projection.writeAheadLogBytes()).isGreaterThan(KEPT_BYTES);
        assertThat(reader.isClosed()).isFalse();
      }

      projection.emptyWriteAheadLogIfUnread();

      assertThat(projection.writeAheadLogBytes()).isZero();
    }
    assertThat(Tables.row(database, "PRAGMA integrity_check")).isEqualTo("ok");
  }

  @Test
  void whoChecksTheDatabaseLeavesTheLocksOfTheWriterInItsProcess() throws Exception {
    Path database = directory.resolve("runledger.db");
    try (Projection projection = Deliveries.claimed(new TestFile(database).open())) {
      deliver(projection, Events.ofSeed(1).started());
      SqliteReader.open(database).close();
      assertThat(Damage.of(database)).isEmpty();

      assertThat(OtherProgram.wouldDeleteTheLog(database)).isFalse();
    }
    assertThat(OtherProgram.wouldDeleteTheLog(database)).isTrue();
  }
}
