package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A desk: jobs and the follower of their spool die by SIGKILL, at chosen points and at random
 * moments. Each event whose call returned is in the database, once; and the same spool, sent to a
 * broker afterwards, gives a ledger with the same rows.
 */
final class FollowerKills implements Scenario {

  private static final List<String> POINTS_OF_JOBS = List.of("appended", "synced", "writer-made");
  private static final List<String> POINTS =
      List.of("polled", "begun", "mid-batch", "before-commit", "committed");
  private static final Duration ANSWER = Duration.ofMinutes(1);

  @Override
  public String name() {
    return "follower-kills";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Random random = laboratory.random();
    int jobs = laboratory.times(5, 100);
    Path spool = laboratory.directory().resolve("spool");
    Path database = laboratory.directory().resolve("desk.db");
    List<Integer> returned = new ArrayList<>();
    int kills = 0;
    for (int job = 0; job < jobs; job++) {
      Process follower = start(laboratory, spool, database, fault(random));
      Thread killer = killer(follower, 500 + random.nextInt(2_000));
      returned.add(JobKills.runJob(laboratory, environment(spool), POINTS_OF_JOBS, job, random));
      killer.join();
      assertThat(follower.waitFor(1, TimeUnit.MINUTES)).isTrue();
      kills++;
    }
    follow(laboratory, spool, database);
    Tally tally = JobKills.check(database, returned);
    assertVerified(laboratory, spool, database);
    assertSameAsSent(laboratory, spool, database);
    return new Tally(kills + jobs, tally.acknowledged(), tally.perhaps(), 0);
  }

  /** All that is in the spool. */
  private static void follow(Laboratory laboratory, Path spool, Path database) throws Exception {
    Process follower = start(laboratory, spool, database, Map.of());
    try {
      Path mark = Files.createFile(spool.resolve(".mark-last"));
      await().atMost(ANSWER).until(() -> !Files.exists(mark));
    } finally {
      follower.destroy();
    }
    assertThat(follower.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(follower.exitValue()).as(log(laboratory)).isZero();
  }

  private static Map<String, String> environment(Path spool) {
    Map<String, String> environment = new HashMap<>();
    environment.put("RUNLEDGER_SPOOL", spool.toString());
    environment.put("RUNLEDGER_SENDER_ENABLED", "false");
    environment.put("HOME", spool.getParent().toString());
    return environment;
  }

  private static Map<String, String> fault(Random random) {
    return random.nextBoolean()
        ? Map.of()
        : Map.of(
            "RUNLEDGER_JAVA_OPTS",
            "-Drunledger.fail="
                + POINTS.get(random.nextInt(POINTS.size()))
                + "@"
                + (1 + random.nextInt(5))
                + ":kill");
  }

  private static Process start(
      Laboratory laboratory, Path spool, Path database, Map<String, String> more)
      throws IOException {
    return new Distribution(laboratory.directory())
        .start(
            laboratory.directory().resolve("follower.log"),
            more,
            "follow",
            "--spool",
            spool.toString(),
            "--db",
            database.toString());
  }

  private static String log(Laboratory laboratory) {
    return Distribution.text(laboratory.directory().resolve("follower.log"));
  }

  private static Thread killer(Process follower, int millis) {
    Thread killer =
        new Thread(
            () -> {
              try {
                if (!follower.waitFor(millis, TimeUnit.MILLISECONDS)) {
                  follower.destroyForcibly();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "killer-of-follower");
    killer.start();
    return killer;
  }

  private static void assertVerified(Laboratory laboratory, Path spool, Path database)
      throws Exception {
    Distribution.Result verified =
        new Distribution(laboratory.directory())
            .run(Map.of(), "verify", "--spool", spool.toString(), "--db", database.toString());
    assertThat(verified.code()).as(verified.toString()).isZero();
    assertThat(verified.err()).contains("0 differences");
  }

  /** The desk grows into a cluster: the same files, sent, are the same rows, and stay there. */
  private static void assertSameAsSent(Laboratory laboratory, Path spool, Path database)
      throws Exception {
    Distribution distribution = new Distribution(laboratory.directory());
    try (LocalStack stack = laboratory.stack()) {
      Map<String, String> settings = Map.of("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
      Distribution.Result sent = distribution.run(settings, "sync", spool.toString());
      assertThat(sent.code()).as(sent.toString()).isZero();
      Distribution.Result again = distribution.run(settings, "sync", spool.toString());
      assertThat(again.err()).contains(" 0 events sent, nothing is left.");
      // The sender may be the first to see that a process is gone, and reports it in the spool.
      follow(laboratory, spool, database);
      try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
        service.awaitCaughtUp();
        assertThat(CanonicalDump.compare(database, service.database())).isEmpty();
      }
    }
    assertVerified(laboratory, spool, database);
  }
}
