package io.runledger.wheel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Builds the wheel from the Python package and the assembled distribution, which it carries without
 * broker, registry and example. The same input gives the same bytes.
 */
public final class WheelBuild {

  /** Where the distribution lies in the Python package. */
  static final String DISTRIBUTION = "runledger/_distribution";

  /** The pages for man, which goes by where commands are. */
  private static final String SHARED = "share";

  /** What the distribution of the package leaves out. */
  private static final List<String> FULL_ONLY = List.of("stack", "example", SHARED);

  private static final String LAUNCHER = "bin/runledger";
  private static final String UNNAMED_VERSION = "\nrunledger_version_of_package=\n";

  private final PythonProject project;
  private final Path distribution;
  private final Wheel wheel;

  private WheelBuild(PythonProject project, Path distribution) {
    this.project = project;
    this.distribution = distribution;
    this.wheel = new Wheel(project.name() + "-" + project.version());
  }

  /**
   * Arguments: Python project, distribution, directory of the wheel, version of the build, time.
   */
  public static void main(String[] arguments) throws IOException {
    build(
        PythonProject.read(Path.of(arguments[0])),
        Path.of(arguments[1]),
        Path.of(arguments[2]),
        arguments[3],
        Instant.parse(arguments[4]));
  }

  /**
   * @param buildVersion the version of the distribution
   * @param time what all entries get
   */
  static Path build(
      PythonProject project, Path distribution, Path directory, String buildVersion, Instant time)
      throws IOException {
    if (!project.version().equals(buildVersion.replace("-SNAPSHOT", ""))) {
      throw new IllegalArgumentException(
          "The Python package is version %s, but the distribution is %s; change pyproject.toml, __init__.py or the POMs."
              .formatted(project.version(), buildVersion));
    }
    WheelBuild build = new WheelBuild(project, distribution);
    build.addModules();
    build.addDistribution();
    build.addCommand();
    build.addInformation(buildVersion);
    removeOthers(directory);
    return build.wheel.write(directory, time);
  }

  private void addModules() throws IOException {
    wheel.addTree(
        project.directory().resolve("src"),
        "",
        file -> file.toString().endsWith(".py") || file.endsWith("py.typed"));
  }

  private void addDistribution() throws IOException {
    wheel.addTree(
        distribution, DISTRIBUTION + "/", file -> !FULL_ONLY.contains(file.getName(0).toString()));
  }

  /** The launcher once more, where pip puts it on PATH; this copy has to find the others. */
  private void addCommand() throws IOException {
    String launcher = Files.readString(distribution.resolve(LAUNCHER));
    if (!launcher.contains(UNNAMED_VERSION)) {
      throw new IllegalStateException(LAUNCHER + " has no line for the version of the package.");
    }
    wheel.addScript(
        "runledger",
        launcher.replace(
            UNNAMED_VERSION, UNNAMED_VERSION.stripTrailing() + project.version() + "\n"));
    wheel.addShared(distribution.resolve(SHARED), SHARED + "/");
  }

  private void addInformation(String buildVersion) throws IOException {
    wheel.addLicence("LICENSE", project.directory().resolve("LICENSE"));
    wheel.addLicence("NOTICE", project.directory().resolve("NOTICE"));
    wheel.addLicence("THIRD-PARTY.txt", distribution.resolve("lib/THIRD-PARTY.txt"));
    wheel.addInformation("METADATA", new Metadata(project).text(wheel.licences(), licence()));
    wheel.addInformation(
        "WHEEL",
        """
        Wheel-Version: 1.0
        Generator: runledger-wheel (%s)
        Root-Is-Purelib: true
        Tag: %s
        """
            .formatted(buildVersion, Wheel.TAG));
  }

  /** Ours and those of the libraries, of which the distribution has the texts by these names. */
  private String licence() throws IOException {
    try (Stream<Path> files = Files.list(distribution.resolve("lib/licenses"))) {
      Stream<String> others =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".txt"))
              .map(name -> name.substring(0, name.length() - ".txt".length()))
              .sorted();
      return String.join(" AND ", Stream.concat(Stream.of(project.licence()), others).toList());
    }
  }

  private static void removeOthers(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path wheel : files.filter(file -> file.toString().endsWith(".whl")).toList()) {
        Files.delete(wheel);
      }
    }
  }
}
