package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in Python, sent by a relay while they run and from copies of their spool. */
class PythonIT {

  private static final Path PACKAGE = Path.of("../../producer/python").toAbsolutePath().normalize();

  /** Trains a line through points by descent: three processes, each with a seed of its own. */
  private static final String TRAINING =
      """
      import random, sys, runledger
      seed = int(sys.argv[1])
      points = random.Random(seed)
      data = [(x, 3 * x + points.gauss(0, 0.1)) for x in [points.random() for _ in range(50)]]
      weight = 0.0
      with runledger.init(experiment="line", seed=seed, config={"rate": 0.5}) as run:
          for step in range(200):
              gradient = sum(2 * (weight * x - y) * x for x, y in data) / len(data)
              weight -= 0.5 * gradient
              loss = sum((weight * x - y) ** 2 for x, y in data) / len(data)
              run.log({"loss": loss, "weight": weight}, step=step)
          run.results({"weight": weight})
      assert 2.8 < weight < 3.2, weight
      """;

  @TempDir private static Path dir;
  private static LocalStack stack;
  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    stack = LocalStack.start(dir.resolve("data"), StackOptions.freePorts());
    service = ServiceProcess.start(dir, stack);
  }

  @AfterAll
  static void stop() {
    service.close();
    stack.close();
  }

  @Test
  void theUsesOfTheTrackersBeforeComeTrueThroughTheStack() throws Exception {
    Path spool = Files.createDirectory(dir.resolve("relayed"));
    Process relay = relay(spool);
    try {
      python(
          spool,
          service.database(),
          "-m",
          "unittest",
          "discover",
          "-s",
          PACKAGE.resolve("stack_tests").toString());
    } finally {
      relay.destroy();
      assertThat(relay.waitFor(30, TimeUnit.SECONDS)).as("the relay ended").isTrue();
    }
    Ledgers.assertVerified(dir, stack, service.database());
  }

  @Test
  void threeTrainingsWithoutABrokerAreSentFromTwoPlacesAndCountOnce() throws Exception {
    Path spool = Files.createDirectory(dir.resolve("offline"));
    Path copy = dir.resolve("copy");
    Path script = Files.writeString(dir.resolve("train.py"), TRAINING);
    for (int seed = 1; seed <= 3; seed++) {
      python(spool, dir.resolve("none.db"), script.toString(), Integer.toString(seed));
    }
    copyOf(spool, copy);
    for (Path place : List.of(copy, spool, copy, spool)) {
      sync(place);
    }
    service.awaitCaughtUp();

    assertThat(
            ServiceProcess.single(
                service.database(),
                """
                SELECT count(*) || '|' || min(status) || '|' || max(status)
                  FROM experiment_runs
                 WHERE experiment = 'line'
                """))
        .isEqualTo("3|completed|completed");
    assertThat(
            ServiceProcess.single(
                service.database(),
                "SELECT count(*) FROM raw_metrics WHERE metric_name IN ('loss', 'weight')"
                    + " AND run_id IN (SELECT run_id FROM experiment_runs WHERE experiment = 'line')"))
        .isEqualTo(Integer.toString(3 * 200 * 2));
    assertThat(Ledgers.count(service.database(), "stream_gaps")).isZero();
    Ledgers.assertVerified(dir, stack, service.database());
  }

  private Process relay(Path spool) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            new Distribution(dir).script("bin/runledger").toString(), "relay", spool.toString());
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder.environment().put("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("relay.log").toFile())
        .start();
  }

  private void python(Path spool, Path database, String... words) throws Exception {
    Path output = dir.resolve("python.log");
    String[] line = new String[words.length + 1];
    line[0] = "python3";
    System.arraycopy(words, 0, line, 1, words.length);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "PYTHONPATH", PACKAGE.resolve("src").toString(),
                "PYTHONDONTWRITEBYTECODE", "1",
                "RUNLEDGER_SPOOL", spool.toString(),
                "RUNLEDGER_DB", database.toString()));
    Process python = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertThat(python.waitFor(240, TimeUnit.SECONDS)).as("python ended").isTrue();
    assertThat(python.exitValue()).as(Distribution.text(output)).isZero();
  }

  private void sync(Path spool) throws Exception {
    Distribution.Result result =
        new Distribution(dir)
            .run(
                Map.of("RUNLEDGER_CONFIG", stack.propertiesFile().toString()),
                "sync",
                spool.toString());
    assertThat(result.code()).as(result.toString()).isZero();
  }

  private static void copyOf(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
