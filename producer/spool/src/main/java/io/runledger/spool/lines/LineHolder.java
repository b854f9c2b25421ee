package io.runledger.spool.lines;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.spool.LineReader;
import io.runledger.spool.Observer;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.values.JobEnvironment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the first line of a file says of the process that appends to it, and whether that process is
 * known to be dead. A file whose writer may live is never removed, however old it is.
 *
 * @param locks whether the writer holds the file's lock as long as it lives
 * @param begins whether it began an attempt, and did not join another process's
 * @param host the machine it runs on, if it said so
 * @param pid its process id there, if it said so
 */
public record LineHolder(boolean locks, boolean begins, Optional<String> host, OptionalLong pid) {

  /** Nothing is known of the writer. */
  public static final LineHolder UNKNOWN =
      new LineHolder(false, false, Optional.empty(), OptionalLong.empty());

  private static final Logger LOG = LoggerFactory.getLogger(LineHolder.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");

  /**
   * Reads the first line of the beginning of a file; {@link #UNKNOWN} when it says nothing or is
   * damaged.
   */
  public static LineHolder of(byte[] beginning) {
    try {
      JsonNode line = JSON.readTree(beginning, 0, LineReader.firstLineFeed(beginning));
      JsonNode start = line.path("start");
      JsonNode pid = start.path("pid");
      return new LineHolder(
          line.path("locked").asBoolean(false),
          StartLine.isNamed(start),
          Optional.ofNullable(start.path("host").textValue()),
          pid.canConvertToLong() && pid.isIntegralNumber()
              ? OptionalLong.of(pid.longValue())
              : OptionalLong.empty());
    } catch (IOException | RuntimeException notOurs) {
      return UNKNOWN;
    }
  }

  /** Whether nobody will append to the file any more, as far as this machine can know. */
  public boolean isDead(FileChannel file) {
    Optional<Boolean> held = isHeld(file);
    if (held.orElse(false)) {
      return false;
    }
    if (locks && held.isPresent()) {
      return true;
    }
    return host.isPresent()
        && pid.isPresent()
        && isHere(host.get())
        && Files.isDirectory(Path.of("/proc/self"))
        && !Files.exists(Path.of("/proc/" + pid.getAsLong()));
  }

  /**
   * Whether the process that began the attempt ran on this machine and is gone; one that does not
   * keep the file locked may be just the command with which a script wrote the first line.
   */
  public boolean isGoneHere(FileChannel file) {
    return locks
        && begins
        && pid.isPresent()
        && host.filter(LineHolder::isHere).isPresent()
        && isHeld(file).equals(Optional.of(false))
        && Files.isDirectory(Path.of("/proc/self"))
        && !Files.exists(Path.of("/proc/" + pid.getAsLong()));
  }

  /**
   * Ends the file when its process {@linkplain #isGoneHere is gone} without having reported an end,
   * and the file is no copy.
   *
   * @param file the open file
   * @param whole how far it has whole lines, in bytes: the one that the process was writing when it
   *     was killed is incomplete
   * @return whether it did; what it appended is read next
   * @throws IOException when the file cannot be appended to
   */
  public boolean endIfGone(Path path, LineReader file, long whole) throws IOException {
    if (!isGoneHere(file.channel())
        || !file.identity().standsAt(path)
        || Files.exists(SpoolDirectory.copyMarkOf(path))) {
      return false;
    }
    String torn = whole < file.size() ? "\n" : "";
    Files.writeString(path, torn + Observer.line(pid.orElseThrow()), StandardOpenOption.APPEND);
    return true;
  }

  /** Whether a process holds the file's lock; empty where the file system has no locks. */
  private static Optional<Boolean> isHeld(FileChannel file) {
    // Shared, because the file is open for reading only; the writer's lock is an exclusive one.
    try (FileLock mine = file.tryLock(0, Long.MAX_VALUE, true)) {
      return Optional.of(mine == null);
    } catch (OverlappingFileLockException heldByThisProcess) {
      return Optional.of(true);
    } catch (IOException noLocks) {
      LOG.debug("Cannot request the lock of a spool file.", noLocks);
      return Optional.empty();
    }
  }

  private static boolean isHere(String name) {
    Map<String, String> environment = System.getenv();
    return JobEnvironment.firstLine(KERNEL_NAME).filter(name::equals).isPresent()
        || JobEnvironment.host(environment).filter(name::equals).isPresent();
  }
}
