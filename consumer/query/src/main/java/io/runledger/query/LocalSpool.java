package io.runledger.query;

import io.runledger.schemas.Base32;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The spool that is configured on this machine, looked at from outside: whether it still holds what
 * a run is missing.
 */
public final class LocalSpool {

  private final Path spool;

  public LocalSpool(Path spool) {
    this.spool = spool;
  }

  /** Where the missing events of a writer may be, and what to do, as a sentence. */
  public String whereabouts(long writerId) {
    String writer = Base32.encode(writerId);
    if (Files.isDirectory(spool.resolve(writer), LinkOption.NOFOLLOW_LINKS)) {
      return "The spool " + spool + " still holds events of this writer: run 'runledger sync'.";
    }
    Path quarantine = spool.resolve("quarantine");
    if (holds(quarantine, writer)) {
      return "Damaged or refused events of this writer are kept in " + quarantine + ".";
    }
    return "The spool of this machine ("
        + spool
        + ") does not hold them; look for them on the run's host.";
  }

  private static boolean holds(Path quarantine, String writer) {
    if (!Files.isDirectory(quarantine, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> files = Files.list(quarantine)) {
      return files.anyMatch(file -> file.getFileName().toString().startsWith(writer + "-"));
    } catch (IOException e) {
      // Somebody else's directory: then nothing can be said, which is what false says.
      return false;
    }
  }
}
