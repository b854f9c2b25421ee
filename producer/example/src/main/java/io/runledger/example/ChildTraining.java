package io.runledger.example;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Runs {@link TrainDigits} as a separate process, as a cluster would, and can kill it. */
final class ChildTraining {

  /** What a shell shows for SIGKILL: 128 + 9. */
  static final int EXIT_KILLED = 137;

  private final List<String> command;
  private final Path errorFile;

  /**
   * How the process ended.
   *
   * @param exitCode 137 for SIGKILL
   * @param lines what it printed
   * @param errors what it wrote to stderr
   */
  record End(int exitCode, List<String> lines, String errors) {}

  /**
   * Prepares a process.
   *
   * @param errorFile where its stderr goes; appended to
   */
  ChildTraining(List<String> arguments, Path errorFile) {
    command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // A short life: C1 code is fast enough, and compiling less leaves the cores to the others.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    // Where native libraries lie: unpacked again they would outlive a child that is killed.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-D") || option.equals("-XX:-UsePerfData"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(TrainDigits.class.getName());
    command.addAll(arguments);
    this.errorFile = errorFile;
  }

  /** Lets the process run to its end. */
  End run() throws IOException, InterruptedException {
    return runUntil(line -> false);
  }

  /** Kills the process with SIGKILL when it has printed such a line. */
  End runUntil(Predicate<String> fatalLine) throws IOException, InterruptedException {
    Files.createDirectories(errorFile.toAbsolutePath().getParent());
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errorFile.toFile()))
            .start();
    // If this process is asked to stop, the child must not stay behind. The hook stays after the
    // child's end: then it has nothing to do.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "stop-child"));
    List<String> lines = new ArrayList<>();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
        if (fatalLine.test(line)) {
          // By its handle: Process.destroyForcibly() would close the stream being read as well.
          process.toHandle().destroyForcibly();
        }
      }
      return new End(process.waitFor(), List.copyOf(lines), Files.readString(errorFile));
    } finally {
      process.destroyForcibly();
    }
  }
}
