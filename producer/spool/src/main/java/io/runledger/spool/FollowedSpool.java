package io.runledger.spool;

import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * A spool whose files are the log of a database: senders leave them where they are. It has an id,
 * which goes with its files wherever they are copied.
 */
public final class FollowedSpool {

  private static final String FILE = ".followed";

  private FollowedSpool() {}

  /** Whether the files of a spool stay where they are, sent or not. */
  public static boolean keeps(Path spool) {
    return Files.isRegularFile(spool.resolve(FILE), LinkOption.NOFOLLOW_LINKS);
  }

  /** The id of a spool that is followed; empty for any other spool. */
  public static Optional<UUID> id(Path spool) throws IOException {
    Path file = spool.resolve(FILE);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(UUID.fromString(Files.readString(file).strip()));
    } catch (NoSuchFileException goneMeanwhile) {
      return Optional.empty();
    } catch (IllegalArgumentException damaged) {
      throw new IOException(
          "%s does not hold the id of a spool; restore it from a backup, or remove it and rebuild the database."
              .formatted(file),
          damaged);
    }
  }

  /** Makes a spool one that is followed, whose directory is created if need be. */
  public static UUID follow(Path spool) throws IOException {
    SpoolDirectory.createPrivate(spool);
    Optional<UUID> known = id(spool);
    if (known.isPresent()) {
      return known.get();
    }
    UUID fresh = UUID.randomUUID();
    Path written = Files.createTempFile(spool, FILE, ".new", PrivateFiles.FILE);
    try {
      Files.writeString(written, fresh + "\n", StandardCharsets.US_ASCII);
      // Of two processes, one names the spool.
      Files.createLink(spool.resolve(FILE), written);
      return fresh;
    } catch (FileAlreadyExistsException named) {
      return id(spool).orElseThrow();
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
