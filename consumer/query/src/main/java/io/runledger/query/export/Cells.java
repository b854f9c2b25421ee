package io.runledger.query.export;

import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;

/**
 * Where a table goes, whatever its format: a row's cells come in the order of the columns, then its
 * end. None is kept for long.
 */
interface Cells extends Closeable {

  void absent();

  void text(String value);

  /** JSON as a job gave it, or as it was cut. */
  void json(String value);

  void integer(long value);

  void number(double value);

  void truth(boolean value);

  void time(Instant value);

  void endRow() throws IOException;

  /** Writes what is left. */
  @Override
  void close() throws IOException;
}
