package io.runledger.client;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The file locks that this process holds. On Linux, closing any descriptor of a file gives back all
 * locks that the process has on it, so a file whose lock is held here must not be opened a second
 * time: whoever asks for it is answered from memory. Thread-safe.
 */
final class HeldLocks {

  private static final Map<Path, FileChannel> HELD = new HashMap<>();

  private HeldLocks() {}

  /** A lock that is held until it is closed. */
  static final class Held implements AutoCloseable {
    private final Path file;

    private Held(Path file) {
      this.file = file;
    }

    @Override
    public void close() throws IOException {
      synchronized (HELD) {
        FileChannel channel = HELD.remove(file);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  /**
   * Takes the lock of a file, which is created if it is not there.
   *
   * @return empty when somebody has it, this process included
   * @throws IOException when it cannot be opened, or is anything but a regular file
   */
  static Optional<Held> take(Path file) throws IOException {
    Path key = file.toAbsolutePath().normalize();
    synchronized (HELD) {
      if (HELD.containsKey(key)) {
        return Optional.empty();
      }
      if (Files.exists(key, LinkOption.NOFOLLOW_LINKS)
          && !Files.isRegularFile(key, LinkOption.NOFOLLOW_LINKS)) {
        // To open a pipe would be to wait for ever.
        throw new IOException(key + " is no regular file.");
      }
      FileChannel channel =
          FileChannel.open(
              key,
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      boolean taken = false;
      try {
        FileLock lock = channel.tryLock();
        taken = lock != null;
      } catch (OverlappingFileLockException heldByAnotherClassLoader) {
        taken = false;
      } finally {
        if (taken) {
          HELD.put(key, channel);
        } else {
          channel.close();
        }
      }
      return taken ? Optional.of(new Held(key)) : Optional.empty();
    }
  }

  /** Follows a file to its new name, with its lock. */
  static Held moved(Held held, Path to) {
    Path key = to.toAbsolutePath().normalize();
    synchronized (HELD) {
      HELD.put(key, HELD.remove(held.file));
      return new Held(key);
    }
  }
}
