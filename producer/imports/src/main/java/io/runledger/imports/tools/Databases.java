package io.runledger.imports.tools;

import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.SqliteSource;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** SQLite files among the files of a path. */
final class Databases {

  private static final List<String> ENDINGS = List.of(".db", ".sqlite", ".sqlite3");

  private Databases() {}

  /** A file as it was given, whatever its name; in a directory, those whose names say it. */
  static List<Path> files(Path path, Losses losses) throws IOException {
    return SourceTree.files(path, ENDINGS, losses);
  }

  /** A database with such tables. */
  static Optional<Path> evidence(Path path, Predicate<Set<String>> isOne) throws IOException {
    try {
      return SourceTree.anyFile(
          path,
          file ->
              (SourceTree.isNamed(file, ENDINGS) || Files.isRegularFile(path))
                  && isOne.test(tables(file)));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Set<String> tables(Path file) {
    try {
      if (!SourceTree.isReadable(file, Losses.unheard()) || !SqliteSource.isDatabase(file)) {
        return Set.of();
      }
      try (SqliteSource database = SqliteSource.open(file)) {
        return database.tables();
      }
    } catch (SQLException damaged) {
      // What it was cannot be seen any more: whoever knows says so on the command line.
      return Set.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes what a damaged or locked page hides. */
  static void add(Path file, String place, SQLException e, Import into) {
    into.losses()
        .add(
            file,
            place,
            "cannot be read (" + e.getMessage() + "); 'sqlite3 FILE .recover' may save more of it");
  }
}
