package io.runledger.sqlite;

import io.runledger.fold.projection.Counterpart;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.TableComparison;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A directory next to a database with a copy of it and a generation to compare it with. */
final class SqliteCounterpart implements Counterpart {

  private final Path directory;
  private final Path copy;
  private final Generation other;

  private SqliteCounterpart(Path directory) {
    this.directory = directory;
    copy = directory.resolve("live.db");
    other = Generation.next(directory.resolve("replayed.db"));
  }

  static SqliteCounterpart of(Path database) {
    try (SqliteReader source = SqliteReader.open(database)) {
      SqliteCounterpart counterpart = new SqliteCounterpart(directoryBeside(database));
      try {
        source.copyTo(counterpart.copy);
        return counterpart;
      } catch (RuntimeException e) {
        counterpart.close();
        throw e;
      }
    }
  }

  private static Path directoryBeside(Path database) {
    Path absolute = database.toAbsolutePath();
    try {
      return Files.createTempDirectory(
          absolute.getParent(), "." + absolute.getFileName() + ".verify-");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot create a directory next to %s, which verifying needs: %s"
              .formatted(database, e.getMessage()),
          e);
    }
  }

  @Override
  public ProjectionReader copy() {
    return SqliteReader.open(copy);
  }

  @Override
  public Projection open() {
    return SqliteProjection.create(other);
  }

  @Override
  public List<TableComparison> compare() {
    return CanonicalDump.compareAll(copy, other.file()).stream()
        .map(table -> new TableComparison(table.table(), table.rows(), table.differences()))
        .toList();
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The copies in %s cannot be removed; remove them by hand: %s"
              .formatted(directory, e.getMessage()),
          e);
    }
  }
}
