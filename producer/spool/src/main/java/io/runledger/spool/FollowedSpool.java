package io.runledger.spool;

import io.runledger.config.Configuration;
import io.runledger.config.DatabaseFile;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A spool whose files are the log of a database: senders leave them where they are. It has an id,
 * which goes with its files wherever they are copied.
 */
public final class FollowedSpool {

  private static final String FILE = ".followed";
  private static final String ARCHIVES = ".archives";

  private FollowedSpool() {}

  /** Whether the files of a spool stay where they are, sent or not. */
  public static boolean keeps(Path spool) {
    return Files.isRegularFile(spool.resolve(FILE), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Settings that name a database and no spool, or the database alone on the command line, with the
   * spool next to it, where that is followed; other settings as they are. What was named for
   * another ledger, in a file or the environment, does not stand against {@code --db}: then the
   * brokers or the server of that ledger are left out, too.
   */
  public static Configuration ofDatabase(Configuration configuration) {
    boolean isNamedAlone = configuration.isFlag(Setting.DB) && !configuration.isFlag(Setting.SPOOL);
    boolean isNamedAtAll = configuration.isSet(Setting.DB) && !configuration.isSet(Setting.SPOOL);
    if (!(isNamedAlone || isNamedAtAll)
        || !(configuration.database() instanceof DatabaseLocation.File database)) {
      return configuration;
    }
    Path nextToIt = DatabaseFile.spoolOf(database.path());
    if (!keeps(nextToIt)) {
      return configuration;
    }
    Configuration ofDesk = configuration.with(Setting.SPOOL, nextToIt.toString());
    if (isNamedAlone) {
      for (Setting destination : List.of(Setting.BOOTSTRAP_SERVERS, Setting.URL)) {
        if (!ofDesk.isFlag(destination)) {
          ofDesk = ofDesk.without(destination);
        }
      }
    }
    return ofDesk;
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
    return named(spool, UUID.randomUUID());
  }

  /** The id of a directory, which gets this one where it has none. */
  private static UUID named(Path directory, UUID fresh) throws IOException {
    Optional<UUID> known = id(directory);
    if (known.isPresent()) {
      return known.get();
    }
    Path written = Files.createTempFile(directory, FILE, ".new", PrivateFiles.FILE);
    try {
      Files.writeString(written, fresh + "\n", StandardCharsets.US_ASCII);
      // Of two processes, one names the directory.
      Files.createLink(directory.resolve(FILE), written);
      return fresh;
    } catch (FileAlreadyExistsException named) {
      return id(directory).orElseThrow();
    } finally {
      Files.deleteIfExists(written);
    }
  }

  /** The directories that files of a spool were moved to, which belong to the same log. */
  public static List<Path> archives(Path spool) throws IOException {
    try {
      return Files.readAllLines(spool.resolve(ARCHIVES)).stream().map(Path::of).toList();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  /**
   * Makes a directory one of them, which is created if need be, and from which senders remove
   * nothing either.
   *
   * @throws IOException when it is another spool, or its name cannot be noted
   */
  public static void addArchive(Path spool, Path archive) throws IOException {
    String line = archive.toString();
    if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
      throw new IOException("its name has more than one line");
    }
    UUID id = follow(spool);
    SpoolDirectory.createPrivate(archive);
    UUID there = named(archive, id);
    if (!there.equals(id)) {
      throw new IOException("it belongs to another spool, %s".formatted(there));
    }
    List<Path> known = archives(spool);
    if (!known.contains(archive)) {
      Path written = Files.createTempFile(spool, ARCHIVES, ".new", PrivateFiles.FILE);
      Files.write(
          written, Stream.concat(known.stream(), Stream.of(archive)).map(Path::toString).toList());
      Files.move(written, spool.resolve(ARCHIVES), StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
