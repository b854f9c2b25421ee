package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.process.ChildJvm;
import io.runledger.schemas.RunId;
import io.runledger.stack.LocalStack;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Jobs die in every way while they log and send: SIGKILL at chosen points and at random moments,
 * SIGTERM, exit, halt, an exception, no memory. Each event whose call returned must arrive, once.
 */
final class JobKills implements Scenario {

  private static final List<String> POINTS =
      List.of(
          "appended",
          "synced",
          "sent",
          "acknowledged",
          "segment-sent",
          "segment-deleted",
          "progress-written",
          "writer-made");
  private static final List<String> ENDS =
      List.of("return", "exit", "halt", "throw", "out-of-memory");
  private static final int CALLS = 1_600;

  @Override
  public String name() {
    return "job-kills";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int jobs = laboratory.times(10, 300);
    Path spool = laboratory.directory().resolve("spool");
    List<Integer> returned = new ArrayList<>();
    try (LocalStack stack = laboratory.stack()) {
      for (int job = 0; job < jobs; job++) {
        returned.add(runJob(laboratory, environment(stack, spool), POINTS, job, random));
      }
      Map<String, String> environment = environment(stack, spool);
      Distribution.Result sent = new Distribution(laboratory.directory()).run(environment, "sync");
      assertThat(sent.code()).as(sent.toString()).isZero();
      assertThat(left(spool)).as("everything was acknowledged, so nothing is left").isEmpty();
      return check(laboratory, stack, returned);
    }
  }

  private static Tally check(Laboratory laboratory, LocalStack stack, List<Integer> returned)
      throws Exception {
    try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
      service.awaitCaughtUp();
      Tally tally = check(service.database(), returned);
      Ledgers.assertVerified(laboratory.directory(), stack, service.database());
      return tally;
    }
  }

  /** Each call that returned is in the database, and no other one but the one in flight. */
  static Tally check(Path database, List<Integer> returned) throws Exception {
    long acknowledged = 0;
    long perhaps = 0;
    for (int job = 0; job < returned.size(); job++) {
      long points = points(database, job);
      assertThat(points)
          .as("points of job %d, of which %d calls returned", job, returned.get(job))
          .isBetween((long) returned.get(job), returned.get(job) + 1L);
      acknowledged += returned.get(job);
      perhaps += points - returned.get(job);
    }
    assertThat(Ledgers.count(database, "stream_gaps")).isZero();
    assertThat(Ledgers.count(database, "dead_letters")).isZero();
    assertThat(
            Ledgers.count(
                database,
                "metric_points p JOIN metric_series s USING (series_id) WHERE s.name = 'i' AND p.value <> p.step"))
        .as("points with another's value")
        .isZero();
    Ledgers.assertSound(database);
    return new Tally(returned.size(), acknowledged, perhaps, 0);
  }

  private static long points(Path database, int job) throws Exception {
    return Long.parseLong(
        LedgerSql.single(
            database,
            "SELECT count(*) FROM metric_points p JOIN metric_series s USING (series_id) WHERE s.name = 'i' AND s.run_id = ?",
            RunId.of(LoggingJob.key(job)).value()));
  }

  /**
   * Runs a job to its end; returns how many of its calls had returned by then.
   *
   * @param points where it may be killed
   */
  static int runJob(
      Laboratory laboratory,
      Map<String, String> environment,
      List<String> points,
      int job,
      Random random)
      throws IOException, InterruptedException {
    int how = random.nextInt(3);
    List<String> options = new ArrayList<>();
    if (how == 0) {
      String point = points.get(random.nextInt(points.size()));
      int most = point.equals("appended") ? CALLS : 3;
      options.add("-Drunledger.fail=" + point + "@" + (1 + random.nextInt(most)) + ":kill");
    }
    String end = how == 2 ? ENDS.get(random.nextInt(ENDS.size())) : "return";
    ProcessBuilder builder =
        ChildJvm.of(options, LoggingJob.class, "" + job, "" + CALLS, end)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(
                    laboratory.directory().resolve("jobs.log").toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (how == 1) {
      killLater(process, random);
    }
    int calls = 0;
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(LoggingJob.RETURNED)) {
          calls = Integer.parseInt(line.substring(LoggingJob.RETURNED.length()));
        }
      }
    } finally {
      process.waitFor();
    }
    return calls;
  }

  private static void killLater(Process process, Random random) {
    int millis = 400 + random.nextInt(800);
    boolean politely = random.nextInt(4) == 0;
    Thread killer =
        new Thread(
            () -> {
              try {
                if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                  // By its handle: Process.destroy() would close the stream being read as well.
                  ProcessHandle handle = process.toHandle();
                  boolean asked = politely ? handle.destroy() : handle.destroyForcibly();
                  assertThat(asked || !handle.isAlive()).isTrue();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "killer");
    killer.start();
  }

  private static Map<String, String> environment(LocalStack stack, Path spool) {
    Map<String, String> environment = new HashMap<>();
    environment.put("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
    environment.put("RUNLEDGER_SPOOL", spool.toString());
    return environment;
  }

  /** A job killed while it made its directory leaves that, empty but for the lock, for an hour. */
  private static List<Path> left(Path spool) throws IOException {
    try (Stream<Path> files = Files.walk(spool)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !spool.relativize(file).toString().matches("\\.new-\\w+/writer\\.lock"))
          .toList();
    }
  }
}
