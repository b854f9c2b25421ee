package io.runledger.client;

import io.runledger.config.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.HashSet;
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
  private static final Set<OpenOption> EXISTING =
      Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

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
    return take(file, true);
  }

  private static Optional<Held> take(Path file, boolean create) throws IOException {
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
      Set<OpenOption> options = new HashSet<>(EXISTING);
      if (create) {
        options.add(StandardOpenOption.CREATE);
      }
      FileChannel channel = FileChannel.open(key, options, PrivateFiles.FILE);
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

  /** Whether this process holds the lock of a file. */
  static boolean isHeldHere(Path file) {
    synchronized (HELD) {
      return HELD.containsKey(file.toAbsolutePath().normalize());
    }
  }

  /**
   * Whether somebody has the lock of a file, this process included.
   *
   * @throws java.nio.file.NoSuchFileException when it is not there
   */
  static boolean isHeld(Path file) throws IOException {
    Optional<Held> probe = take(file, false);
    if (probe.isPresent()) {
      probe.get().close();
    }
    return probe.isEmpty();
  }

  /** Follows a file to its new name, with its lock. */
  static Held moved(Held held, Path to) {
    Path key = to.toAbsolutePath().normalize();
    synchronized (HELD) {
      HELD.put(key, HELD.remove(held.file));
      return new Held(key);
    }
  }

  /**
   * Gives a locked file the name of another one that is held, and gives the lock of that one back.
   */
  static Held replaced(Held before, Held fresh) throws IOException {
    synchronized (HELD) {
      Files.move(fresh.file, before.file, StandardCopyOption.ATOMIC_MOVE);
      FileChannel old = HELD.put(before.file, HELD.remove(fresh.file));
      if (old != null) {
        old.close();
      }
      return new Held(before.file);
    }
  }
}
