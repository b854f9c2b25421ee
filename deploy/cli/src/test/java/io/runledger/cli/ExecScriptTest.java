package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.agent.cli.ExecCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * What {@code lib/exec.sh} does with a command, next to a Java that is a few lines of shell: what
 * the command meets with and without it must be the same.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ExecScriptTest {

  private static final Path DIST = Path.of("src/main/dist").toAbsolutePath();

  /** Speaks as our Java does: lets the command begin, notes what it is told, ends at its end. */
  private static final String JAVA =
      """
      #!/bin/bash
      : > "$HEARD.began"
      sleep "${JAVA_WAITS:-0}"
      [ -z "${JAVA_FAILS:-}" ] || { echo "$JAVA_SAYS"; exit "$JAVA_FAILS"; }
      tail=
      for word; do case $word in -Drunledger.exec.stderr=*) tail=${word#*=} ;; esac; done
      [ -z "$tail" ] || [ -n "${JAVA_DIES:-}" ] || cat "$tail" >&2 &
      printf '%s\\n' "$*" > "$HEARD.words"
      echo "set RUNLEDGER_RUN_ID=a b'c"
      echo ready
      while read -r line; do
        echo "$line" >> "$HEARD"
        case $line in
          started*) [ -z "${JAVA_DIES:-}" ] || kill -9 $$ ;;
          ended* | missing*) echo "done"; exit 0 ;;
        esac
      done
      """;

  private record Ended(int code, String out, String err) {}

  @TempDir private Path dir;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void javaIsAFewLinesOfShell() throws IOException {
    Path java = Files.createDirectories(dir.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, JAVA);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(dir.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
    environment.put("JAVA_HOME", dir.resolve("jdk").toString());
    // Where no archive of classes can be kept.
    environment.put("XDG_CACHE_HOME", "/dev/null");
    environment.put("HEARD", dir.resolve("heard").toString());
    environment.put("RL", DIST.resolve("bin/runledger").toString());
  }

  @Test
  void theCommandMeetsTheSignalMaskAndDispositionsThatItHadWithoutUs() throws Exception {
    // Our own JVM blocks SIGQUIT for its children, so it is unblocked before anything is compared.
    String unblocked =
        "exec python3 -c 'import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []);"
            + " os.execvp(sys.argv[1], sys.argv[1:])' ";

    Ended plain = bash(unblocked + "grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status");
    Ended wrapped =
        bash(unblocked + "\"$RL\" exec -- grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status");

    assertThat(plain.out()).contains("SigBlk:\t0000000000000000");
    assertThat(wrapped.out()).isEqualTo(plain.out());
    assertThat(bash(unblocked + "\"$RL\" exec -- sh -c 'kill -QUIT $$'").code()).isEqualTo(131);
    assertThat(
            bash("trap '' INT; " + unblocked + "\"$RL\" exec -- grep ^SigIgn /proc/self/status")
                .out())
        .as("what was ignored before stays ignored")
        .isEqualTo(bash("trap '' INT; " + unblocked + "grep ^SigIgn /proc/self/status").out());
  }

  @Test
  void descriptorsAreInheritedAndNoneOfOursIsAdded() throws Exception {
    String look = "sh -c 'for fd in /proc/$$/fd/*; do echo ${fd##*/}; done'";

    assertThat(bash("\"$RL\" exec -- cat <(echo hello)").out()).isEqualTo("hello\n");
    assertThat(bash("exec 7<> \"$HEARD.7\" 44>&1; \"$RL\" exec -- " + look).out())
        .isEqualTo(bash("exec 7<> \"$HEARD.7\" 44>&1; " + look).out());
  }

  @Test
  void aClosedStdinStaysClosed() throws Exception {
    Ended ended = bash("\"$RL\" exec -- sh -c 'if [ -e /proc/self/fd/0 ]; then cat; fi' <&-");

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void argumentsArriveByteForByteAlsoThoseThatAreNotUtf8() throws Exception {
    String words =
        "$'lat\\xe4' '' '*' '@file' \"a'b\" $'line\\nfeed' --seed -- \"$(printf '\\201')\"";

    assertThat(bash("\"$RL\" exec --seed 1 -- printf '[%s]' " + words + " | od -An -tx1 -v").out())
        .isEqualTo(bash("printf '[%s]' " + words + " | od -An -tx1 -v").out());
    assertThat(heard()).contains("ended 0");
  }

  @Test
  void theEnvironmentIsTheCommandsOwnBesideTheRun() throws Exception {
    Ended plain =
        bash("module() { echo \"loaded\n$1\"; }; export -f module; export LC_ALL=xx; env | sort");
    Ended wrapped =
        bash(
            "module() { echo \"loaded\n$1\"; }; export -f module; export LC_ALL=xx;"
                + " \"$RL\" exec -- env | sort");

    assertThat(without(wrapped, "_=", "RUNLEDGER_RUN_ID=")).isEqualTo(without(plain, "_="));
    assertThat(wrapped.out()).contains("RUNLEDGER_RUN_ID=a b'c\n");
  }

  @Test
  void variablesThatHaveTheNamesOfOurOwnReachTheCommandAsTheyAre() throws Exception {
    Set<String> ours = new TreeSet<>(Set.of("target", "self", "bash", "image", "seeds"));
    for (String script : List.of("bin/runledger", "lib/exec.sh", "lib/launch.sh")) {
      Matcher assigned =
          Pattern.compile("(?<![-\\w.$])([a-z_]+)\\+?=")
              .matcher(Files.readString(DIST.resolve(script)));
      while (assigned.find()) {
        if (!assigned.group(1).startsWith("runledger_")) {
          ours.add(assigned.group(1));
        }
      }
    }
    assertThat(ours).contains("home", "options", "verb", "word");
    ours.forEach(name -> environment.put(name, "--of the job's own '" + name + "'\n\\n"));

    String look = "env -0 ";
    Ended plain = bash(look);

    assertThat(withoutTheRun(bash("\"$RL\" exec -- " + look))).isEqualTo(withoutTheRun(plain));
    assertThat(withoutTheRun(bash("JAVA_FAILS=1 \"$RL\" exec -- " + look)))
        .as("bare")
        .isEqualTo(withoutTheRun(plain));
  }

  @Test
  void variablesThatShellsObeyChangeOrDropReachTheCommandAsTheyAre() throws Exception {
    String odd =
        "env SHLVL=7 _=x PWD=/elsewhere SHELLOPTS=braceexpand:pipefail BASHOPTS=extglob BASH_ENV=/no/such TMOUT=1"
            + " IFS=, PS4=+ OPTIND=9 SECONDS=5 RANDOM=3 UID=77 PPID=1 LC_ALL=xx_YY foo.bar=1 my-token=2 1x=$'\\a\\\\n'"
            + " GLOBIGNORE='*' POSIXLY_CORRECT=1 CDPATH=/ EMPTY= $'BASH_FUNC_f%%=() { echo \"a\n\\\\b\";\n}' ";
    String look = "env -0 ";
    Ended plain = bash(odd + look);
    assertThat(plain.out()).contains("foo.bar", "my-token", "SHELLOPTS", "PPID");

    Ended wrapped = bash(odd + "\"$RL\" exec -- " + look);

    assertThat(withoutTheRun(wrapped)).isEqualTo(withoutTheRun(plain));
    assertThat(wrapped.err()).isEmpty();
    assertThat(bash("env -u SHLVL -u OLDPWD -u PWD \"$RL\" exec -- " + look).out())
        .doesNotContain("SHLVL=", "PWD=");
  }

  @Test
  void aShortTimeoutOfShellsDoesNotKeepTheCommandFromBeginning() throws Exception {
    environment.put("TMOUT", "1");
    environment.put("JAVA_WAITS", "2");

    Ended ended = bash("\"$RL\" exec -- sh -c 'echo ran; exit 4'");

    assertThat(ended.code()).isEqualTo(4);
    assertThat(ended.out()).isEqualTo("ran\n");
  }

  @Test
  void aDescriptorThatWasClosedIsClosedForTheCommand() throws Exception {
    String look =
        "python3 -c 'import os, sys; open(sys.argv[1], \"w\").write(str([os.path.exists(\"/proc/self/fd/%d\" % n)"
            + " for n in range(3)]))' ";
    for (String closed :
        List.of("<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")) {
      bash(look + dir.resolve("plain") + " " + closed);
      Ended wrapped = bash("\"$RL\" exec -- " + look + dir.resolve("wrapped") + " " + closed);

      assertThat(wrapped.code()).as(closed).isZero();
      assertThat(text(dir.resolve("wrapped"))).as(closed).isEqualTo(text(dir.resolve("plain")));
    }
  }

  @Test
  void aCommandMayBeNamedLikeAnOptionOrAVariableOrLackAFirstLine() throws Exception {
    Path bin = Files.createDirectories(dir.resolve("bin"));
    for (String name : List.of("-x", "a=b", "plain")) {
      Files.writeString(bin.resolve(name), "x=(1 2); echo \"${0##*/} ${#x[@]} $*\"\n");
      assertThat(bin.resolve(name).toFile().setExecutable(true)).isTrue();
    }

    String path = "PATH=" + bin + ":$PATH; ";
    assertThat(bash(path + "\"$RL\" exec -- -x 1").out()).isEqualTo("-x 2 1\n");
    assertThat(bash(path + "\"$RL\" exec -- a=b '' 2").out()).isEqualTo("a=b 2  2\n");
    assertThat(bash(path + "\"$RL\" exec plain 3").out()).isEqualTo("plain 2 3\n");
  }

  /** The variables, without that of the run and the one that each shell sets for each command. */
  private static List<String> withoutTheRun(Ended ended) {
    return Stream.of(ended.out().split("\0", -1))
        .filter(entry -> !entry.startsWith("RUNLEDGER_RUN_ID=") && !entry.startsWith("_="))
        .filter(entry -> !entry.startsWith("JAVA_FAILS="))
        .sorted()
        .toList();
  }

  private static List<String> without(Ended ended, String... beginnings) {
    return ended
        .out()
        .lines()
        .filter(line -> Stream.of(beginnings).noneMatch(line::startsWith))
        .toList();
  }

  @Test
  void theExitCodeIsTheCommands() throws Exception {
    assertThat(bash("\"$RL\" exec sh -c 'exit 3'").code()).isEqualTo(3);
    assertThat(bash("\"$RL\" exec -- sh -c 'kill -9 $$'").code()).isEqualTo(137);
    assertThat(heard()).contains("ended 3", "ended 137");
  }

  @Test
  void withoutJavaTheCommandRunsAllTheSame() throws Exception {
    environment.put("JAVA_HOME", "/nonexistent");

    Ended ended =
        bash("echo in | \"$RL\" exec --seed 1 --set a=b -- sh -c 'cat; echo ran; exit 42'");

    assertThat(ended.code()).isEqualTo(42);
    assertThat(ended.out()).isEqualTo("in\nran\n");
    assertThat(ended.err())
        .hasLineCount(1)
        .contains("/nonexistent", "The command runs, but it is not recorded.");
  }

  @Test
  void whereJavaCannotStartTheCommandRunsAllTheSame() throws Exception {
    environment.put("JAVA_FAILS", "1");
    environment.put("JAVA_SAYS", "Could not reserve enough space for object heap");

    Ended ended = bash("\"$RL\" exec -- sh -c 'echo ran; exit 42'");

    assertThat(ended.code()).isEqualTo(42);
    assertThat(ended.out()).isEqualTo("ran\n");
    assertThat(ended.err())
        .isEqualTo(
            "runledger: Could not reserve enough space for object heap."
                + " The command runs, but it is not recorded.\n");
  }

  @Test
  void whereStderrIsAPipeAndJavaCannotStartTheCommandIsNotKeptWaiting() throws Exception {
    environment.put("JAVA_FAILS", "1");
    environment.put("JAVA_SAYS", "Could not reserve enough space for object heap");

    Ended failed =
        bash(
            "timeout 60 \"$RL\" exec -- sh -c 'echo ran; exit 42' 2>&1 | cat; exit ${PIPESTATUS[0]}");
    environment.put("JAVA_HOME", "/nonexistent");
    Ended absent =
        bash(
            "timeout 60 \"$RL\" exec -- sh -c 'echo ran; exit 42' 2>&1 | cat; exit ${PIPESTATUS[0]}");

    assertThat(failed.code()).isEqualTo(42);
    assertThat(failed.out()).contains("object heap. The command runs", "ran\n");
    assertThat(absent.code()).isEqualTo(42);
    assertThat(absent.out()).contains("/nonexistent", "The command runs", "ran\n");
  }

  @Test
  void withHardlyAnyDescriptorsLeftTheCommandRunsAllTheSame() throws Exception {
    assertThat(bash("ulimit -n 12; \"$RL\" exec -- sh -c 'echo ran; exit 42'"))
        .satisfies(ended -> assertThat(ended.code()).isEqualTo(42))
        .satisfies(ended -> assertThat(ended.out()).isEqualTo("ran\n"));
  }

  @Test
  void aUsageErrorRunsNothing() throws Exception {
    environment.put("JAVA_FAILS", "2");
    environment.put("JAVA_SAYS", "");

    Ended badSeed = bash("\"$RL\" exec --seed x -- sh -c 'echo ran'");
    Ended unknown = bash("\"$RL\" exec --sede 1 -- sh -c 'echo ran'");

    assertThat(badSeed.code()).isEqualTo(2);
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(badSeed.out() + unknown.out()).isBlank();
  }

  @Test
  void aJavaThatDiesInTheMiddleHarmsNeitherTheCommandNorItsStderr() throws Exception {
    environment.put("JAVA_DIES", "yes");

    Ended ended =
        bash(
            "\"$RL\" exec -- sh -c 'sleep 0.3; head -c 200000 /dev/zero | tr \"\\\\0\" x >&2;"
                + " echo last >&2; exit 5' 2>&1 | (sleep 1; cat); exit ${PIPESTATUS[0]}");

    assertThat(ended.code()).isEqualTo(5);
    assertThat(ended.out())
        .hasSizeGreaterThan(200_000)
        .contains("last\n", "how the command ended (exit code 5) is not recorded");
  }

  @Test
  void aDaemonThatTheCommandLeavesBehindKeepsNobodyWaiting() throws Exception {
    for (String dies : List.of("", "yes")) {
      environment.put("JAVA_DIES", dies);
      String stderr = dir.resolve("stderr" + dies).toString();

      Ended ended =
          bash(
              "mkfifo "
                  + stderr
                  + "; cat "
                  + stderr
                  + " > /dev/null & "
                  + "\"$RL\" exec -- bash -c 'sleep 50 < /dev/null > /dev/null & echo $!; exit 6' 2> "
                  + stderr
                  + "; exit $?");

      assertThat(ended.code()).as("Java dies: " + dies).isEqualTo(6);
      // It was still there when exec had ended.
      ProcessHandle daemon = ProcessHandle.of(Long.parseLong(ended.out().strip())).orElseThrow();
      assertThat(daemon.destroyForcibly()).isTrue();
    }
  }

  @Test
  void aSignalReachesTheCommandUnlessItIsAWarningThatWouldKillIt() throws Exception {
    String upTo = "until [ -e \"$HEARD.up\" ]; do sleep 0.05; done; ";

    Ended warned =
        bash(
            "withheld() { until grep -q \"withheld $1\" \"$HEARD\"; do sleep 0.05; done; }; "
                + "\"$RL\" exec -- sh -c 'echo > \"$HEARD.up\";"
                + " until [ -e \"$HEARD.enough\" ]; do sleep 0.05; done' & "
                + upTo
                + "kill -USR1 $!; withheld USR1; kill -USR2 $!; withheld USR2;"
                + " echo > \"$HEARD.enough\"; wait $!");
    assertThat(warned.code()).isZero();
    assertThat(heard()).contains("withheld USR1", "withheld USR2", "ended 0");

    forget();
    Ended handled =
        bash(
            "\"$RL\" exec -- bash -c 'trap \"echo warned; exit 9\" USR1; echo > \"$HEARD.up\";"
                + " while :; do sleep 0.1; done' & "
                + upTo
                + "kill -USR1 $!; wait $!");
    assertThat(handled.code()).isEqualTo(9);
    assertThat(handled.out()).isEqualTo("warned\n");
    assertThat(heard()).contains("signal USR1", "ended 9");

    forget();
    Ended ended =
        bash(
            "\"$RL\" exec -- sh -c 'echo > \"$HEARD.up\"; exec sleep 60' & "
                + upTo
                + "kill -TERM $!; wait $!");
    assertThat(ended.code()).isEqualTo(143);
    assertThat(heard()).contains("signal TERM", "ended 143");
  }

  private void forget() throws IOException {
    Files.delete(dir.resolve("heard"));
    Files.delete(dir.resolve("heard.up"));
  }

  /**
   * With and without a Java, whose loss makes the shell the command. Sent once the recorder runs:
   * in the instant in which bash installs a handler it ignores the signal, which nothing here can
   * mend.
   */
  @Test
  void aSignalThatComesBeforeTheCommandIsThereIsNotLost() throws Exception {
    environment.put("JAVA_WAITS", "0.5");
    for (String fails : List.of("", "1")) {
      environment.put("JAVA_FAILS", fails);
      environment.put("JAVA_SAYS", "no memory");
      Ended ended =
          bash(
              "rm -f \"$HEARD.began\"; \"$RL\" exec -- bash -c"
                  // As long as the slowest machine may need to send it.
                  + " 'for n in {1..300}; do sleep 0.1; done; echo survived' &"
                  + " until [ -e \"$HEARD.began\" ]; do sleep 0.02; done; kill -TERM $!; wait $!");

      assertThat(ended.code()).as("Java fails: " + fails).isEqualTo(143);
      assertThat(ended.out()).as("Java fails: " + fails).isEmpty();
    }
  }

  /**
   * As a batch system ends a step: all of its processes get the signal. A shell that it interrupts
   * while its child ends forgets how that ended, one time in three.
   */
  @Test
  void howTheCommandEndedIsKnownWhereASignalReachedTheShellAtThatMoment() throws Exception {
    environment.put(
        "TRAINING",
        """
        import os, signal
        signal.signal(signal.SIGTERM, lambda *_: os._exit(3))
        with open(os.environ["HEARD"] + ".new", "w") as up:
            up.write(str(os.getpid()))
        os.rename(up.name, os.environ["HEARD"] + ".up")
        while True:
            signal.pause()
        """);

    Ended ended =
        bash(
            "for round in {1..20}; do rm -f \"$HEARD.up\"; \"$RL\" exec -- python3 -c \"$TRAINING\" &"
                + " until [ -e \"$HEARD.up\" ]; do sleep 0.01; done;"
                + " kill -TERM \"$(< \"$HEARD.up\")\" $!; wait $!; echo $?; done");

    assertThat(ended.out().lines()).hasSize(20).containsOnly("3");
    assertThat(heard()).filteredOn(line -> line.startsWith("ended")).containsOnly("ended 3");
  }

  @Test
  void aSignalReachesACommandThatHasOpenedFilesUnderTheNumbersOfOurPipes() throws Exception {
    String manyFiles =
        "for n in {10..80}; do eval \"exec $n< /dev/null\"; done; echo > \"$HEARD.open\"; exec sleep 30";
    environment.put("MANY_FILES", manyFiles);

    Ended ended =
        bash(
            "\"$RL\" exec -- bash -c \"$MANY_FILES\" & until [ -e \"$HEARD.open\" ]; do sleep 0.05; done;"
                + " kill -TERM $!; wait $!");

    assertThat(ended.code()).isEqualTo(143);
    assertThat(heard()).contains("signal TERM", "ended 143");
  }

  @Test
  void aCommandThatIsNotThereIsTold() throws Exception {
    Ended ended = bash("\"$RL\" exec -- /no/such/command");

    assertThat(ended.code()).isEqualTo(127);
    assertThat(ended.err()).contains("Cannot run /no/such/command");
    assertThat(heard()).contains("missing 127");
  }

  /** The script finds the command without Java, so it must know which options have a value. */
  @Test
  void theScriptKnowsTheOptionsOfTheVerb() throws Exception {
    String script = Files.readString(DIST.resolve("lib/exec.sh"));
    CommandLine.Model.CommandSpec verb = new CommandLine(new ExecCommand()).getCommandSpec();

    assertThat(list(script, "runledger_with_value"))
        .containsExactlyInAnyOrderElementsOf(options(verb, true));
    assertThat(list(script, "runledger_without_value"))
        .containsAll(options(verb, false))
        .contains("--debug");
  }

  private static Set<String> list(String script, String name) {
    Matcher list = Pattern.compile("(?s)\\n" + name + "=' (.*?) '\\n").matcher(script);
    assertThat(list.find()).isTrue();
    return new TreeSet<>(List.of(list.group(1).strip().split("\\s+")));
  }

  private static Set<String> options(CommandLine.Model.CommandSpec verb, boolean withValue) {
    return verb.options().stream()
        .filter(option -> !option.usageHelp() && !option.versionHelp())
        .filter(option -> option.arity().max() > 0 == withValue)
        .flatMap(option -> Stream.of(option.names()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private List<String> heard() throws IOException {
    return Files.readAllLines(dir.resolve("heard"));
  }

  private Ended bash(String script) throws IOException, InterruptedException {
    Path out = Files.createTempFile(dir, "out", "");
    Path err = Files.createTempFile(dir, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", script)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(script).isTrue();
    return new Ended(process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }
}
