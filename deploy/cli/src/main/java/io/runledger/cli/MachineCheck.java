package io.runledger.cli;

import io.runledger.check.Finding;
import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the machine must provide: a Java, and directories that can be written. */
final class MachineCheck {

  private static final String JAVA = "java";
  private static final int LOWEST_JAVA = 17;

  /** Enough for a spool to continue for a while without a broker. */
  private static final long LITTLE_SPACE = 1L << 30;

  private static final long MEBIBYTE = 1L << 20;

  private MachineCheck() {}

  /** Checks that this Java is new enough. */
  static List<Finding> java(Runtime.Version version, String home) {
    String what = "Java %s in %s.".formatted(version, home);
    return List.of(
        version.feature() >= LOWEST_JAVA
            ? Finding.ok(JAVA, what)
            : Finding.failed(
                JAVA,
                what,
                "Install Java %d or newer, or set JAVA_HOME to one.".formatted(LOWEST_JAVA)));
  }

  /**
   * Checks that a directory can be written to or created, and how much room it has.
   *
   * @param component what it is for, in a word or two
   * @param setting the setting that names it
   */
  static List<Finding> directory(String component, Path directory, String setting) {
    Path existing = directory.toAbsolutePath();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      return List.of(
          Finding.failed(
              component,
              "%s cannot be a directory: %s is a file.".formatted(directory, existing),
              "Move the file away, or choose another path with %s.".formatted(setting)));
    }
    if (!isWritable(existing)) {
      return List.of(
          Finding.failed(
              component,
              existing.equals(directory.toAbsolutePath())
                  ? "%s is not writable.".formatted(directory)
                  : "%s does not exist and cannot be created: %s is not writable."
                      .formatted(directory, existing),
              "Check who owns it and whether the file system is read-only, or choose another path"
                  + " with %s.".formatted(setting)));
    }
    try {
      FileStore store = Files.getFileStore(existing);
      return List.of(
          room(
              component, directory, Files.exists(directory), store.type(), store.getUsableSpace()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot query the file system of " + existing + ": " + e, e);
    }
  }

  /** Creates and removes a file: file modes do not show a read-only mount or a full quota. */
  private static boolean isWritable(Path directory) {
    try {
      Path probe = Files.createTempFile(directory, ".runledger-doctor", null, PrivateFiles.FILE);
      Files.delete(probe);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static Finding room(
      String component, Path directory, boolean exists, String fileSystem, long freeBytes) {
    String what =
        "%s %s (%s, %,d MiB free)."
            .formatted(
                directory,
                exists ? "is writable" : "does not exist yet and can be created",
                fileSystem,
                freeBytes / MEBIBYTE);
    return freeBytes >= LITTLE_SPACE
        ? Finding.ok(component, what)
        : Finding.warning(component, what, "Free some space before it fills up.");
  }
}
