package io.runledger.tests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The assembled distribution, run as its users run it: by real processes, with an empty HOME. */
final class Distribution {

  /** Longer than any verb of these tests takes on a slow, busy machine. */
  private static final long DEADLINE_SECONDS = 300;

  private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

  static {
    // Whatever a failed test has left running ends with the JVM of the tests.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> STARTED.forEach(Distribution::endWithItsChildren), "end-of-processes"));
  }

  /** The optimizing compiler costs a process that lives for seconds more than it saves. */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

  private final Path home;
  private final Path scratch;

  /** What a process left: its exit code and what it wrote to each stream. */
  record Result(int code, String out, String err) {}

  Distribution(Path scratch) {
    this.home = Path.of(System.getProperty("runledger.distribution")).toAbsolutePath().normalize();
    this.scratch = scratch;
  }

  Path script(String name) {
    return home.resolve(name);
  }

  /** Runs a verb to its end. */
  Result run(Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    return runCommand(environment, script("bin/runledger"), words);
  }

  Result runCommand(Map<String, String> environment, Path command, String... words)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(scratch, "out", ".txt");
    Path err = Files.createTempFile(scratch, "err", ".txt");
    Process process =
        started(
            builder(environment, command, words)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile()));
    if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
      endWithItsChildren(process);
      throw new AssertionError(
          "%s %s did not end in %d s; it wrote: %s%s"
              .formatted(
                  command,
                  String.join(" ", words),
                  DEADLINE_SECONDS,
                  Files.readString(out),
                  Files.readString(err)));
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Starts a verb that continues running; both its streams go to {@code output}. */
  Process start(Path output, Map<String, String> environment, String... words) throws IOException {
    return startCommand(output, environment, script("bin/runledger"), words);
  }

  Process startCommand(Path output, Map<String, String> environment, Path command, String... words)
      throws IOException {
    return started(
        builder(environment, command, words)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile()));
  }

  /** Starts a process that ends with this JVM at the latest. */
  static Process started(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    STARTED.removeIf(other -> !other.isAlive());
    STARTED.add(process);
    return process;
  }

  private static void endWithItsChildren(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }

  static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new AssertionError("Cannot read " + file, e);
    }
  }

  private ProcessBuilder builder(Map<String, String> environment, Path command, String... words)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(command.toString()));
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line).redirectInput(Path.of("/dev/null").toFile());
    // The settings and temporary files of whoever runs the tests stay out of them.
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder.environment().put("HOME", Files.createDirectories(scratch.resolve("home")).toString());
    // An archive of classes is made once, and not by each test.
    builder.environment().put("XDG_CACHE_HOME", home.resolveSibling("cache-of-tests").toString());
    builder.environment().putAll(environment);
    builder
        .environment()
        .merge("RUNLEDGER_JAVA_OPTS", SHORT_LIVED, (given, shortLived) -> shortLived + " " + given);
    return builder;
  }
}
