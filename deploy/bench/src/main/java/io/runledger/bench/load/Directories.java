package io.runledger.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The files of a bench, all in one directory. */
public final class Directories {

  private Directories() {}

  /** Deletes the files in {@code directory} whose names begin with {@code prefix}. */
  static void deleteFiles(Path directory, String prefix) {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot clear " + directory + ".", e);
    }
  }

  /** Deletes a directory with all that is in it. */
  public static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete " + directory + "; delete it by hand.", e);
    }
  }

  /** Creates a directory; an existing one is deleted first, with all that is in it. */
  static Path makeEmpty(Path directory) {
    if (Files.exists(directory)) {
      delete(directory);
    }
    return make(directory);
  }

  public static Path make(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot create the directory " + directory + ".", e);
    }
  }
}
