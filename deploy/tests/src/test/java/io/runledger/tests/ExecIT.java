package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.sender.DrainReport;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that know nothing of us, or only two environment variables, as runs. */
class ExecIT {

  private static final String LOG =
      """
      printf '{"run_id":"%s","attempt_id":"%s","metrics":{"loss":0.5},"step":1}\\n' \
        "$RUNLEDGER_RUN_ID" "$RUNLEDGER_ATTEMPT_ID" >> "$RUNLEDGER_SPOOL/job-$$.jsonl"
      """;

  @TempDir private Path dir;
  private TestLedger ledger;
  private InProcessService service;

  @BeforeEach
  void start() throws IOException {
    ledger = TestLedger.shared(dir);
    service = InProcessService.start(ledger);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void theCommandsStreamsAndExitCodeStayItsOwn() throws Exception {
    Files.writeString(dir.resolve("in.txt"), "from stdin");
    Ended ended = exec("1", "cat; echo; echo out; echo err >&2; " + LOG + " exit 3");

    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.out()).isEqualTo("from stdin\nout\n");
    assertThat(ended.err()).startsWith("err\n");
    sync();
    assertThat(row("1", "status, exit_code, status_source, status_reason"))
        .isEqualTo("failed|3|wrapper|exit code 3");
    assertThat(
            row(
                "1",
                "(SELECT exception_type || ':' || message FROM run_errors e WHERE e.run_id = r.run_id)"))
        .isEqualTo("exit code 3:err");
    assertThat(
            row(
                "1",
                "(SELECT value FROM metrics m WHERE m.run_id = r.run_id AND metric_name = 'loss')"))
        .as("a line of the child lands in the attempt of the wrapper")
        .isEqualTo("0.5");
    assertThat(row("1", "attempts")).isEqualTo("1");
  }

  @Test
  void aTracebackOfPythonIsTheError() throws Exception {
    Ended ended = exec("2", "python3 -c 'raise ValueError(\"bad loss\")'");

    assertThat(ended.code()).isEqualTo(1);
    sync();
    assertThat(
            row(
                "2",
                "(SELECT exception_type || ':' || message || ':' || (traceback LIKE 'Traceback%File%') FROM run_errors e WHERE e.run_id = r.run_id)"))
        .isEqualTo("ValueError:bad loss:1");
  }

  @Test
  void signalsReachTheCommandAndAreNoted() throws Exception {
    Process exec =
        begin(
            "3",
            "trap 'echo usr1 >> \"$OUT\"' USR1; trap 'echo term >> \"$OUT\"; exit 9' TERM; echo up >> \"$OUT\"; while :; do sleep 0.1; done");
    await("up");
    signal(exec, "USR1");
    await("usr1");
    signal(exec, "TERM");
    assertThat(exec.waitFor(30, TimeUnit.SECONDS)).isTrue();

    assertThat(exec.exitValue()).isEqualTo(9);
    sync();
    assertThat(row("3", "status || ':' || status_reason || ':' || exit_code"))
        .isEqualTo("failed:after SIGUSR1, SIGTERM:9");
    assertThat(
            row(
                "3",
                "(SELECT group_concat(reason) FROM run_status_changes c WHERE c.run_id = r.run_id AND status = 'running')"))
        .isEqualTo("SIGUSR1 received,SIGTERM received");
  }

  @Test
  void aSignalThatABatchSystemSendsToAllProcessesOfAStepDoesNotEndTheRecording() throws Exception {
    Process exec =
        begin(
            "15",
            "trap 'echo usr2 >> \"$OUT\"' USR2; echo up >> \"$OUT\"; until [ -e \"$OUT.go\" ]; do sleep 0.1; done; exit 9");
    await("up");
    List<ProcessHandle> all = exec.descendants().toList();
    for (ProcessHandle process : all) {
      new ProcessBuilder("kill", "-USR2", Long.toString(process.pid())).start().waitFor();
    }
    signal(exec, "USR2");
    await("usr2");
    Files.createFile(dir.resolve("out.txt.go"));
    assertThat(exec.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(exec.exitValue()).isEqualTo(9);
    sync();
    assertThat(row("15", "status || ':' || status_source || ':' || ifnull(exit_code, 'none')"))
        .isEqualTo("failed:wrapper:9");
  }

  @Test
  void whoeverIsKilledNothingIsLostAndNothingTwice() throws Exception {
    String job =
        LOG
            + "echo up >> \"$OUT\"; echo $$ >> \"$OUT.pid\";"
            + " until [ -e \"$OUT.go\" ]; do sleep 0.05; done; "
            + LOG
            + "echo went on >> \"$OUT\"";
    Process wrapperDies = begin("4", job);
    await("up");
    wrapperDies.destroyForcibly().waitFor();
    Files.createFile(dir.resolve("out.txt.go"));
    await("went on");
    Process childDies = begin("5", job.replace("$OUT", "$OUT.5"));
    awaitFile(dir.resolve("out.txt.5.pid"));
    new ProcessBuilder("kill", "-9", Files.readString(dir.resolve("out.txt.5.pid")).strip())
        .start()
        .waitFor();
    assertThat(childDies.waitFor(30, TimeUnit.SECONDS)).isTrue();

    assertThat(childDies.exitValue()).isEqualTo(128 + 9);
    sync();
    sync();
    Awaitility.await("it is gone, and no end was reported")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(
                        row(
                            "4",
                            "concat_ws(':', status, status_source, ifnull(exit_code, 'none'))"))
                    .isEqualTo("failed:observer:none"));
    assertThat(points("4")).as("the command went on by itself").isEqualTo("2");
    assertThat(row("5", "status || ':' || status_reason")).isEqualTo("failed:ended by SIGKILL");
    assertThat(points("5")).isEqualTo("1");
    Ledgers.assertVerified(ledger);
  }

  @Test
  void aWrapperThatForwardedATermAndIsKilledHasNotedItAndTheRunIsNotRunningAnyMore()
      throws Exception {
    Process exec = begin("10", "trap '' TERM; echo up >> \"$OUT\"; while :; do sleep 0.1; done");
    await("up");
    signal(exec, "TERM");
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(said("10")).isEqualTo("running:SIGTERM received"));

    List<ProcessHandle> all = exec.descendants().toList();
    exec.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
    sync();

    assertThat(row("10", "status || ':' || status_source || ':' || ifnull(exit_code, 'none')"))
        .isEqualTo("failed:observer:none");
    assertThat(said("10"))
        .contains("running:SIGTERM received,failed:process ", "is gone, and no end was reported");
  }

  private String said(String seed) throws Exception {
    return row(
        seed,
        "(SELECT group_concat(status || ':' || reason) FROM run_status_changes c WHERE c.run_id = r.run_id)");
  }

  @Test
  void aRunThatIsCompletedIsNotRunAgain() throws Exception {
    assertThat(exec("6", "echo first").code()).isZero();
    sync();

    Ended again = exec("6", "echo second", "--skip-if-completed");
    Ended other = exec("7", "echo third", "--skip-if-completed");

    assertThat(again.code()).isZero();
    assertThat(again.out()).isEmpty();
    assertThat(again.err()).contains("is already completed");
    assertThat(other.out()).isEqualTo("third\n");
    assertThat(row("6", "attempts")).isEqualTo("1");
  }

  @Test
  void aCommandThatCannotBeStartedSaysSo() throws Exception {
    Distribution.Result result =
        new Distribution(dir).run(environment(), "exec", "--seed", "8", "/no/such/command");

    assertThat(result.code()).isEqualTo(127);
    assertThat(result.err()).contains("Cannot run /no/such/command");
  }

  @Test
  void tasksOfOneStepWithTheSameKeyAreOneAttempt() throws Exception {
    String together =
        "touch \"$OUT.$SLURM_PROCID\"; for rank in 0 1 2; do"
            + " until [ -e \"$OUT.$rank\" ]; do sleep 0.05; done; done; ";
    List<Process> tasks = new ArrayList<>();
    for (int rank = 0; rank < 3; rank++) {
      ProcessBuilder task = builder("9", together + "exit $((SLURM_PROCID / 2 * 5))");
      task.redirectOutput(dir.resolve("task-" + rank).toFile())
          .redirectErrorStream(true)
          .environment()
          .putAll(
              Map.of(
                  "SLURM_JOB_ID", "900",
                  "SLURM_STEP_ID", "0",
                  "SLURM_PROCID", "" + rank,
                  "SLURM_NTASKS", "3"));
      tasks.add(Distribution.started(task));
    }
    for (Process task : tasks) {
      assertThat(task.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(tasks).extracting(Process::exitValue).containsExactly(0, 0, 5);
    sync();
    assertThat(row("9", "attempts, status, exit_code")).isEqualTo("1|failed|5");
    assertThat(
            row(
                "9",
                "(SELECT group_concat(status ORDER BY status) FROM run_status_changes c WHERE c.run_id = r.run_id)"))
        .as("rank 0 says that it went well, rank 2 that it did not")
        .isEqualTo("completed,failed");
  }

  @Test
  void aScriptThatNamesItsRunTakesOverTheAttemptOfAWrapperWithoutAName() throws Exception {
    Ended ended =
        python(
            List.of("--tag", "grid", "--set", "a=1"),
            """
            import os, runledger
            run = runledger.init(experiment='exec', seed=10, config={'lr': .1}, tags=['t'])
            run.log({'loss': 1.0}, step=5)
            os.kill(os.getpid(), 9)
            """);

    assertThat(ended.code()).isEqualTo(128 + 9);
    sync();
    assertThat(row("10", "attempts, status, status_source, exit_code, tags, config, config_drift"))
        .isEqualTo("1|failed|wrapper|137|[\"grid\",\"t\"]|{\"a\":1,\"lr\":0.1}|0");
    assertThat(all("(SELECT group_concat(run_name) FROM runs)")).isEqualTo("exec/-/-/-/-/10");
    assertThat(
            all(
                "(SELECT group_concat(run_name || ' ' || status) FROM experiment_runs WHERE deleted)"))
        .isEqualTo("python3 failed");
    Ledgers.assertVerified(ledger);
  }

  @Test
  void anErrorThatTheScriptRecordsIsNotRecordedOnceMore() throws Exception {
    python(
        List.of(),
        "import runledger; runledger.init(experiment='exec', seed=14); raise ValueError('bad loss')");

    sync();
    assertThat(all("(SELECT group_concat(exception_type || ':' || message) FROM run_errors)"))
        .isEqualTo("ValueError:bad loss");
    assertThat(row("14", "status, status_source, exit_code")).isEqualTo("failed|wrapper|1");
  }

  @Test
  void aCommandThatBeginsSeveralRunsKeepsItsOwn() throws Exception {
    Ended ended =
        python(
            List.of("--tag", "grid"),
            """
            import runledger, sys
            for seed in (11, 12):
                with runledger.init(experiment='exec', seed=seed) as run: run.log({'loss': 1.0})
            sys.exit(3)
            """);

    assertThat(ended.code()).isEqualTo(3);
    sync();
    assertThat(
            all(
                "(SELECT group_concat(concat_ws(' ', run_name, status, exit_code, tags), '; ' ORDER BY run_name) FROM runs)"))
        .isEqualTo(
            "exec/-/-/-/-/11 completed [\"grid\"]; exec/-/-/-/-/12 completed [\"grid\"]; python3 failed 3 [\"grid\"]");
  }

  @Test
  void aRunThatEndedWellIsNotFailedByWhatItsCommandDoesBesideIt() throws Exception {
    String runledger = new Distribution(dir).script("bin/runledger").toString();
    Ended ended =
        python(
            List.of(),
            """
            import subprocess, sys
            python = lambda *words: subprocess.call([*words, sys.executable, '-c', "import runledger; " + code])
            code = "runledger.init(experiment='exec', seed=16).log({'loss': 1.0})"
            python()
            code = "runledger.init(tags=['joined']).log({'loss': 2.0})"
            python()
            code = "runledger.init(experiment='exec', seed=17); raise ValueError('bad loss')"
            sys.exit(python(%s, 'exec', '--'))
            """
                .formatted("'" + runledger + "'"));

    assertThat(ended.code()).isEqualTo(1);
    sync();
    assertThat(
            all(
                "(SELECT group_concat(concat_ws(' ', run_name, status, exit_code), '; ' ORDER BY run_name) FROM runs)"))
        .isEqualTo("exec/-/-/-/-/16 completed; exec/-/-/-/-/17 failed 1; python3 failed 1");
    assertThat(
            all(
                "(SELECT group_concat(run_name || ' ' || value, '; ' ORDER BY value) FROM metrics JOIN runs USING (run_id)"
                    // On a slow machine the command lasts until its usage is sampled.
                    + " WHERE metric_name NOT LIKE 'system/%')"))
        .isEqualTo("exec/-/-/-/-/16 1.0; python3 2.0");
  }

  @Test
  void whatAScriptWithoutANameSaysOfItsRunIsKeptUnderExec() throws Exception {
    python(
        List.of("--experiment", "exec", "--seed", "13", "--set", "lr=0.2", "--notes", "w"),
        """
        import runledger
        with runledger.init(config={'lr': .1}, tags=['t'], notes='n', resumed_from_step=5) as run:
            run.log({'loss': 1.0}, step=5)
        """);

    sync();
    assertThat(row("13", "config, config_drift, tags, notes, status, attempts"))
        .isEqualTo("{\"lr\":0.1}|1|[\"t\"]|n|completed|1");
    assertThat(all("(SELECT group_concat(resumed_from_step) FROM run_attempts)")).isEqualTo("5");
  }

  private Ended python(List<String> options, String script)
      throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(List.of(new Distribution(dir).script("bin/runledger").toString(), "exec"));
    line.addAll(options);
    line.addAll(List.of("--", "python3", "-c", script));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(dir.resolve("stdout").toFile())
            .redirectError(dir.resolve("stderr").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder.environment().putAll(ledger.environment());
    builder
        .environment()
        .put("PYTHONPATH", Path.of("../../producer/python/src").toAbsolutePath().toString());
    Process process = Distribution.started(builder);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ended(
        process.exitValue(),
        Files.readString(dir.resolve("stdout")),
        Files.readString(dir.resolve("stderr")));
  }

  private record Ended(int code, String out, String err) {}

  private Ended exec(String seed, String script, String... options)
      throws IOException, InterruptedException {
    Process process = Distribution.started(builder(seed, script, options));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ended(
        process.exitValue(),
        Files.readString(dir.resolve("stdout-" + seed)),
        Files.readString(dir.resolve("stderr-" + seed)));
  }

  private Process begin(String seed, String script) throws IOException {
    return Distribution.started(builder(seed, script));
  }

  private ProcessBuilder builder(String seed, String script, String... options) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                new Distribution(dir).script("bin/runledger").toString(), "exec", "--seed", seed));
    line.addAll(List.of(options));
    line.addAll(List.of("--", "bash", "-c", script));
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectOutput(dir.resolve("stdout-" + seed).toFile())
            .redirectError(dir.resolve("stderr-" + seed).toFile());
    if (Files.exists(dir.resolve("in.txt"))) {
      builder.redirectInput(dir.resolve("in.txt").toFile());
    } else {
      builder.redirectInput(Path.of("/dev/null").toFile());
    }
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder.environment().putAll(environment());
    builder.environment().put("OUT", dir.resolve("out.txt").toString());
    return builder;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = ledger.environment();
    environment.put("RUNLEDGER_EXPERIMENT", "exec");
    return environment;
  }

  private void await(String line) {
    Awaitility.await(line)
        .atMost(Duration.ofSeconds(60))
        .until(() -> Distribution.text(dir.resolve("out.txt")).lines().toList().contains(line));
  }

  private static void awaitFile(Path file) {
    Awaitility.await(file.toString())
        .atMost(Duration.ofSeconds(60))
        .until(() -> !Distribution.text(file).isBlank());
  }

  private static void signal(Process process, String name) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor())
        .isZero();
  }

  private void sync() throws Exception {
    DrainReport report =
        SpoolDrain.send(ledger.spool(), ledger.configuration(), Duration.ofMinutes(1));
    assertThat(report.complete()).as(report.toString()).isTrue();
    service.awaitCaughtUp();
  }

  private String points(String seed) throws Exception {
    return row(
        seed,
        "(SELECT count(*) FROM metrics m WHERE m.run_id = r.run_id AND metric_name = 'loss')");
  }

  private String all(String column) throws Exception {
    return LedgerSql.single(service.database(), "SELECT " + column);
  }

  private String row(String seed, String columns) throws Exception {
    long run = RunId.of(RunKey.of("exec", null, null, null, null, Long.parseLong(seed))).value();
    return LedgerSql.single(
        service.database(),
        "SELECT concat_ws('|', " + columns + ") FROM experiment_runs r WHERE run_id = ?",
        run);
  }
}
