package io.runledger.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a user's own files are: the home directory, and below it, unless XDG's variables say
 * otherwise, settings and data. Variables that are empty or no absolute path count for nothing.
 *
 * @param home what {@code ~} stands for
 * @param userFile the user's file of settings
 * @param data the default of {@code data.dir}
 */
record UserPlaces(Path home, Path userFile, Path data) {

  static UserPlaces of(Map<String, String> environment) {
    // An empty home would be wherever the process happens to be.
    Path home =
        absolute(environment.get("HOME"))
            .or(() -> absolute(System.getProperty("user.home")))
            .orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath());
    Path settings = absolute(environment.get("XDG_CONFIG_HOME")).orElse(home.resolve(".config"));
    Path data = absolute(environment.get("XDG_DATA_HOME")).orElse(home.resolve(".local/share"));
    return new UserPlaces(
        home, settings.resolve("runledger/runledger.properties"), data.resolve("runledger"));
  }

  /** A sentence about a variable that names a place, and cannot be read as one. */
  static Optional<String> complaint(Map<String, String> environment) {
    return Stream.of("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
        .filter(name -> environment.get(name) != null)
        .filter(name -> path(environment.get(name).strip()).isEmpty())
        .findFirst()
        .map(name -> name + " is not a path that this locale can express; set LC_ALL=C.UTF-8.");
  }

  private static Optional<Path> absolute(String text) {
    return Optional.ofNullable(text)
        .map(String::strip)
        .filter(path -> !path.isEmpty())
        .flatMap(UserPlaces::path)
        .filter(Path::isAbsolute);
  }

  /** Where the locale is C, a name that is not ASCII is not a path to Java. */
  private static Optional<Path> path(String text) {
    try {
      return Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** A path as people write it: {@code ~} is their home. */
  Path resolve(String text) {
    if (text.equals("~") || text.startsWith("~/")) {
      return home.resolve(text.length() <= 2 ? "" : text.substring(2)).toAbsolutePath();
    }
    return Path.of(text).toAbsolutePath();
  }
}
