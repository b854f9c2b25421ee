package io.runledger.imports.files;

import io.runledger.config.Counted;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rows of a CSV file or of a file of JSON lines, as texts by their columns. Not thread-safe.
 */
public interface TableRows extends AutoCloseable {

  /** The next row, without values that are not there; empty at the end. */
  Optional<Map<String, String>> next() throws IOException;

  /** The line of the row that was read last, from 1. */
  long line();

  /**
   * The columns that the row that was read last may have values in: those of the header, which are
   * known before the first row, or the names in the object.
   */
  Collection<String> columns();

  @Override
  void close() throws IOException;

  /** The rows of a table whose values are separated by a character. */
  static TableRows csv(Path file, char separator, Losses losses) throws IOException {
    TextTable table = TextTable.open(file, separator);
    return new TableRows() {
      private long line;

      @Override
      public Optional<Map<String, String>> next() {
        while (table.hasNext()) {
          TextTable.Row row = table.next();
          line = row.line();
          List<String> columns = table.columns();
          if (row.fields().size() == columns.size()) {
            return Optional.of(row.values());
          }
          losses.add(
              file,
              "line " + line,
              "it has %s instead of %d and is left out"
                  .formatted(Counted.of(row.fields().size(), "value"), columns.size()));
        }
        table.noteEnd(file, losses);
        return Optional.empty();
      }

      @Override
      public long line() {
        return line;
      }

      @Override
      public Collection<String> columns() {
        return table.names();
      }

      @Override
      public void close() throws IOException {
        table.close();
      }
    };
  }

  /**
   * The rows of a file with an object of JSON in each line; of nested ones, names are joined by
   * dots.
   */
  static TableRows jsonLines(Path file, Losses losses) throws IOException {
    TextLines lines = TextLines.open(file, losses, last -> JsonRow.of(last).isPresent());
    return new TableRows() {
      private Set<String> columns = Set.of();

      @Override
      public Optional<Map<String, String>> next() throws IOException {
        Optional<String> line = lines.next();
        while (line.isPresent()) {
          Optional<JsonRow> row = JsonRow.of(line.get());
          if (row.isPresent()) {
            columns = row.get().names();
            row.get().note(file, "line " + lines.number(), losses);
            return Optional.of(row.get().values());
          }
          if (!line.get().isBlank()) {
            losses.add(
                file, "line " + lines.number(), "it is not an object of JSON and is left out");
          }
          line = lines.next();
        }
        return Optional.empty();
      }

      @Override
      public long line() {
        return lines.number();
      }

      @Override
      public Collection<String> columns() {
        return columns;
      }

      @Override
      public void close() throws IOException {
        lines.close();
      }
    };
  }
}
