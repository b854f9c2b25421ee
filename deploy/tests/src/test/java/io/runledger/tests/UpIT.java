package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.tests.Distribution.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code runledger up} and what is read and written through it, in real processes. */
class UpIT {

  private static final Duration READY = Duration.ofSeconds(90);
  private static final Duration ARRIVAL = Duration.ofSeconds(60);

  @TempDir private Path scratch;
  private Distribution distribution;
  private Path data;
  private Path log;
  private Process up;

  @BeforeEach
  void start() throws IOException {
    distribution = new Distribution(scratch);
    data = scratch.resolve("data");
    log = scratch.resolve("up.log");
    up = distribution.start(log, Map.of(), "up", "--data", data.toString());
    await()
        .atMost(READY)
        .failFast(
            "up ended before it was ready",
            () -> assertThat(up.isAlive()).as(Distribution.text(log)).isTrue())
        .until(() -> Distribution.text(log).contains("export RUNLEDGER_CONFIG="));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (up.isAlive()) {
      up.destroy();
      up.waitFor(60, TimeUnit.SECONDS);
      up.destroyForcibly();
    }
  }

  @Test
  void aSecondUpOnTheSameDirectoryIsRefusedWithASentence() throws Exception {
    Result second = distribution.run(Map.of(), "up", "--data", data.toString());

    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains(data.toString()).doesNotContain("\tat ");
    assertThat(up.isAlive()).isTrue();
  }

  @Test
  void nobodyElseCanReachAnyOfIt() throws Exception {
    List<ListeningSockets.Listening> listening = new ArrayList<>();
    for (ProcessHandle process :
        Stream.concat(Stream.of(up.toHandle()), up.descendants()).toList()) {
      listening.addAll(ListeningSockets.of(process.pid()));
    }

    assertThat(listening).as("broker, controller, registry, health").hasSizeGreaterThanOrEqualTo(4);
    assertThat(listening).allMatch(ListeningSockets.Listening::isLoopback);
  }

  @Test
  void sigtermStopsAllOfItAndLeavesNoProcess() throws Exception {
    List<ProcessHandle> all = up.descendants().toList();
    assertThat(all).hasSizeGreaterThanOrEqualTo(2);

    up.destroy();

    assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(all).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void sigkillOfTheCommandLeavesNoProcess() {
    List<ProcessHandle> all = up.descendants().toList();
    Set<String> before = temporaryFiles();

    up.destroyForcibly();

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(all).noneMatch(ProcessHandle::isAlive));
    assertThat(temporaryFiles()).isSubsetOf(before);
  }

  @Test
  void theExamplesRunsAreReadByVerbsAndByTheSqliteShellInBothDialects() throws Exception {
    Map<String, String> environment =
        Map.of("RUNLEDGER_CONFIG", data.resolve("stack.properties").toString());
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
                        sqlite("SELECT count(DISTINCT run_id) FROM run_metrics WHERE epoch = 20"))
                    .isEqualTo("10"));
    await()
        .atMost(ARRIVAL)
        .untilAsserted(
            () ->
                assertThat(
                        sqlite(
                            "SELECT status, count(*) FROM experiment_runs"
                                + " GROUP BY status ORDER BY status"))
                    .isEqualTo("completed|11\nfailed|1"));

    assertThat(
            sqlite(
                    "SELECT r.run_name, MIN(m.value) AS best_loss FROM runs r JOIN metrics m"
                        + " ON r.run_id = m.run_id WHERE m.metric_name = 'val/loss'"
                        + " GROUP BY r.run_id HAVING best_loss < 0.3")
                .lines())
        .hasSizeGreaterThanOrEqualTo(9);
    assertThat(
            sqlite(
                "SELECT elapsed_seconds, epoch, loss, f1 FROM run_metrics WHERE run_id ="
                    + " (SELECT min(run_id) FROM experiment_runs WHERE status = 'completed')"
                    + " ORDER BY elapsed_seconds"))
        .isNotEmpty();
    assertThat(distribution.run(environment, "list", "--json").code()).isZero();
    assertThat(distribution.run(environment, "show", "no-such-run").code()).isEqualTo(3);
    Result verified = distribution.run(environment, "verify");
    assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
  }

  private String sqlite(String statement) throws IOException, InterruptedException {
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

  private static Set<String> temporaryFiles() {
    try (var files = Files.list(Path.of("/tmp"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("(sqlite-|snappy-|libzstd|liblz4|librocksdb).*"))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new AssertionError("Cannot list /tmp", e);
    }
  }
}
