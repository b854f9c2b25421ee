package io.runledger.sqlite;

import io.runledger.config.FailPoint;
import io.runledger.files.PrivateFiles;
import io.runledger.fold.projection.BackupException;
import io.runledger.fold.projection.ProjectionLocation.Backup;
import io.runledger.fold.projection.ProjectionUnreadableException;
import io.runledger.sqlite.file.Damage;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Copies the database as it is at one moment, rows and positions together, while its service goes
 * on writing. The copy appears under its name as a whole or not at all, and survives a power
 * failure once this returns. Its owner alone may read it.
 */
final class FileBackup {

  private FileBackup() {}

  /**
   * Makes a backup.
   *
   * @param location the database; only read
   * @param target where the copy goes; its directory must be there
   * @param replace whether a file that is there already may be replaced
   * @throws BackupException when there is no copy, with the reason
   */
  static Backup run(SqliteLocation location, Path target, boolean replace) {
    Path database = location.database();
    Path file = target.toAbsolutePath().normalize();
    refuse(database, file, replace);
    Path part = file.resolveSibling(file.getFileName() + ".part-" + ProcessHandle.current().pid());
    try {
      deleteLeftovers(file);
      try {
        Backup report = copied(database, part, file);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        FailPoint.hit("backup-renamed");
        sync(file.getParent(), StandardOpenOption.READ);
        return report;
      } finally {
        // SQLite leaves its rollback journal where a copy ran out of room.
        for (String companion : Generation.COMPANIONS) {
          Files.deleteIfExists(Path.of(part + companion));
        }
      }
    } catch (IOException e) {
      throw new BackupException(
          "The backup %s cannot be written: %s; choose another path, or free some space there."
              .formatted(file, e),
          e);
    }
  }

  /** What backups to the same name left when they were killed. */
  private static void deleteLeftovers(Path file) throws IOException {
    Pattern parts =
        Pattern.compile(
            Pattern.quote(file.getFileName() + ".part-") + "([0-9]{1,18})(-wal|-shm|-journal)?");
    try (DirectoryStream<Path> siblings = Files.newDirectoryStream(file.getParent())) {
      for (Path sibling : siblings) {
        Matcher part = parts.matcher(sibling.getFileName().toString());
        if (part.matches() && ProcessHandle.of(Long.parseLong(part.group(1))).isEmpty()) {
          Files.delete(sibling);
        }
      }
    }
  }

  private static void refuse(Path database, Path file, boolean replace) {
    Path directory = file.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new BackupException(
          "There is no directory %s for the backup; create it first, or choose another path."
              .formatted(directory));
    }
    if (isOfTheDatabase(database, file)) {
      throw new BackupException(
          "%s is, or is named like, a file of the database %s itself; choose another path for the backup."
              .formatted(file, database));
    }
    if (Files.isDirectory(file)) {
      throw new BackupException(file + " is a directory; specify a file in it for the backup.");
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !replace) {
      throw new BackupException(
          "%s already exists and was left unchanged; choose another file, or add --force to replace it."
              .formatted(file));
    }
    for (String suffix : List.of("-wal", "-journal")) {
      Path beside = Path.of(file + suffix);
      if (Files.exists(beside)) {
        // SQLite would play it into the copy, page by page, and call the result sound.
        throw new BackupException(
            "%s is next to the backup, and SQLite would take it for the backup's own; delete it together with the file it belonged to, or choose another path."
                .formatted(beside));
      }
    }
  }

  /**
   * The link, locks, generations and their companions: others replace, lock or delete what has
   * their names.
   */
  private static boolean isOfTheDatabase(Path database, Path file) {
    Path place = new SqliteLocation(database).place();
    String name = place.getFileName().toString();
    String stem = name.endsWith(".db") ? name.substring(0, name.length() - 3) : name;
    try {
      boolean sameDirectory = file.getParent().toRealPath().equals(place.getParent());
      String other = file.getFileName().toString();
      return sameDirectory
          && (other.matches(Pattern.quote(name) + "(\\.lock|\\.rebuild\\.lock|-wal|-shm|-journal)?")
              || other.matches(Pattern.quote(stem) + "-g[0-9]{6,18}\\.db.*"));
    } catch (IOException e) {
      throw new BackupException(
          "The directory of %s cannot be read: %s; choose another path.".formatted(file, e), e);
    }
  }

  private static Backup copied(Path database, Path part, Path file) throws IOException {
    Files.deleteIfExists(part);
    Files.createFile(part, PrivateFiles.FILE);
    try (SqliteReader source = SqliteReader.open(database)) {
      source.copyTo(part);
    } catch (ProjectionUnreadableException e) {
      throw uncopied(database, file, e);
    }
    sync(part, StandardOpenOption.WRITE);
    FailPoint.hit("backup-copied");
    try (SqliteReader copy = SqliteReader.open(part)) {
      String found = copy.integrity();
      if (!found.equals("ok")) {
        throw new BackupException(
            "The copy of %s is damaged (%s), and was discarded; check the disks, and the database with 'runledger verify'."
                .formatted(database, found));
      }
      return new Backup(
          file, Files.size(part), copy.runs(), copy.events(), restore(database, file));
    }
  }

  private static BackupException uncopied(
      Path database, Path file, ProjectionUnreadableException e) {
    if (Damage.isCauseOf(e)) {
      return new BackupException(String.valueOf(e.getMessage()), e);
    }
    return new BackupException(
        "The database %s cannot be copied to %s: %s; check that there is enough free space, and that the database can be read."
            .formatted(database, file, e.getCause().getMessage()),
        e);
  }

  /** By a second name that is renamed: a plain copy would follow the link into a live file. */
  private static String restore(Path database, Path file) {
    Path place = new SqliteLocation(database).place();
    return "cp %s %s && mv -T %s %s"
        .formatted(
            quoted(file), quoted(place + ".restored"), quoted(place + ".restored"), quoted(place));
  }

  private static String quoted(Object path) {
    String text = path.toString();
    return text.matches("[A-Za-z0-9_@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private static void sync(Path path, StandardOpenOption mode) throws IOException {
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    }
  }
}
