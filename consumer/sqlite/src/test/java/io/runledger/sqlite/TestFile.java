package io.runledger.sqlite;

import io.runledger.contract.TestDatabase;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

/** A database file under test. */
record TestFile(Path path) implements TestDatabase {

  /**
   * The bytes of an empty database: copying them saves its migrations, which take most of a try.
   */
  private static final class Empty {

    private static final byte[] BYTES = bytes();

    private static byte[] bytes() {
      try {
        Path directory = Files.createTempDirectory("empty");
        Path database = directory.resolve("empty.db");
        SqliteProjection.open(database).close();
        Generation generation = Generation.current(database).orElseThrow();
        byte[] bytes = Files.readAllBytes(generation.file());
        generation.delete();
        for (String left : new String[] {"empty.db", "empty.db.lock"}) {
          Files.deleteIfExists(directory.resolve(left));
        }
        Files.delete(directory);
        return bytes;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public SqliteProjection open() {
    if (Generation.current(path).isEmpty()) {
      Generation generation = Generation.next(path);
      try {
        Files.write(generation.file(), Empty.BYTES);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      generation.publish();
    }
    return SqliteProjection.open(path);
  }

  @Override
  public Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + path);
  }

  @Override
  public List<String> differencesFrom(TestDatabase other) {
    return CanonicalDump.compare(path, ((TestFile) other).path).stream()
        .map(Object::toString)
        .toList();
  }

  @Override
  public void remove() {
    Generation.current(path).orElseThrow().delete();
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
