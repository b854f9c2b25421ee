package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs on a real SLURM of one node, without a network of their own: a relay sends their spool, a
 * watcher tells what SLURM says, and the verbs must say the truth about each. Named by {@code
 * deploy/slurm/verify}, for it needs root.
 */
class SlurmIT {

  private static final boolean FULL = System.getProperty("runledger.endings", "").equals("full");
  private static final Path RESOURCES = Path.of("src/test/resources/slurm").toAbsolutePath();
  private static final Path EXAMPLES = Path.of("../slurm/examples").toAbsolutePath().normalize();
  private static final Path PYTHON =
      Path.of("../../producer/python/src").toAbsolutePath().normalize();
  private static final Duration DEADLINE = Duration.ofMinutes(FULL ? 15 : 5);

  /** Whether the kernel ends a job that takes too much memory; else slurmd does, and says less. */
  private static final boolean CGROUPS =
      Files.exists(Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"));

  @TempDir private Path dir;
  private LocalStack stack;
  private ServiceProcess service;
  private boolean pushed;
  private SlurmCluster cluster;
  private final List<Process> helpers = new ArrayList<>();

  /** How a job is to end, and what is true of its run then. */
  private enum Ending {
    OK("completed", null, "COMPLETED", "0:0", 1),
    EXIT_3("failed", null, "FAILED", "3:0", 1),
    TRACEBACK("failed", null, "FAILED", null, 1),
    KILL("failed", null, "FAILED", null, 1),
    MEMORY(
        "failed", CGROUPS ? "OUT_OF_MEMORY" : null, CGROUPS ? "OUT_OF_MEMORY" : "FAILED", null, 1),
    TIME_LIMIT("timeout", "TIMEOUT", "TIMEOUT", null, 1),
    IGNORES_TERM("timeout", "TIMEOUT", "TIMEOUT", null, 1),
    CANCEL("failed", "CANCELLED", "CANCELLED", null, 1),
    REQUEUE("completed", null, "COMPLETED", "0:0", 2),
    REQUEUE_TWICE("completed", null, "COMPLETED", "0:0", 3),
    REQUEUE_FAIL("failed", null, "FAILED", "3:0", 2),
    CANCEL_WAITING("failed", "CANCELLED", "CANCELLED", null, 1);

    private final String status;
    private final String reason;
    private final String state;
    private final String exit;
    private final int attempts;

    Ending(String status, String reason, String state, String exit, int attempts) {
      this.status = status;
      this.reason = reason;
      this.state = state;
      this.exit = exit;
      this.attempts = attempts;
    }

    private String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private boolean isEndedByTime() {
      return this == TIME_LIMIT || this == IGNORES_TERM;
    }
  }

  /** A job that was submitted. */
  private record Submitted(String kind, Ending ending, long jobId) {

    private String selector() {
      return "endings/" + ending.word() + "/" + kind + "/-/-/1";
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (Process helper : helpers) {
      helper.destroy();
    }
    for (Process helper : helpers) {
      assertThat(helper.waitFor(30, TimeUnit.SECONDS)).as("it ended when it was told to").isTrue();
    }
    if (cluster != null) {
      cluster.down();
    }
    if (service != null) {
      service.close();
    }
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void theTruthIsToldOfEveryEndingByAskingAlone() throws Exception {
    start(false);
    List<Submitted> jobs =
        List.of(
            submit("exec-bash", Ending.TIME_LIMIT),
            submit("python", Ending.CANCEL),
            submit("exec-python", Ending.REQUEUE));
    disturb(jobs);

    for (Submitted job : jobs) {
      assertTruth(job);
    }
    Ledgers.assertVerified(dir, stack, service.database());
  }

  @Test
  void theTruthIsToldOfEveryEndingThatSlurmPushes() throws Exception {
    start(true);
    List<Submitted> jobs = new ArrayList<>();
    for (String kind : List.of("exec-python", "exec-bash", "python")) {
      for (Ending ending : Ending.values()) {
        if (FULL || isOfFastRun(kind, ending)) {
          jobs.add(submit(kind, ending));
        }
      }
    }
    long array = example("array.sbatch", List.of("--array=1-4"), "--steps", "30");
    long bash = example("bash.sbatch", List.of(), "greek");
    long python = example("python.sbatch", List.of(), "7", "--steps", "20");
    disturb(jobs);
    long resumed =
        example("array.sbatch", List.of("--array=5"), "--steps", "80", "--pause", "0.25");
    requeueWhenItHasLogged("line/-/-/-/-/5", resumed + "_5");

    for (Submitted job : jobs) {
      assertTruth(job);
    }
    assertExamples(array, resumed, bash, python);
    Ledgers.assertVerified(dir, stack, service.database());
    System.out.println("SlurmIT: " + (jobs.size() + 7) + " endings");
  }

  private static boolean isOfFastRun(String kind, Ending ending) {
    return switch (ending) {
      case TRACEBACK, MEMORY -> kind.equals("exec-python");
      case TIME_LIMIT, KILL -> kind.equals("python");
      case CANCEL, REQUEUE_FAIL -> kind.equals("exec-bash");
      default -> false;
    };
  }

  private void start(boolean pushes) throws Exception {
    pushed = pushes;
    stack = LocalStack.start(dir.resolve("data"), StackOptions.freePorts());
    service = ServiceProcess.start(dir, stack);
    service.awaitRunning();
    Files.createDirectories(dir.resolve("spool"));
    Files.createDirectories(dir.resolve("ready"));
    List<String> watch =
        new ArrayList<>(List.of("slurm", "watch", "--cluster", "lab", "--interval", "10"));
    if (pushes) {
      watch.addAll(List.of("--listen", "127.0.0.1:0"));
    }
    // First, because its port is in the cluster's settings; it asks SLURM once there are jobs.
    helper(watch.toArray(String[]::new));
    cluster = SlurmCluster.up(dir, pushes ? Optional.of(completions()) : Optional.empty());
    helper("relay", dir.resolve("spool").toString());
  }

  /** Where the watcher says that it listens. */
  private String completions() {
    Pattern address = Pattern.compile("Listening on (http://\\S+/slurm/_doc)");
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> address.matcher(Distribution.text(dir.resolve("slurm.log"))), Matcher::find)
        .group(1);
  }

  private void helper(String... words) throws IOException {
    Map<String, String> environment = new HashMap<>(SlurmCluster.environment(dir));
    environment.put("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
    // Where the watcher's own observations go; another one's sender must not be needed.
    environment.put("RUNLEDGER_SPOOL", dir.resolve("spool-of-" + words[0]).toString());
    helpers.add(new Distribution(dir).start(dir.resolve(words[0] + ".log"), environment, words));
  }

  private Submitted submit(String kind, Ending ending) throws Exception {
    List<String> options = new ArrayList<>(List.of("--requeue"));
    options.add("--time=" + (ending.isEndedByTime() ? 1 : 30));
    long id =
        cluster.submit(
            jobEnvironment(),
            options,
            RESOURCES.resolve("ending.sbatch"),
            kind,
            ending.word(),
            "1");
    return new Submitted(kind, ending, id);
  }

  private long example(String script, List<String> options, String... words) throws Exception {
    return cluster.submit(jobEnvironment(), options, EXAMPLES.resolve(script), words);
  }

  /** No network for a job: it can append to the spool, and that is all. */
  private Map<String, String> jobEnvironment() {
    String bin = new Distribution(dir).script("bin").toString();
    return Map.of(
        "PATH", bin + ":" + System.getenv("PATH"),
        "PYTHONPATH", PYTHON.toString(),
        "PYTHONDONTWRITEBYTECODE", "1",
        "RUNLEDGER_SPOOL", dir.resolve("spool").toString(),
        "RUNLEDGER_SENDER_ENABLED", "false",
        "SCRIPTS", RESOURCES.toString(),
        "READY", dir.resolve("ready").toString(),
        "TRAIN", EXAMPLES.resolve("train.py").toString());
  }

  private void disturb(List<Submitted> jobs) throws Exception {
    ExecutorService hands = Executors.newFixedThreadPool(jobs.size());
    try {
      List<Callable<Void>> all = new ArrayList<>();
      jobs.forEach(job -> all.add(() -> disturb(job)));
      for (Future<Void> done : hands.invokeAll(all)) {
        done.get();
      }
    } finally {
      hands.shutdownNow();
    }
  }

  /** Does to the job from outside what its ending needs. */
  private Void disturb(Submitted job) throws Exception {
    String id = Long.toString(job.jobId());
    switch (job.ending()) {
      case CANCEL -> {
        awaitReady(job, 0);
        cluster.command("scancel", id);
      }
      case REQUEUE, REQUEUE_FAIL -> {
        awaitReady(job, 0);
        cluster.command("scontrol", "requeue", id);
      }
      case REQUEUE_TWICE -> {
        awaitReady(job, 0);
        cluster.command("scontrol", "requeue", id);
        awaitReady(job, 1);
        cluster.command("scontrol", "requeue", id);
      }
      case CANCEL_WAITING -> {
        awaitReady(job, 0);
        cluster.command("scontrol", "requeuehold", id);
        await()
            .atMost(DEADLINE)
            .until(
                () ->
                    cluster
                        .command("squeue", "-h", "-j", id + "," + id, "-o", "%T")
                        .contains("PENDING"));
        cluster.command("scancel", id);
      }
      default -> {}
    }
    return null;
  }

  private void awaitReady(Submitted job, int start) {
    Path marker =
        dir.resolve("ready").resolve(job.kind() + "-" + job.ending().word() + "-" + start);
    await(marker.toString()).atMost(DEADLINE).until(() -> Files.exists(marker));
  }

  /** Asks the database itself: on a busy machine the job would end while a verb starts. */
  private void requeueWhenItHasLogged(String run, String job) throws Exception {
    await(run)
        .atMost(DEADLINE)
        .until(
            () ->
                !one(
                        "SELECT count(*) FROM metrics m JOIN runs r USING (run_id) WHERE r.run_name = ?",
                        run)
                    .equals("0"));
    cluster.command("scancel", "--signal=USR1", "--batch", job);
  }

  private void assertTruth(Submitted job) throws Exception {
    Ending ending = job.ending();
    // A job that died without a report, and that nobody watched, is known only to SLURM.
    String reason = ending == Ending.KILL && job.kind().equals("python") ? "FAILED" : ending.reason;
    String expected = ending.status + "|" + reason + "|" + ending.attempts;
    await(job.toString())
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              assertThat(status(job)).isEqualTo(expected);
              assertThat(state(job)).startsWith(ending.state + " ").contains(exit(ending));
            });
    Distribution.Result why = verb("why", job.selector());
    assertThat(why.code()).as(why.toString()).isZero();
    assertThat(why.out()).as(job.toString()).contains(ending.status, ending.state);
    Distribution.Result shown = verb("show", job.selector());
    assertThat(shown.out()).as(job.toString()).contains(ending.status, "" + job.jobId());
    assertThat(verb("list", "--limit", "200", "--csv").out())
        .containsPattern(ending.word() + "/" + job.kind() + "/.*," + ending.status + ",");
    // The newest attempt's comes first.
    String row =
        verb("jobs", "--limit", "200")
            .out()
            .lines()
            .filter(line -> line.startsWith(job.jobId() + " "))
            .findFirst()
            .orElseThrow();
    assertThat(row).contains(ending.state, exit(ending));
    assertThat(points(job)).as(job.toString()).isEqualTo(Integer.toString(4 * ending.attempts + 1));
    if (ending == Ending.TRACEBACK) {
      assertThat(verb("errors", job.selector()).out())
          .as(job.toString())
          .contains(job.kind().equals("exec-bash") ? "bad shape" : "ValueError");
    }
  }

  /** SLURM's exit code, which squeue does not give. */
  private String exit(Ending ending) {
    return pushed && ending.exit != null ? ending.exit : "";
  }

  private void assertExamples(long array, long resumed, long bash, long python) throws Exception {
    for (int task = 1; task <= 4; task++) {
      assertExample("line/-/-/-/-/" + task, "completed|1", 30);
    }
    assertExample("line/-/-/-/-/5", "completed|2", 80);
    assertExample("line/-/-/-/-/7", "completed|1", 20);
    assertThat(verb("metrics", "count/greek/-/-/-/-", "letters", "--csv").out())
        .containsPattern("(?m),4(\\.0)?(,|$)");
    List<String> labels = new ArrayList<>(List.of(resumed + "_5", "" + bash, "" + python));
    for (int task = 1; task <= 4; task++) {
      labels.add(array + "_" + task);
    }
    await("the end of each job")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              String jobs = verb("jobs", "--limit", "200").out();
              for (String label : labels) {
                assertThat(jobs).containsPattern("(?m)^" + label + " .*COMPLETED");
              }
            });
  }

  private void assertExample(String run, String expected, int points) throws Exception {
    String seed = run.substring(run.lastIndexOf('/') + 1);
    await(run)
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              assertThat(
                      one(
                          """
                          SELECT status || '|' || attempts
                            FROM experiment_runs
                           WHERE experiment = 'line' AND seed = ?
                          """,
                          seed))
                  .isEqualTo(expected);
              assertThat(
                      one(
                          """
                          SELECT count(*) || '|' || count(DISTINCT m.step)
                            FROM metrics m JOIN experiment_runs r ON r.run_id = m.run_id
                           WHERE r.experiment = 'line' AND r.seed = ? AND m.metric_name = 'loss'
                          """,
                          seed))
                  .isEqualTo(points + "|" + points);
            });
  }

  private String status(Submitted job) throws Exception {
    return one(
        """
        SELECT ifnull(max(status || '|' || CASE WHEN status_rule = 'slurm' THEN status_reason
                                                ELSE 'null' END || '|' || attempts), 'no run')
          FROM (SELECT r.*, a.status_rule
                  FROM experiment_runs r
                  JOIN run_attempts a ON a.run_id = r.run_id AND a.attempt_id = r.last_attempt_id
                 WHERE r.experiment = 'endings' AND r.dataset = ? AND r.method = ?)
        """,
        job.ending().word(),
        job.kind());
  }

  /** State and exit code that SLURM gave last for the newest attempt's job. */
  private String state(Submitted job) throws Exception {
    return one(
        """
        SELECT ifnull(max(j.state || ' ' || ifnull(j.exit_code || ':' || ifnull(j.exit_signal, 0), '-')),
                      'no state')
          FROM experiment_runs r
          JOIN slurm_jobs j ON j.run_id = r.run_id AND j.attempt_id = r.last_attempt_id
         WHERE r.experiment = 'endings' AND r.dataset = ? AND r.method = ?
        """,
        job.ending().word(),
        job.kind());
  }

  private String points(Submitted job) throws Exception {
    return one(
        """
        SELECT count(*)
          FROM metrics m JOIN experiment_runs r ON r.run_id = m.run_id
         WHERE r.experiment = 'endings' AND r.dataset = ? AND r.method = ?
           AND m.metric_name = 'loss'
        """,
        job.ending().word(),
        job.kind());
  }

  private String one(String sql, Object... parameters) throws Exception {
    return LedgerSql.single(service.database(), sql, parameters);
  }

  private Distribution.Result verb(String... words) throws Exception {
    return new Distribution(dir).run(Map.of("RUNLEDGER_DB", service.database().toString()), words);
  }
}
