package io.runledger.spool.study;

import io.runledger.files.HeldLocks;
import io.runledger.schemas.Base32;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Puts the events of a study into a spool, as the segments of one writer's directory whose name
 * follows from the study. The events keep their own writers and numbers, which are their identity,
 * so those that a ledger has already count once.
 */
public final class StudyImport {

  private static final int DIGITS_OF_A_LONG = 16;

  private StudyImport() {}

  /**
   * What was imported.
   *
   * @param isNew whether it was not in the spool before
   */
  public record Imported(StudyManifest manifest, boolean isNew) {}

  /**
   * Imports all of a study, or nothing.
   *
   * @param progress receives how many bytes were read since the last call
   * @throws StudyRefusedException when the study is not as it was written
   * @throws IOException when it cannot be read, or the spool cannot be written
   */
  public static Imported into(Path spool, Path file, LongConsumer progress) throws IOException {
    String sha256 = StudyReader.verifiedDigest(file, progress);
    SpoolDirectory.createPrivate(spool);
    long id = idOf(sha256);
    Path target = spool.resolve(Base32.encode(id));
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      return new Imported(verify(file, progress), false);
    }
    Path made = SpoolDirectory.unborn(spool, id);
    SpoolDirectory.createPrivate(made);
    HeldLocks.Held lock =
        HeldLocks.take(made.resolve(SpoolWriter.LOCK_FILE))
            .orElseThrow(
                () -> new IOException(file + " is being imported by another process already."));
    boolean isPut = false;
    try {
      // An import that was killed may have left some.
      removeSegments(made);
      StudyManifest manifest = StudyReader.unpack(file, made, progress).manifest();
      // It gets its final name only once it is whole, and is locked until then.
      lock = HeldLocks.moved(lock, made, target);
      isPut = true;
      return new Imported(manifest, true);
    } finally {
      if (!isPut) {
        removeSegments(made);
        Files.deleteIfExists(made.resolve(SpoolWriter.LOCK_FILE));
      }
      lock.close();
      if (!isPut) {
        Files.deleteIfExists(made);
      }
    }
  }

  /**
   * Verifies a study, and imports nothing.
   *
   * @throws StudyRefusedException when it is not as it was written
   */
  public static StudyManifest verify(Path file, LongConsumer progress) throws IOException {
    Path scratch = Files.createTempDirectory("runledger-study-");
    try {
      return StudyReader.unpack(file, scratch, progress).manifest();
    } finally {
      removeSegments(scratch);
      Files.delete(scratch);
    }
  }

  /** A positive number that another study does not have. */
  private static long idOf(String sha256) {
    long id = Long.parseUnsignedLong(sha256, 0, DIGITS_OF_A_LONG, 16) & Long.MAX_VALUE;
    return id == 0 ? 1 : id;
  }

  private static void removeSegments(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.avro")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
