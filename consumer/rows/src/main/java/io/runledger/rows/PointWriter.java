package io.runledger.rows;

import io.runledger.fold.PointBuffer;

/**
 * Writes points as fast as a database takes them. Works inside the caller's transaction; not
 * thread-safe.
 */
public interface PointWriter {

  /** Adds points that the database does not have. */
  void add(PointBuffer.BySeries points);
}
