package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.tests.Distribution.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runledger up} and what is read and written through it, in real processes. */
class UpIT {

  private static final Duration READY = Duration.ofSeconds(90);

  /** What a job could not send before it ended, up's sender finds half a minute later. */
  private static final Duration ARRIVAL = Duration.ofMinutes(2);

  private static final Path SHELL = Path.of("/bin/sh");

  @TempDir private static Path scratch;

  /** Shared by the tests that stop nothing; started where new files are readable by everybody. */
  private static Up shared;

  private static Distribution distribution;

  /** An {@code up} and where it keeps its data. */
  private record Up(Process process, Path data, Path log) {

    String output() {
      return Distribution.text(log);
    }

    /** All runs, and what waits in the spool. */
    String found() {
      try (Stream<Path> files = Files.walk(data.resolve("spool"))) {
        return "runs: %s; spool: %s"
            .formatted(
                sqlite("SELECT project, status, status_reason FROM runs"),
                files.map(file -> file.getFileName().toString()).toList());
      } catch (IOException e) {
        return e.toString();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return e.toString();
      }
    }

    Map<String, String> environment() {
      return Map.of("RUNLEDGER_CONFIG", data.resolve("stack.properties").toString());
    }

    String sqlite(String statement) throws IOException, InterruptedException {
      Result result =
          distribution.runCommand(
              Map.of(),
              Path.of("/usr/bin/env"),
              "sqlite3",
              data.resolve("runledger.db").toString(),
              statement);
      assertThat(result.code()).as(result.err()).isZero();
      return result.out().strip();
    }
  }

  @BeforeAll
  static void start() throws IOException {
    distribution = new Distribution(scratch);
    shared = up("000", scratch.resolve("data"), Map.of());
  }

  @AfterAll
  static void stop() throws InterruptedException {
    shared.process().destroy();
    if (!shared.process().waitFor(60, TimeUnit.SECONDS)) {
      shared.process().destroyForcibly();
    }
  }

  private static Up up(String umask, Path data, Map<String, String> environment)
      throws IOException {
    Path log = Files.createTempFile(scratch, "up-", ".log");
    Process process =
        distribution.startCommand(
            log,
            environment,
            SHELL,
            "-c",
            "umask %s; exec \"$0\" up --data \"$1\"".formatted(umask),
            distribution.script("bin/runledger").toString(),
            data.toString());
    Up up = new Up(process, data, log);
    await()
        .atMost(READY)
        .failFast(
            "up ended before it was ready",
            () -> assertThat(process.isAlive()).as(up.output()).isTrue())
        .until(() -> up.output().contains("export RUNLEDGER_CONFIG="));
    return up;
  }

  @Test
  void aSecondUpOnTheSameDirectoryIsRefusedWithASentence() throws Exception {
    Result second = distribution.run(Map.of(), "up", "--data", shared.data().toString());

    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains(shared.data().toString()).doesNotContain("\tat ");
    assertThat(shared.process().isAlive()).isTrue();
  }

  @Test
  void aFullDiskOfOneMegabyteIsASentenceOfEachVerbAndNeverAStackTrace() throws Exception {
    Map<String, String> environment = new HashMap<>(shared.environment());
    environment.put("RUNLEDGER_HEALTH_PORT", "0");
    try (SmallDisk small = SmallDisk.mount(scratch.resolve("small"), 1)) {
      Path disk = small.directory();
      Path spool = Files.createDirectory(disk.resolve("spool"));
      Files.writeString(
          spool.resolve("a.jsonl"),
          "{\"at\":\"2026-11-23T17:04:05Z\",\"start\":{\"experiment\":\"small\",\"seed\":1}}\n");
      Path copy = disk.resolve("copy.db");
      shared.sqlite("VACUUM INTO '" + copy + "'");
      assertOneSentence(Map.of(), "up", "--data", disk.resolve("a").toString());
      small.fill();

      assertOneSentence(Map.of(), "up", "--data", disk.toString());
      assertOneSentence(environment, "consume", "--db", disk.resolve("new.db").toString());
      assertOneSentence(environment, "rebuild", "--db", disk.resolve("rebuilt.db").toString());
      assertOneSentence(environment, "verify", "--db", copy.toString());
      assertThat(disk)
          .isDirectoryNotContaining("glob:**rebuilt-g*")
          .isDirectoryContaining("glob:**/copy.db");
      Result sent = distribution.run(environment, "sync", spool.toString());
      assertThat(sent.code()).as(sent.err()).isZero();
      assertThat(sent.err())
          .contains("Cannot record how much of ", "a.jsonl has been sent")
          .contains("1 event sent, nothing is left.");
      environment.put("RUNLEDGER_SPOOL", disk.resolve("job").toString());
      Result job =
          distribution.run(
              environment,
              "exec",
              "--experiment",
              "full",
              "--",
              "/bin/sh",
              "-c",
              "echo it; exit 3");
      assertThat(job.code()).as(job.err()).isEqualTo(3);
      assertThat(job.out()).isEqualTo("it\n");
      assertThat(job.err()).contains("cannot be stored in " + disk).contains("free some");
    }
  }

  private static void assertOneSentence(Map<String, String> environment, String... verb)
      throws Exception {
    Result result = distribution.run(environment, verb);

    assertThat(result.code()).as(result.err()).isEqualTo(1);
    assertThat(result.err().lines()).as(result.err()).hasSize(1);
    assertThat(result.err())
        .startsWith("runledger: ")
        .contains(scratch.resolve("small").toString())
        .containsPattern("free some( space there)?, ");
  }

  @Test
  void nobodyElseCanReachAnyOfIt() throws Exception {
    List<ListeningSockets.Listening> listening = new ArrayList<>();
    for (ProcessHandle process :
        Stream.concat(Stream.of(shared.process().toHandle()), shared.process().descendants())
            .toList()) {
      listening.addAll(ListeningSockets.of(process.pid()));
    }

    assertThat(listening).as("broker, controller, registry, health").hasSizeGreaterThanOrEqualTo(4);
    assertThat(listening).allMatch(ListeningSockets.Listening::isLoopback);
  }

  @Test
  void nobodyElseCanReadOrChangeItsFilesWhateverTheUmask() throws Exception {
    List<String> open = new ArrayList<>();
    try (Stream<Path> directories = Files.list(shared.data())) {
      for (Path each : directories.toList()) {
        if (Files.isSymbolicLink(each)) {
          continue;
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(each));
        boolean isPrivate = mode.matches(Files.isDirectory(each) ? "rwx------" : "r.-------");
        // SQLite makes its files; who opens the directory to readers gives them the database.
        boolean isDatabase = each.getFileName().toString().matches("runledger-g\\d+\\.db(-.*)?");
        if (!isPrivate && !(isDatabase && mode.equals("rw-r--r--"))) {
          open.add(mode + " " + each.getFileName());
        }
      }
    }

    assertThat(open).isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shared.data())))
        .isEqualTo("rwx------");
  }

  @Test
  void nobodyElseCanReadASpoolThatWasSentWhateverTheUmask() throws Exception {
    Path spool = scratch.resolve("spools").resolve("one");
    Map<String, String> environment = new HashMap<>(shared.environment());
    environment.put("RUNLEDGER_SPOOL", spool.toString());

    String job =
        """
        printf '{"run_id":"%s","attempt_id":"%s","metrics":{"loss":1}}\\n' \
          "$RUNLEDGER_RUN_ID" "$RUNLEDGER_ATTEMPT_ID" > "$RUNLEDGER_SPOOL/job.jsonl"
        """;
    Result exec =
        distribution.runCommand(
            environment,
            SHELL,
            "-c",
            "umask 000; exec \"$0\" exec --project modes --name run -- sh -c \"$1\"",
            distribution.script("bin/runledger").toString(),
            job);

    assertThat(exec.code()).as(exec.err()).isZero();
    try (Stream<Path> all = Files.walk(spool.getParent())) {
      List<Path> ours =
          all.filter(each -> !each.getFileName().toString().equals("job.jsonl")).toList();
      assertThat(ours).contains(spool.resolve(".job.jsonl.sent"));
      assertThat(ours)
          .allSatisfy(
              each ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                      .as(each.toString())
                      .isEqualTo(Files.isDirectory(each) ? "rwx------" : "rw-------"));
    }
  }

  @Test
  void aShellGoesOnWhileUpIsDownAndStartsItAgain() throws Exception {
    Up first = up("077", scratch.resolve("stopped"), Map.of());
    List<ProcessHandle> all = first.process().descendants().toList();
    assertThat(all).hasSizeGreaterThanOrEqualTo(2);
    try {
      exec(first, "before");
      awaitRuns(first, "before");
    } finally {
      first.process().destroy();
    }

    assertThat(first.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(all).noneMatch(ProcessHandle::isAlive);
    assertThat(first.output()).endsWith("Runledger has stopped.\n");
    assertThat(first.data().resolve("stack.properties")).content().contains("sender.enabled=false");
    Result list = distribution.run(first.environment(), "list", "--json");
    assertThat(list.code()).as(list.err()).isZero();
    assertThat(list.out()).contains("before");
    exec(first, "meanwhile");
    try (Stream<Path> spool = Files.list(first.data().resolve("spool"))) {
      assertThat(spool).isNotEmpty();
    }

    Up second = up("077", first.data(), first.environment());
    try {
      awaitRuns(second, "before\nmeanwhile");
      assertThat(second.data().resolve("stack.properties"))
          .content()
          .doesNotContain("sender.enabled=false");
    } finally {
      second.process().destroy();
    }
    assertThat(second.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  @Tag("long")
  void jobsWithoutAnySettingsAreSentByTheirUsersUpAndWhereTheyAreNotThatIsSaid() throws Exception {
    Path home = Files.createDirectories(scratch.resolve("cron"));
    Path data = home.resolve(".local/share/runledger");
    Up own = up("077", data, Map.of("HOME", home.toString()));
    try {
      // What they append is up's to send; a broker of somebody else may have the default port.
      String nothingSet =
          "env -i HOME='%s' PATH=\"$PATH\" RUNLEDGER_SENDER_ENABLED=false ".formatted(home);
      Result python =
          distribution.runCommand(
              Map.of("PYTHON", Path.of("../../producer/python/src").toRealPath().toString()),
              SHELL,
              "-c",
              nothingSet
                  + "PYTHONPATH=\"$PYTHON\" python3 -c 'import runledger;"
                  + " runledger.init(project=\"from-python\", name=\"cron\").finish()'");
      Result exec =
          distribution.runCommand(
              Map.of(),
              SHELL,
              "-c",
              nothingSet + "\"$0\" exec --project from-exec --name cron -- true",
              distribution.script("bin/runledger").toString());

      assertThat(python.code()).as(python.err()).isZero();
      assertThat(exec.code()).as(exec.err()).isZero();
      awaitRuns(own, "from-exec\nfrom-python");
      assertThat(own.output()).doesNotContain("as from cron");
      assertThat(shared.output())
          .contains(
              "as from cron or sbatch --export=NONE",
              scratch.resolve("home/.local/share/runledger/spool").toString(),
              scratch.resolve("home/.config/runledger/runledger.properties").toString());
    } finally {
      own.process().destroy();
    }
    assertThat(own.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  private static void exec(Up up, String project) throws Exception {
    Result result =
        distribution.run(
            up.environment(), "exec", "--project", project, "--name", "run", "--", "true");
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static void awaitRuns(Up up, String projects) {
    await()
        .atMost(ARRIVAL)
        .untilAsserted(
            () ->
                assertThat(
                        up.sqlite(
                            "SELECT project FROM runs WHERE status = 'completed'"
                                + " ORDER BY project"))
                    .as(
                        () ->
                            "runs that arrived; %s; up printed:%n%s"
                                .formatted(up.found(), up.output()))
                    .isEqualTo(projects));
  }

  @Test
  void sigkillOfTheCommandLeavesNoProcess() throws Exception {
    // One of its own: what other processes put into /tmp meanwhile is not a trace of this one.
    Path temporary = Files.createDirectory(scratch.resolve("temporary"));
    Up up =
        up(
            "022",
            scratch.resolve("killed"),
            Map.of("RUNLEDGER_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary));
    List<ProcessHandle> all = up.process().descendants().toList();

    up.process().destroyForcibly();

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(all).noneMatch(ProcessHandle::isAlive));
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void theExamplesRunsAreReadByVerbsAndByTheSqliteShellInBothDialects() throws Exception {
    Map<String, String> environment = shared.environment();
    Path output = scratch.resolve("example");

    Result grid =
        distribution.runCommand(
            environment, distribution.script("example/grid"), "--out", output.toString());
    assertThat(grid.code()).as(grid.out() + grid.err()).isZero();
    await()
        .atMost(ARRIVAL)
        .untilAsserted(
            () ->
                assertThat(
                        shared.sqlite(
                            "SELECT count(DISTINCT run_id) FROM run_metrics WHERE epoch = 20"))
                    .isEqualTo("10"));
    await()
        .atMost(ARRIVAL)
        .untilAsserted(
            () ->
                assertThat(
                        shared.sqlite(
                            "SELECT status, count(*) FROM experiment_runs"
                                + " WHERE experiment = 'digits'"
                                + " GROUP BY status ORDER BY status"))
                    .isEqualTo("completed|11\nfailed|1"));

    assertThat(
            shared
                .sqlite(
                    "SELECT r.run_name, MIN(m.value) AS best_loss FROM runs r JOIN metrics m"
                        + " ON r.run_id = m.run_id WHERE m.metric_name = 'val/loss'"
                        + " GROUP BY r.run_id HAVING best_loss < 0.3")
                .lines())
        .hasSizeGreaterThanOrEqualTo(9);
    assertThat(
            shared.sqlite(
                "SELECT elapsed_seconds, epoch, loss, f1 FROM run_metrics WHERE run_id ="
                    + " (SELECT min(run_id) FROM experiment_runs WHERE status = 'completed')"
                    + " ORDER BY elapsed_seconds"))
        .isNotEmpty();
    assertThat(distribution.run(environment, "list", "--json").code()).isZero();
    assertThat(distribution.run(environment, "show", "no-such-run").code()).isEqualTo(3);
    Result verified = distribution.run(environment, "verify");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }
}
