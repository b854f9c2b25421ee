package io.runledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.sqlite.file.Database;
import io.runledger.sqlite.file.WriteAheadLog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When what the write-ahead log holds is moved into the file. */
class CheckpointTest {

  private static final int MEGABYTE = 1 << 20;

  @TempDir Path directory;
  private Connection connection;
  private WriteAheadLog log;

  @BeforeEach
  void open() throws SQLException {
    Path file = directory.resolve("some.db");
    connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    Database.execute(connection, "PRAGMA journal_mode = WAL");
    Database.execute(connection, "PRAGMA wal_autocheckpoint = 0");
    Database.execute(connection, "CREATE TABLE some (bytes BLOB)");
    log = new WriteAheadLog(connection, file);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void aLittleWaits() throws SQLException {
    write(1);

    log.moveWhenLong();

    assertThat(waitingPages()).isGreaterThan(200);
  }

  @Test
  void muchIsMoved() throws SQLException {
    write(20);

    assertThat(log.moveWhenLong()).isTrue();

    assertThat(waitingPages()).isZero();
  }

  @Test
  void aLittleWaitsAlsoWhenTheFileOfTheLogHasBecomeLong() throws SQLException {
    write(20);
    log.moveWhenLong();

    write(1);
    log.moveWhenLong();

    assertThat(log.bytes()).isGreaterThan(20 * MEGABYTE);
    assertThat(waitingPages()).isGreaterThan(200);
  }

  private void write(int megabytes) throws SQLException {
    Database.execute(
        connection, "INSERT INTO some VALUES (zeroblob(%d))".formatted(megabytes * MEGABYTE));
  }

  private int waitingPages() throws SQLException {
    return Database.checkpoint(connection, "NOOP").waitingPages();
  }
}
