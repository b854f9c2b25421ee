package io.runledger.contract.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Somebody else's program, in a process of its own, that closes a database as SQLite does: the last
 * one that has it open moves the write-ahead log into the file and deletes it. Whether it is the
 * last, it learns by the lock that each connection holds on the file.
 */
public final class OtherProgram {

  /** {@code SHARED_FIRST} and {@code SHARED_SIZE} of SQLite's os.h. */
  private static final long SHARED_FIRST = 0x40000002L;

  private static final long SHARED_SIZE = 510;

  private OtherProgram() {}

  /** Whether it would delete the log of {@code database}. */
  public static boolean wouldDeleteTheLog(Path database) throws IOException {
    Process process =
        ChildJvm.of(List.of(), OtherProgram.class, database.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String answer =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return switch (answer) {
      case "is the last" -> true;
      case "is not the last" -> false;
      default -> throw new IOException("The other program answered '" + answer + "'.");
    };
  }

  /** Takes the path of the database. */
  public static void main(String[] arguments) throws IOException {
    try (FileChannel file = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE);
        FileLock lock = file.tryLock(SHARED_FIRST, SHARED_SIZE, false)) {
      System.out.println(lock == null ? "is not the last" : "is the last");
    }
  }
}
