package io.runledger.contract.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A main class of the tests in its own JVM, on the same class path, which can be killed. */
public final class ChildJvm {

  private ChildJvm() {}

  /** Not started yet; the settings of whoever runs the tests stay out of it. */
  public static ProcessBuilder of(List<String> options, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    command.add("-XX:-UsePerfData");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    return builder;
  }
}
