package io.runledger.sqlite;

import io.runledger.config.DatabaseUrl;
import io.runledger.sqlite.file.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/**
 * Makes the empty database that distributions carry, so that a program which begins a ledger has
 * its tables at once. Each copy of it becomes the database of its own log; the same migrations give
 * the same bytes.
 */
public final class EmptyDatabase {

  private EmptyDatabase() {}

  /** Argument: the file, which is replaced. */
  public static void main(String[] arguments) throws IOException, SQLException {
    write(Path.of(arguments[0]));
  }

  static void write(Path file) throws IOException, SQLException {
    Path directory = Files.createTempDirectory("runledger-empty");
    Path database = directory.resolve("made.db");
    try {
      SqliteProjection.open(database).close();
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.deleteIfExists(file);
      try (Connection connection = DriverManager.getConnection(DatabaseUrl.of(database))) {
        // When it was made says nothing about its copies.
        Database.execute(
            connection,
            """
            UPDATE flyway_schema_history
               SET installed_on = '1970-01-01 00:00:00.000', execution_time = 0, installed_by = ''
            """);
        Database.execute(connection, "DELETE FROM projection_info WHERE name = 'generation'");
      }
      try (SqliteReader reader = SqliteReader.open(database)) {
        reader.copyTo(file);
      }
      try (Connection copy = DriverManager.getConnection(DatabaseUrl.of(file))) {
        Database.execute(copy, "PRAGMA journal_mode = WAL");
      }
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : List.copyOf(files.toList())) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
