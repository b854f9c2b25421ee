package io.runledger.spool;

import io.runledger.files.HeldLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The locked file by which a sender sees that a writer lives. When somebody removes it, a new file
 * is locked before it gets the name.
 */
record WriterLockFile(HeldLocks.Held lock, Path file, FileIdentity identity)
    implements AutoCloseable {

  static WriterLockFile of(HeldLocks.Held lock, Path file) throws IOException {
    return new WriterLockFile(lock, file, FileIdentity.of(file));
  }

  boolean isDisplaced() throws IOException {
    return !identity.standsAt(file);
  }

  /** This lock file while it is in place, or a new one. */
  WriterLockFile restored() throws IOException {
    if (!isDisplaced()) {
      return this;
    }
    Path fresh = file.resolveSibling("." + file.getFileName() + ".restored");
    HeldLocks.Held taken =
        HeldLocks.take(fresh)
            .orElseThrow(() -> new IOException("Another process holds the lock of " + fresh + "."));
    try {
      return of(HeldLocks.replaced(lock, taken), file);
    } catch (IOException | RuntimeException e) {
      taken.close();
      Files.deleteIfExists(fresh);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
