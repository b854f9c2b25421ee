package io.runledger.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
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
public final class HeldLocks {

  private static final Map<Path, FileChannel> HELD = new HashMap<>();
  private static final Set<OpenOption> EXISTING =
      Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

  private HeldLocks() {}

  /** A lock that is held until it is closed. */
  public static final class Held implements AutoCloseable {
    private final Path file;

    private Held(Path file) {
      this.file = file;
    }

    private void writePid() throws IOException {
      synchronized (HELD) {
        FileChannel channel = HELD.get(file);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(pid().getBytes(StandardCharsets.US_ASCII)));
      }
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
   * @return empty when it is taken, by this process included
   * @throws IOException when it cannot be opened, or is anything but a regular file
   */
  public static Optional<Held> take(Path file) throws IOException {
    return take(file, true);
  }

  /**
   * Takes the lock of a file as above, and writes the number of this process into it, for {@link
   * #holder}.
   */
  public static Optional<Held> takeByName(Path file) throws IOException {
    Optional<Held> taken = take(file);
    if (taken.isPresent()) {
      try {
        taken.get().writePid();
      } catch (IOException e) {
        taken.get().close();
        throw e;
      }
    }
    return taken;
  }

  /** The process that took a lock by its name; "(unknown)" when the file does not say. */
  public static String holder(Path file) throws IOException {
    if (isHeldHere(file)) {
      return pid();
    }
    String noted = Files.readString(file).strip();
    return noted.isEmpty() ? "(unknown)" : noted;
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }

  /** One file has one key, whatever path leads to it. */
  private static Path key(Path file) throws IOException {
    Path path = file.toAbsolutePath().normalize();
    Path parent = path.getParent();
    return parent == null ? path : parent.toRealPath().resolve(path.getFileName());
  }

  private static Optional<Held> take(Path file, boolean create) throws IOException {
    Path key = key(file);
    synchronized (HELD) {
      if (HELD.containsKey(key)) {
        return Optional.empty();
      }
      if (Files.exists(key, LinkOption.NOFOLLOW_LINKS)
          && !Files.isRegularFile(key, LinkOption.NOFOLLOW_LINKS)) {
        // To open a pipe would be to wait for ever.
        throw new IOException(key + " is not a regular file.");
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
  public static boolean isHeldHere(Path file) {
    try {
      Path key = key(file);
      synchronized (HELD) {
        return HELD.containsKey(key);
      }
    } catch (IOException notThere) {
      return false;
    }
  }

  /**
   * Whether the lock of a file is taken, by this process included.
   *
   * @throws java.nio.file.NoSuchFileException when it is not there
   */
  public static boolean isHeld(Path file) throws IOException {
    Optional<Held> probe = take(file, false);
    if (probe.isPresent()) {
      probe.get().close();
    }
    return probe.isEmpty();
  }

  /** Gives another name to the directory of a locked file; the lock stays. */
  public static Held moved(Held held, Path directory, Path to) throws IOException {
    synchronized (HELD) {
      // In between, a look at the new name would open the file, and give the lock back.
      Files.move(directory, to, StandardCopyOption.ATOMIC_MOVE);
      Path key = key(to.resolve(held.file.getFileName()));
      HELD.put(key, HELD.remove(held.file));
      return new Held(key);
    }
  }

  /**
   * Gives a locked file the name of another one that is held, and gives the lock of that one back.
   */
  public static Held replaced(Held before, Held fresh) throws IOException {
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
