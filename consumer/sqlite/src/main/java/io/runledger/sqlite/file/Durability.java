package io.runledger.sqlite.file;

import io.runledger.fold.projection.Projection;

/** What a power failure may take. */
public enum Durability {
  /**
   * WAL and {@code synchronous=NORMAL}: after a power failure the last transactions may be missing,
   * rows and positions together, and are read again from the log. The file is never damaged.
   */
  LIVE,
  /** Nothing is safe until {@link Projection#finish()}: for a file that has no readers yet. */
  REBUILD
}
