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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs in Python, sent by a relay while they run and from copies of their spool. */
class PythonIT {

  private static final Path PACKAGE = Path.of("../../producer/python").toAbsolutePath().normalize();

  private static final Path DIGITS = PACKAGE.resolve("examples/digits.py");

  /** Trains a line through points by descent: three processes, each with its own seed. */
  private static final String TRAINING =
      """
      import random, sys, runledger
      seed, steps = int(sys.argv[1]), int(sys.argv[2])
      points = random.Random(seed)
      data = [(x, 3 * x + points.gauss(0, 0.1)) for x in [points.random() for _ in range(50)]]
      weight = 0.0
      with runledger.init(experiment="line", seed=seed, config={"rate": 0.5}) as run:
          for step in range(steps):
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
    usesComeTrue("test_experiment_db.py");
  }

  @Test
  @Tag("long")
  void theQuestionsOfAStudyOfSixtyRunsAreAnswered() throws Exception {
    usesComeTrue("test_questions.py");
  }

  private void usesComeTrue(String tests) throws Exception {
    Path spool = Files.createDirectory(dir.resolve("relayed-" + tests));
    // A reader says at once that nobody writes the database.
    service.awaitRunning();
    Process relay = relay(spool);
    try {
      python(
          spool,
          service.database(),
          "-m",
          "unittest",
          "discover",
          "-p",
          tests,
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
    Path script = Files.writeString(dir.resolve("train.py"), TRAINING);
    for (int seed = 1; seed <= 3; seed++) {
      python(spool, dir.resolve("none.db"), script.toString(), "" + seed, "200");
    }

    syncFromTwoPlaces(spool);

    assertRuns("line", 3, 3 * 200 * 2);
  }

  @Test
  @Tag("long")
  void threeScikitLearnTrainingsWithoutABrokerAreSentFromTwoPlacesAndCountOnce() throws Exception {
    Optional<String> python = interpreterWith("sklearn");
    Assumptions.assumeTrue(
        python.isPresent(),
        "No python3 here has scikit-learn; Debian's package is python3-sklearn.");
    Path spool = Files.createDirectory(dir.resolve("digits"));
    List<Process> trainings = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      trainings.add(
          start(
              python.get(), spool, dir.resolve("none.db"), DIGITS.toString(), "--seed", "" + seed));
    }
    for (Process training : trainings) {
      awaitSuccess(training);
    }

    syncFromTwoPlaces(spool);

    assertRuns("digits", 3, 3 * 20 * 2);
    assertThat(
            LedgerSql.single(
                service.database(),
                "SELECT min(value) > 0.9 FROM metrics WHERE metric_name = 'val/f1' AND epoch = 19"))
        .as("they learned something")
        .isEqualTo("1");
    assertThat(Ledgers.count(service.database(), "artifacts WHERE artifact_type = 'model'"))
        .isEqualTo(3);
  }

  @Test
  @Tag("long")
  void aProducerAndAConsumerOfAnotherHouseNeedNothingOfOurs() throws Exception {
    Path examples = Path.of("../docs/examples").toAbsolutePath().normalize();
    String python = interpreterOfAnotherHouse().toString();
    String[] cluster = {stack.bootstrapServers(), stack.registryUrl()};

    awaitSuccess(
        start(
            python,
            dir.resolve("no-spool"),
            dir.resolve("none.db"),
            examples.resolve("foreign_producer.py").toString(),
            cluster[0],
            cluster[1]));
    service.awaitCaughtUp();

    assertRuns("foreign", 1, 10);
    awaitSuccess(
        start(
            python,
            dir.resolve("no-spool"),
            dir.resolve("none.db"),
            examples.resolve("foreign_consumer.py").toString(),
            cluster[0],
            cluster[1]));
    assertThat(Distribution.text(dir.resolve("python.log")))
        .contains("io.runledger.schemas.event.RunStarted", "\"experiment\": \"foreign\"");
  }

  /** A Python with Confluent's client and fastavro, made once. */
  private static Path interpreterOfAnotherHouse() throws Exception {
    Path home = Path.of("target/another-house").toAbsolutePath();
    Path python = home.resolve("bin/python");
    boolean made =
        succeeds(python.toString(), "-c", "import confluent_kafka, fastavro")
            || (succeeds("python3", "-m", "venv", home.toString())
                && succeeds(
                    python.toString(),
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "confluent-kafka",
                    "fastavro"));
    Assumptions.assumeTrue(made, "confluent-kafka and fastavro cannot be installed here.");
    return python;
  }

  private static boolean succeeds(String... words) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(180, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException notThere) {
      return false;
    }
  }

  @Test
  void aRelayThatIsKilledInTheMiddleLosesNothingAndSendsNothingTwice() throws Exception {
    Path spool = Files.createDirectory(dir.resolve("killed-relay"));
    Path script =
        Files.writeString(
            dir.resolve("killed.py"), TRAINING.replace("\"line\"", "\"killed-relay\""));
    List<Process> trainings = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      trainings.add(
          start("python3", spool, dir.resolve("none.db"), script.toString(), "" + seed, "20000"));
    }
    await().atMost(Duration.ofMinutes(1)).until(() -> !isSent(spool));
    int killedInTheMiddle = 0;
    for (int kill = 0; kill < 5; kill++) {
      long before = recordsOnTopics();
      Process relay = relay(spool);
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> recordsOnTopics() > before || isSent(spool));
      relay.destroyForcibly().waitFor();
      killedInTheMiddle += isSent(spool) ? 0 : 1;
    }
    assertThat(killedInTheMiddle).isPositive();
    for (Process training : trainings) {
      awaitSuccess(training);
    }
    sync(spool);

    assertRuns("killed-relay", 3, 3 * 20_000 * 2);
  }

  private static long recordsOnTopics() throws Exception {
    return TestLedger.of(stack).ends().values().stream().mapToLong(end -> end).sum();
  }

  private static boolean isSent(Path spool) throws IOException {
    try (Stream<Path> files = Files.list(spool)) {
      return files.noneMatch(file -> file.toString().endsWith(".jsonl"));
    }
  }

  /** From where it was written and from a copy, each twice. */
  private void syncFromTwoPlaces(Path spool) throws Exception {
    Path copy = dir.resolve(spool.getFileName() + "-copied");
    copyOf(spool, copy);
    for (Path place : List.of(copy, spool, copy, spool)) {
      sync(place);
    }
  }

  private void assertRuns(String experiment, int runs, int points) throws Exception {
    service.awaitCaughtUp();
    assertThat(
            LedgerSql.single(
                service.database(),
                """
                SELECT count(*) || '|' || min(status) || '|' || max(status) || '|' || max(attempts)
                  FROM experiment_runs
                 WHERE experiment = ?
                """,
                experiment))
        .isEqualTo(runs + "|completed|completed|1");
    assertThat(
            LedgerSql.single(
                service.database(),
                """
                SELECT count(*)
                  FROM raw_metrics
                 WHERE run_id IN (SELECT run_id FROM experiment_runs WHERE experiment = ?)
                """,
                experiment))
        .isEqualTo(Integer.toString(points));
    assertThat(Ledgers.count(service.database(), "stream_gaps")).isZero();
    Ledgers.assertVerified(dir, stack, service.database());
  }

  /** A python3 that can import the module. */
  private static Optional<String> interpreterWith(String module) throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      Process tried =
          new ProcessBuilder(python, "-c", "import " + module)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (tried.waitFor() == 0) {
        return Optional.of(python);
      }
    }
    return Optional.empty();
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
    awaitSuccess(start("python3", spool, database, words));
  }

  private void awaitSuccess(Process python) throws Exception {
    assertThat(python.waitFor(240, TimeUnit.SECONDS)).as("python ended").isTrue();
    assertThat(python.exitValue()).as(Distribution.text(dir.resolve("python.log"))).isZero();
  }

  private Process start(String python, Path spool, Path database, String... words)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(python));
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line).directory(dir.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("RUNLEDGER_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "PYTHONPATH", PACKAGE.resolve("src").toString(),
                "PYTHONDONTWRITEBYTECODE", "1",
                "RUNLEDGER_SPOOL", spool.toString(),
                "RUNLEDGER_DB", database.toString()));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("python.log").toFile()))
        .start();
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
