package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.web.security.Role;
import io.runledger.web.security.Tokens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs of a machine that reaches nothing but a server: with {@code RUNLEDGER_URL} and a token they
 * are recorded as always, and their events go over HTTP, whether the server is there or not.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ServerUrlIT {

  /** Ends when a file is there, if one is named. */
  private static final String TRAINING =
      """
      import os, runledger, sys, time
      with runledger.init(experiment="far", seed=int(sys.argv[1]), config={"lr": 0.1}) as run:
          for step in range(100):
              run.log({"loss": 1 / (1 + step)}, step=step)
          while len(sys.argv) > 2 and not os.path.exists(sys.argv[2]):
              time.sleep(0.05)
      """;

  private static final String LINE_OF_A_SHELL =
      """
      printf '{"run_id":"%s","attempt_id":"%s","metrics":{"loss":0.5},"step":1}\\n' \
        "$RUNLEDGER_RUN_ID" "$RUNLEDGER_ATTEMPT_ID" >> "$RUNLEDGER_SPOOL/job-$$.jsonl"
      exit 3
      """;

  private static final Duration SOON = Duration.ofMinutes(2);

  @TempDir private Path directory;
  private Distribution distribution;
  private FollowedServer server;
  private String token;
  private Path spool;
  private Path training;

  @BeforeEach
  void start() throws IOException {
    Path here = Files.createDirectory(directory.resolve("server"));
    server = new FollowedServer(here, true);
    token = Tokens.of(server.database()).create("jobs", Role.EDITOR);
    distribution = new Distribution(directory);
    spool = directory.resolve("far");
    training = Files.writeString(directory.resolve("train.py"), TRAINING);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("RUNLEDGER_SPOOL", spool.toString());
    environment.put("RUNLEDGER_URL", server.url());
    environment.put("RUNLEDGER_TOKEN", token);
    environment.put("RUNLEDGER_CLOSE_TIMEOUT_MS", "1000");
    environment.put(
        "PYTHONPATH", Path.of("../../producer/python/src").toAbsolutePath().normalize().toString());
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    return environment;
  }

  /** The words that run a command as a seed of the experiment. */
  private static String[] exec(int seed, String... command) {
    Stream<String> words =
        Stream.of("exec", "--usage-seconds", "0", "--experiment", "far", "--seed");
    return Stream.of(words, Stream.of(Integer.toString(seed), "--"), Stream.of(command))
        .flatMap(each -> each)
        .toArray(String[]::new);
  }

  @Test
  void aServerThatComesMeanwhileSeesTheRunBeforeItsEnd() throws Exception {
    server.stopServing();
    Path go = directory.resolve("go");
    Path output = directory.resolve("exec.txt");
    Process job =
        distribution.start(
            output, environment(), exec(1, "python3", training.toString(), "1", go.toString()));
    await().atMost(SOON).until(() -> holds(spool, ".jsonl"));
    server.serve();

    await().atMost(SOON).untilAsserted(() -> assertThat(row(1)).isEqualTo("running||100|1"));
    assertThat(
            Stream.concat(Stream.of(job.toHandle()), job.descendants())
                .map(process -> process.info().commandLine().orElse("")))
        .isNotEmpty()
        .noneMatch(line -> line.contains(token));
    Files.createFile(go);
    assertThat(job.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(job.exitValue()).as(Distribution.text(output)).isZero();
    await().atMost(SOON).untilAsserted(() -> assertThat(row(1)).isEqualTo("completed|0|100|1"));
    assertThat(sources()).as(Distribution.text(output)).isEmpty();
    assertNothingIsMissing();
    assertNobodyHasTheToken();
  }

  @Test
  void jobsWithoutAServerEndWellAndSyncSendsThemOnce() throws Exception {
    server.stopServing();
    Distribution.Result python =
        distribution.runCommand(
            environment(), Path.of("/usr/bin/env"), "python3", training.toString(), "2");
    Distribution.Result shell =
        distribution.run(environment(), exec(3, "sh", "-c", LINE_OF_A_SHELL));
    assertThat(python.code()).as(python.toString()).isZero();
    assertThat(shell.code()).as(shell.toString()).isEqualTo(3);
    assertThat(shell.err()).contains("'runledger sync'");
    Distribution.Result inVain = distribution.run(environment(), "sync", "--timeout", "1");
    assertThat(inVain.code()).as(inVain.toString()).isEqualTo(1);
    Path copy = directory.resolve("copy");
    copy(spool, copy);
    server.serve();

    Distribution.Result sent = distribution.run(environment(), "sync");
    Distribution.Result again = distribution.run(environment(), "sync", copy.toString());

    // The file of the shell has no end, and stays.
    assertThat(sent.code()).as(sent.toString()).isZero();
    assertThat(again.code()).as(again.toString()).isZero();
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(row(2)).as("nobody saw its exit code").isEqualTo("completed||100|1");
              assertThat(row(3)).isEqualTo("failed|3|1|1");
            });
    assertThat(sources()).allMatch(name -> name.startsWith("job-"));
    assertNothingIsMissing();
    assertNobodyHasTheToken();
  }

  @Test
  void whereAServerAndBrokersAreSetJobsRunAndVerbsRefuse() throws Exception {
    Map<String, String> environment = environment();
    environment.put("RUNLEDGER_BOOTSTRAP_SERVERS", "127.0.0.1:1");

    Distribution.Result job = distribution.run(environment, "exec", "--seed", "4", "--", "true");
    Distribution.Result sync = distribution.run(environment, "sync");

    assertThat(job.code()).as(job.toString()).isZero();
    assertThat(job.err()).contains("Two places are set for events", "events wait in " + spool);
    assertThat(sync.code()).as(sync.toString()).isEqualTo(2);
    assertThat(sync.err()).contains("Two places are set for events");
    assertThat(sources()).isNotEmpty();
  }

  private String row(int seed) throws Exception {
    long run = RunId.of(RunKey.of("far", null, null, null, null, (long) seed)).value();
    return LedgerSql.single(
        server.database(),
        """
        SELECT concat_ws('|', status, ifnull(exit_code, ''),
                 (SELECT count(*) FROM raw_metrics m WHERE m.run_id = r.run_id AND metric_name = 'loss'), attempts)
          FROM experiment_runs r
         WHERE run_id = ?
        """,
        run);
  }

  private void assertNothingIsMissing() throws Exception {
    Path database = server.database();
    assertThat(Ledgers.count(database, "stream_gaps")).isZero();
    assertThat(Ledgers.count(database, "dead_letters")).isZero();
  }

  private void assertNobodyHasTheToken() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile))
          .isNotEmpty()
          .noneMatch(file -> read(file).contains(token));
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError("Cannot read " + file, e);
    }
  }

  private static boolean holds(Path spool, String ending) throws IOException {
    if (!Files.isDirectory(spool)) {
      return false;
    }
    try (Stream<Path> files = Files.list(spool)) {
      return files.anyMatch(file -> file.toString().endsWith(ending));
    }
  }

  /** The names of what waits, or is kept, in the spool. */
  private List<String> sources() throws IOException {
    try (Stream<Path> files = Files.list(spool)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
