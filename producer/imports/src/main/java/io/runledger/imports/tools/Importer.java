package io.runledger.imports.tools;

import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.lines.Import;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the runs of one tracker. Stateless, hence thread-safe. */
public interface Importer {

  /**
   * What shows that a path is of this tracker: a file in it, as a word for people; empty when
   * nothing does.
   */
  Optional<String> evidence(Path path) throws IOException;

  /**
   * Why a path cannot be imported with a map of columns, as a sentence; empty when it can.
   *
   * @param columns a map that was given
   * @throws IOException when the path cannot be read
   */
  default Optional<String> objection(Path path, ColumnMap columns) throws IOException {
    return Optional.of(
        "only csv and jsonl have columns to map; leave it out for %s.".formatted(path));
  }

  /**
   * Imports what is there. What is damaged is noted as a loss and left out.
   *
   * @throws IOException when the path as a whole cannot be read, or the spool cannot be written;
   *     its message is a sentence
   */
  void read(Path path, Import into) throws IOException;
}
