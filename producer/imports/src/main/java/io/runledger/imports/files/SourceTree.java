package io.runledger.imports.files;

import io.runledger.imports.lines.Losses;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Finds files below a path. Links are not followed. */
public final class SourceTree {

  /** Deeper than any tracker goes. */
  private static final int DEEPEST = 24;

  private static final Comparator<Path> BY_NAME = Comparator.comparing(Path::toString);

  private SourceTree() {}

  /**
   * The regular files below a path, or the path itself if it is one, in the order of their names.
   * One that cannot be opened, and a directory that cannot be entered, is noted and left out.
   */
  public static List<Path> files(Path root, Predicate<Path> wanted, Losses losses)
      throws IOException {
    return found(root, wanted, losses).stream().filter(file -> isReadable(file, losses)).toList();
  }

  /**
   * As above: the path itself, whatever its name, if it is a file, else those below it that are
   * named so.
   */
  public static List<Path> files(Path root, Collection<String> endings, Losses losses)
      throws IOException {
    boolean isGiven = Files.isRegularFile(root);
    return files(root, file -> isGiven || isNamed(file, endings), losses);
  }

  /** Whether a name ends in one of these, which are in small letters, in capitals or not. */
  public static boolean isNamed(Path file, Collection<String> endings) {
    String name = nameOf(file).toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(name::endsWith);
  }

  private static List<Path> found(Path root, Predicate<Path> wanted, Losses losses)
      throws IOException {
    List<Path> found = new ArrayList<>();
    visit(
        root,
        file -> {
          if (wanted.test(file)) {
            found.add(file);
          }
          return true;
        },
        losses);
    found.sort(BY_NAME);
    return found;
  }

  /** Some file below a path that is wanted. */
  public static Optional<Path> anyFile(Path root, Predicate<Path> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    visit(
        root,
        file -> {
          if (wanted.test(file)) {
            found.add(file);
          }
          return found.isEmpty();
        },
        Losses.unheard());
    return found.stream().findFirst();
  }

  private static void visit(Path root, Predicate<Path> goesOn, Losses losses) throws IOException {
    Path real = root.toRealPath();
    Files.walkFileTree(
        real,
        Set.of(),
        DEEPEST,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return !attributes.isRegularFile() || goesOn.test(file)
                ? FileVisitResult.CONTINUE
                : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
            note(file, unreadable, losses);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Whether a file or a directory can be opened; noted when it cannot. */
  public static boolean isReadable(Path path, Losses losses) {
    try (Closeable opened =
        Files.isDirectory(path) ? Files.newDirectoryStream(path) : Files.newInputStream(path)) {
      return opened != null;
    } catch (IOException e) {
      note(path, e, losses);
      return false;
    }
  }

  private static void note(Path path, IOException e, Losses losses) {
    losses.add(path, "all of it", "cannot be read (" + reason(e) + ") and is left out");
  }

  /** Why something failed, in words: those of many exceptions are only the path. */
  public static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "it is not there any more";
    }
    if (e instanceof FileSystemException other && other.getReason() != null) {
      return other.getReason();
    }
    return Documents.firstLine(e);
  }

  /** What a directory contains, in the order of names; nothing if it is not there. */
  public static List<Path> children(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted(BY_NAME).toList();
    }
  }

  /** The name of a path's last part; of the root, the root itself. */
  public static String nameOf(Path path) {
    return path.getFileName() == null ? path.toString() : path.getFileName().toString();
  }

  /** A path below another one as a name, with slashes. */
  public static String nameBelow(Path root, Path path) {
    StringBuilder name = new StringBuilder();
    for (Path part : root.relativize(path)) {
      name.append(name.length() == 0 ? "" : "/").append(part);
    }
    return name.toString();
  }

  /** When a file was changed, to the microsecond. */
  public static Instant changed(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().truncatedTo(ChronoUnit.MICROS);
  }

  /** The bytes of a regular file, or of all files below a directory. */
  public static OptionalLong bytes(Path path) throws IOException {
    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return OptionalLong.of(Files.size(path));
    }
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return OptionalLong.empty();
    }
    long sum = 0;
    for (Path file : found(path, any -> true, Losses.unheard())) {
      sum += Files.size(file);
    }
    return OptionalLong.of(sum);
  }
}
