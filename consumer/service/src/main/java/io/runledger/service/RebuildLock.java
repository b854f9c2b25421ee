package io.runledger.service;

import io.runledger.config.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** The right to build a new generation of one database; it ends with the process at the latest. */
final class RebuildLock implements AutoCloseable {

  private final FileChannel channel;

  private RebuildLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws RebuildRunningException when another rebuild of this database is at work
   */
  static RebuildLock take(Path database) {
    Path file = database.resolveSibling(database.getFileName() + ".rebuild.lock");
    try {
      FileChannel channel =
          FileChannel.open(
              file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PrivateFiles.FILE);
      if (isLocked(channel)) {
        return new RebuildLock(channel);
      }
      channel.close();
      throw new RebuildRunningException(
          "Another rebuild of " + database + " is at work; wait for its end, or stop it.");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The lock file %s cannot be made: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Two rebuilds of one database would clear away each other's files. */
  static final class RebuildRunningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RebuildRunningException(String sentence) {
      super(sentence);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another rebuild in this very process.
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The rebuild lock cannot be given back.", e);
    }
  }
}
