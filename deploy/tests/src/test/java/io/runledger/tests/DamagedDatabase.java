package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A page of the stopped database is damaged. The service refuses it and says what to run; a rebuild
 * puts an equal one in place and keeps the damaged file; so does a backup that was made while the
 * service wrote, with the command that it named.
 */
final class DamagedDatabase implements Scenario {

  private static final int PAGE = 4096;

  @Override
  public String name() {
    return "database-damaged";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    Path directory = laboratory.directory();
    int times = laboratory.times(1, 8);
    TrainingHistory history = new TrainingHistory(laboratory.seed(), 20, 2_000);
    List<TrainingHistory.Message> messages = history.inOrder(5);
    Random random = laboratory.random();
    Path backup = directory.resolve("backup.db");
    String restore;
    try (LocalStack stack = laboratory.stack();
        RawProducer producer = new RawProducer(stack)) {
      Map<String, String> environment =
          Map.of("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
      Distribution distribution = new Distribution(directory);
      Path database = stack.directory().resolve("runledger.db");
      try (ServiceProcess service = ServiceProcess.start(directory, stack)) {
        service.awaitRunning();
        producer.send(messages.subList(0, messages.size() / 2));
        Distribution.Result made = distribution.run(environment, "backup", backup.toString());
        assertThat(made.code()).as(made.toString()).isZero();
        restore = made.err().lines().reduce((first, last) -> last).orElseThrow().strip();
        producer.send(messages.subList(messages.size() / 2, messages.size()));
        service.awaitCaughtUp();
        assertThat(service.terminate()).as(service.output()).isZero();
      }
      for (int time = 0; time < times; time++) {
        Path file = database.toRealPath();
        invertPage(file, 1 + random.nextLong(Files.size(file) / PAGE - 1));
        ServiceProcess refused = ServiceProcess.start(directory, stack);
        assertThat(refused.awaitEnd()).as(refused.output()).isEqualTo(1);
        assertThat(refused.output()).contains("is damaged", "runledger rebuild --db " + database);

        Distribution.Result rebuilt = distribution.run(environment, "rebuild");

        assertThat(rebuilt.code()).as(rebuilt.toString()).isZero();
        assertThat(rebuilt.err()).contains("The old database was damaged");
        assertThat(kept(database)).hasSize(time + 1);
        Ledgers.assertSound(database);
        Ledgers.assertVerified(directory, stack, database);
      }

      Process shell = new ProcessBuilder("sh", "-c", restore).inheritIO().start();
      assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(shell.exitValue()).as(restore).isZero();
      try (ServiceProcess service = ServiceProcess.start(directory, stack)) {
        service.awaitCaughtUp();
        assertThat(service.terminate()).as(service.output()).isZero();
      }
      assertThat(Ledgers.count(database, "metric_points")).isEqualTo(history.points());
      Ledgers.assertVerified(directory, stack, database);
    }
    return new Tally(times, history.points(), 0, 0);
  }

  private static void invertPage(Path file, long page) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] content = new byte[PAGE];
      bytes.seek(page * PAGE);
      bytes.readFully(content);
      for (int i = 0; i < PAGE; i++) {
        content[i] = (byte) ~content[i];
      }
      bytes.seek(page * PAGE);
      bytes.write(content);
    }
  }

  /** The damaged files that rebuilds have kept, without their companions. */
  private static List<Path> kept(Path database) throws IOException {
    try (Stream<Path> files = Files.list(database.getParent())) {
      return files
          .filter(file -> file.getFileName().toString().matches(".*\\.damaged-[0-9TZ]+"))
          .toList();
    }
  }
}
