package io.runledger.sqlite.file;

import io.runledger.config.FailPoint;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One file of a database: users name a symbolic link, and the link names the generation in use.
 *
 * <p>No name of a generation is ever used twice while its file or a companion of it exists, so the
 * companion of an old file can never be taken for that of a new one.
 *
 * @param database the link that users name
 * @param number 1, 2, ...
 */
public record Generation(Path database, long number) {

  /**
   * What SQLite appends to the name of a file for it and its companions: write-ahead log, shared
   * memory, rollback journal.
   */
  public static final List<String> COMPANIONS = List.of("", "-wal", "-shm", "-journal");

  /** The generation that the link names; empty when there is no database yet. */
  public static Optional<Generation> current(Path database) {
    if (!Files.isSymbolicLink(database)) {
      return Optional.empty();
    }
    try {
      String target = Files.readSymbolicLink(database).getFileName().toString();
      Matcher matcher = namePattern(database).matcher(target);
      if (!matcher.matches()) {
        throw new ProjectionUnavailableException(
            "%s is a link to %s, which is not one of its generations; give the path of the database itself."
                .formatted(database, target));
      }
      return Optional.of(new Generation(database, Long.parseLong(matcher.group(1))));
    } catch (IOException e) {
      throw new ProjectionUnavailableException("Cannot read the link " + database + ": " + e, e);
    }
  }

  /** A generation that does not exist yet, with a number above all that left a file. */
  public static Generation next(Path database) {
    long highest = all(database).stream().mapToLong(Generation::number).max().orElse(0);
    return new Generation(database, highest + 1);
  }

  /** The file of this generation, next to the link. */
  public Path file() {
    return database.resolveSibling("%s-g%06d.db".formatted(stem(database), number));
  }

  /**
   * Makes this generation the one in use, in one step that also survives a power failure. Its file
   * must be whole and closed.
   *
   * @throws ProjectionUnavailableException when a write-ahead log or rollback journal is next to
   *     it: somebody still writes it
   */
  public void publish() {
    for (String suffix : List.of("-wal", "-journal")) {
      if (Path.of(file() + suffix).toFile().length() > 0) {
        throw new ProjectionUnavailableException(
            "%s%s is not empty, so %s is incomplete and was not put in place. Close it first."
                .formatted(file(), suffix, file()));
      }
    }
    Path link = database.resolveSibling(database.getFileName() + ".link-" + number);
    try {
      sync(file(), StandardOpenOption.WRITE);
      FailPoint.hit("file-synced");
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, file().getFileName());
      FailPoint.hit("link-made");
      Files.move(link, database, StandardCopyOption.ATOMIC_MOVE);
      FailPoint.hit("link-renamed");
      sync(directory(), StandardOpenOption.READ);
      FailPoint.hit("directory-synced");
    } catch (IOException e) {
      throw new ProjectionUnavailableException(
          "Cannot put %s in place as %s: %s; the old database is still in use."
              .formatted(file(), database, e),
          e);
    }
  }

  /** Deletes the file and its companions, as far as they exist. */
  public void delete() {
    try {
      for (String companion : COMPANIONS) {
        Files.deleteIfExists(Path.of(file() + companion));
        FailPoint.hit("deleted" + companion);
      }
    } catch (IOException e) {
      throw new ProjectionUnavailableException("Cannot delete " + file() + ": " + e, e);
    }
  }

  /**
   * Deletes all generations of the database but the one in use and the one before it, which readers
   * may still have open: SQLite opens the write-ahead log when it first reads, and fails where the
   * file is gone by then. All stay when none is in use, because there is no way to know then which
   * one is good. Call it before a rebuild too, so that what a killed one left is not taken for the
   * one before.
   */
  public static void deleteOthers(Path database) {
    Optional<Generation> current = current(database);
    if (current.isEmpty()) {
      return;
    }
    List<Generation> all = all(database);
    long inUse = current.get().number();
    long before =
        all.stream().mapToLong(Generation::number).filter(n -> n < inUse).max().orElse(inUse);
    for (Generation generation : all) {
      if (generation.number() != inUse && generation.number() != before) {
        generation.delete();
      }
    }
  }

  /**
   * Turns a plain file at the database's path, as a restored backup is one, into a generation.
   * Takes only a database of ours that nobody else has open. Interrupted anywhere, the next call
   * continues.
   */
  public static void adopt(Path database) {
    if (!Files.isRegularFile(database, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Database.settle(database);
    Generation generation = alreadyLinked(database).orElseGet(() -> next(database));
    try {
      if (!Files.exists(generation.file())) {
        // A second name first, the link over the old name after: the content always has a name.
        Files.createLink(generation.file(), database);
      }
    } catch (IOException e) {
      throw new ProjectionUnavailableException(
          "Cannot take over the file %s: %s.".formatted(database, e), e);
    }
    generation.publish();
  }

  /** The generation that an interrupted take-over has already named. */
  private static Optional<Generation> alreadyLinked(Path database) {
    return all(database).stream()
        .filter(
            generation -> {
              try {
                return Files.exists(generation.file())
                    && Files.isSameFile(generation.file(), database);
              } catch (IOException e) {
                throw new ProjectionUnavailableException(
                    "Cannot compare %s with %s: %s.".formatted(generation.file(), database, e), e);
              }
            })
        .findFirst();
  }

  private static List<Generation> all(Path database) {
    Pattern names = namePattern(database);
    List<Generation> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(database.toAbsolutePath().getParent())) {
      files
          .map(
              file ->
                  names.matcher(
                      file.getFileName().toString().replaceFirst("-(wal|shm|journal)$", "")))
          .filter(Matcher::matches)
          .map(matcher -> Long.parseLong(matcher.group(1)))
          .distinct()
          .forEach(number -> found.add(new Generation(database, number)));
    } catch (IOException e) {
      throw new ProjectionUnavailableException(
          "Cannot list the directory of " + database + ": " + e, e);
    }
    found.sort(Comparator.comparingLong(Generation::number));
    return found;
  }

  private Path directory() {
    return database.toAbsolutePath().getParent();
  }

  private static String stem(Path database) {
    String name = database.getFileName().toString();
    return name.endsWith(".db") ? name.substring(0, name.length() - 3) : name;
  }

  private static Pattern namePattern(Path database) {
    return Pattern.compile(Pattern.quote(stem(database)) + "-g([0-9]{6,18})\\.db");
  }

  private static void sync(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }
}
