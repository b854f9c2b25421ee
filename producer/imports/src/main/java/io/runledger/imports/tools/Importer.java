package io.runledger.imports.tools;

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
   * Imports what is there. What is damaged is noted as a loss and left out.
   *
   * @throws IOException when the path as a whole cannot be read, or the spool cannot be written;
   *     its message is a sentence
   */
  void read(Path path, Import into) throws IOException;
}
