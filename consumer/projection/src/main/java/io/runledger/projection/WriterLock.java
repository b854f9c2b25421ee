package io.runledger.projection;

import io.runledger.config.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The right to write a database: a lock on a file beside it that names its holder. The operating
 * system gives it back when the process ends, however it ends.
 */
final class WriterLock implements AutoCloseable {

  private final FileChannel channel;

  private WriterLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock beside {@code database}.
   *
   * @throws ProjectionInUseException when somebody else has it
   */
  static WriterLock take(Path database) {
    Path file = database.resolveSibling(database.getFileName() + ".lock");
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PrivateFiles.FILE);
      FileLock lock = lockOrNull(channel);
      if (lock == null) {
        String holder = Files.readString(file).strip();
        channel.close();
        throw new ProjectionInUseException(
            "%s is being written by process %s; there is only one writer: stop that one, or use another database."
                .formatted(database, holder.isEmpty() ? "(unknown)" : holder));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      return new WriterLock(channel);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new ProjectionUnavailableException("Cannot lock " + file + ": " + e + ".", e);
    }
  }

  private static FileLock lockOrNull(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  private static void closeQuietly(FileChannel channel, IOException cause) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Gives the right back; the file stays, because removing it would race with the next holder. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new ProjectionUnavailableException("Cannot give the writer lock back: " + e + ".", e);
    }
  }
}
