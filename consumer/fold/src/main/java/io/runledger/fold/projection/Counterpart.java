package io.runledger.fold.projection;

import java.util.List;

/**
 * A copy of a projection as it was at one moment, and room next to it for one that is built from
 * the log, to compare both. Not thread-safe.
 */
public interface Counterpart extends AutoCloseable {

  /** Reads the copy. */
  ProjectionReader copy();

  /** Opens the empty projection next to it, to be filled and finished. */
  Projection open();

  /** Compares the copy with the finished projection, table by table. */
  List<TableComparison> compare();

  /** Removes both. */
  @Override
  void close();
}
