package io.runledger.stack;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Locates the jars of the broker and the registry, and starts a JVM from them.
 *
 * @param home directory with {@code broker} and {@code registry} in it
 */
record Installation(Path home) {

  private static final String PROPERTY = "runledger.stack.home";

  private static final Path SETSID = Path.of("/usr/bin/setsid");

  static Installation find() {
    String home = System.getProperty(PROPERTY, "");
    if (home.isEmpty()) {
      throw new StackFailedException(
          "The system property %s, which says where the broker and the registry are installed, is not set; start with bin/runledger of the distribution."
              .formatted(PROPERTY));
    }
    return at(Path.of(home));
  }

  /** A slim distribution, as pip installs it, has neither broker nor registry. */
  static Installation at(Path home) {
    if (!Files.isDirectory(home.resolve("broker"))) {
      throw new StackFailedException(
          "This installation has no broker and no registry (there is no %s): use 'runledger follow', which needs neither, or install the full distribution."
              .formatted(home));
    }
    return new Installation(home);
  }

  Path broker() {
    return home.resolve("broker");
  }

  Path registry() {
    return home.resolve("registry");
  }

  /** A command that runs a main class below {@link ChildMain}. */
  List<String> java(
      Path data, List<String> jvmOptions, String classPath, String main, String... arguments) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      // A terminal's Ctrl-C goes to its whole process group; the parent stops its children in
      // order.
      command.add(SETSID.toString());
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Xshare:auto",
            "-Djava.awt.headless=true",
            // native libraries are unpacked here, and removed with the data
            "-Djava.io.tmpdir=" + data.resolve("tmp")));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classesOf(ChildMain.class) + File.pathSeparator + classPath));
    command.add(ChildMain.class.getName());
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }

  /** The jar or directory that one of our classes is in. */
  static Path classesOf(Class<?> ours) {
    try {
      return Path.of(ours.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("Cannot locate the installed jars.", e);
    }
  }
}
