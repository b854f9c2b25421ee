package io.runledger.spool;

import io.runledger.files.PrivateFiles;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The process whose end is the end of an attempt. It is noted in the directory of the writer that
 * began the attempt, from the start until an end is reported, so that a sender on the same machine
 * notices a process that is gone without a report.
 *
 * @param boot the boot of the machine that it runs on
 * @param namespace the namespace of its process id
 * @param started when it started, in the kernel's ticks: process ids are reused
 */
public record LivingProcess(
    RunId run, long attempt, String boot, String namespace, long pid, String started) {

  public static final String FILE = "process";

  private static final Path PROC = Path.of("/proc");
  private static final int STATE = 0;
  private static final int STARTED = 19;

  /** A process of this machine; empty where that is unknown, or it is gone already. */
  public static Optional<LivingProcess> of(RunId run, long attempt, long pid) {
    try {
      Optional<String> started = started(pid);
      String boot = thisBoot();
      String namespace = thisNamespace();
      return started.map(at -> new LivingProcess(run, attempt, boot, namespace, pid, at));
    } catch (IOException noProc) {
      return Optional.empty();
    }
  }

  /** The note in a writer's directory; empty where there is none that can be read. */
  public static Optional<LivingProcess> read(Path directory) throws IOException {
    try {
      String[] words = Files.readString(directory.resolve(FILE)).strip().split(" ", -1);
      return words.length == 6
          ? Optional.of(
              new LivingProcess(
                  RunId.parse(words[0]),
                  Base32.decode(words[1]),
                  words[2],
                  words[3],
                  Long.parseLong(words[4]),
                  words[5]))
          : Optional.empty();
    } catch (NoSuchFileException notNoted) {
      return Optional.empty();
    } catch (IllegalArgumentException damaged) {
      return Optional.empty();
    }
  }

  /** Writes the note atomically: a reader sees the one before it or this one. */
  public void write(Path directory) throws IOException {
    String line =
        String.join(
            " ",
            run.toString(),
            Base32.encode(attempt),
            boot,
            namespace,
            Long.toString(pid),
            started + "\n");
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      Files.createFile(file, PrivateFiles.FILE);
    }
    // It is short enough for one write.
    Files.write(
        file, line.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.TRUNCATE_EXISTING);
  }

  public static void forget(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(FILE));
  }

  /** Whether it can be observed from here, unlike processes of other machines and containers. */
  public boolean isOfHere() {
    try {
      return boot.equals(thisBoot()) && namespace.equals(thisNamespace());
    } catch (IOException noProc) {
      return false;
    }
  }

  /** Whether it is gone; to be asked only where {@link #isOfHere}. */
  public boolean isGone() {
    try {
      return !started(pid).equals(Optional.of(started));
    } catch (IOException unreadable) {
      return false;
    }
  }

  private static String thisBoot() throws IOException {
    return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
  }

  private static String thisNamespace() throws IOException {
    return Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString();
  }

  /** When a process started; empty when there is none, or only a zombie. */
  private static Optional<String> started(long pid) throws IOException {
    Path directory = PROC.resolve(Long.toString(pid));
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    try {
      String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
      // Its name, in parentheses, may hold anything.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
      boolean isDead = fields[STATE].equals("Z") || fields[STATE].equals("X");
      return isDead ? Optional.empty() : Optional.of(fields[STARTED]);
    } catch (IOException goneMeanwhile) {
      if (!Files.isDirectory(directory)) {
        return Optional.empty();
      }
      throw goneMeanwhile;
    }
  }
}
