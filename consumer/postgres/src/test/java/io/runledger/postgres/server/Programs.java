package io.runledger.postgres.server;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where the programs of a PostgreSQL server are that is new enough; distributions keep them off
 * PATH.
 */
final class Programs {

  private static final int OLDEST = 15;

  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

  private Programs() {}

  /**
   * The directory with initdb and postgres; of several versions the oldest, which can do the least.
   */
  static Optional<Path> directory() {
    return candidates()
        .distinct()
        .filter(directory -> Files.isExecutable(directory.resolve("initdb")))
        .map(directory -> new Found(directory, version(directory)))
        .filter(found -> found.version() >= OLDEST)
        .min(Comparator.comparingInt(Found::version))
        .map(Found::directory);
  }

  private record Found(Path directory, int version) {}

  private static Stream<Path> candidates() {
    Stream<Path> onPath =
        Arrays.stream(
                Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
            .filter(name -> !name.isEmpty())
            .map(Path::of);
    return Stream.of(onPath, ofDistributions(Path.of("/usr/lib/postgresql")), ofConfiguration())
        .flatMap(paths -> paths);
  }

  private static Stream<Path> ofDistributions(Path versions) {
    if (!Files.isDirectory(versions)) {
      return Stream.empty();
    }
    try (Stream<Path> found = Files.list(versions)) {
      return found.map(version -> version.resolve("bin")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> ofConfiguration() {
    return output("pg_config", "--bindir").map(Path::of).stream();
  }

  private static int version(Path directory) {
    Matcher version =
        VERSION.matcher(output(directory.resolve("postgres").toString(), "--version").orElse(""));
    return version.find() ? Integer.parseInt(version.group(1)) : 0;
  }

  private static Optional<String> output(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      return Optional.of(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException notThere) {
      return Optional.empty();
    }
  }
}
