package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.TopicNames;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.sqlite.SQLiteConfig;

/** {@code runledger consume} as a process that can be killed, on the database of a stack. */
final class ServiceProcess implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final LocalStack stack;
  private final Path database;
  private final Path output;
  private final Process process;

  private ServiceProcess(LocalStack stack, Path database, Path output, Process process) {
    this.stack = stack;
    this.database = database;
    this.output = output;
    this.process = process;
  }

  static ServiceProcess start(Path scratch, LocalStack stack) throws IOException {
    return start(scratch, stack, Map.of());
  }

  /** With more settings in its environment. */
  static ServiceProcess start(Path scratch, LocalStack stack, Map<String, String> more)
      throws IOException {
    Path output = scratch.resolve("consume-" + System.nanoTime() + ".log");
    Map<String, String> environment = new HashMap<>();
    environment.put("RUNLEDGER_CONFIG", stack.propertiesFile().toString());
    environment.put("RUNLEDGER_HEALTH_PORT", "-1");
    // A broker that came back with an older disk waits this long for a member that is gone.
    environment.put("RUNLEDGER_KAFKA_SESSION_TIMEOUT_MS", "6000");
    environment.putAll(more);
    Path database = Path.of(more.getOrDefault("RUNLEDGER_DB", stack.directory() + "/runledger.db"));
    return new ServiceProcess(
        stack, database, output, new Distribution(scratch).start(output, environment, "consume"));
  }

  Path database() {
    return database;
  }

  void awaitRunning() {
    Awaitility.await("the service runs")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              assertThat(process.isAlive()).as(Distribution.text(output)).isTrue();
              return Distribution.text(output).contains("Reading");
            });
  }

  /** Waits until every record that is on the topics now is applied. */
  void awaitCaughtUp() {
    awaitRunning();
    Awaitility.await("the service has caught up")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> {
              assertThat(process.isAlive()).as(Distribution.text(output)).isTrue();
              assertThat(positions(database())).isEqualTo(ends(stack));
            });
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it reads or has ended; whether it reads. */
  boolean keepsRunning() {
    Awaitility.await("the service runs or leaves")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !process.isAlive() || output().contains("Reading"));
    return process.isAlive();
  }

  /** Sends it a signal, such as STOP. */
  void signal(String name) throws IOException, InterruptedException {
    int code =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  /** Waits until it has died of what it was started with; kills it when it has not by then. */
  void awaitDeath(Duration atMost) throws InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** What it has written so far. */
  String output() {
    return Distribution.text(output);
  }

  /** Waits until it has ended by itself. */
  int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    return process.exitValue();
  }

  /** SIGTERM; its exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitEnd();
  }

  /** SIGKILL, some time from now. */
  void killAfterMillis(int millis) throws InterruptedException {
    if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
    assertThat(process.exitValue()).as(Distribution.text(output)).isEqualTo(128 + 9);
  }

  /** Where a database says that reading goes on. */
  static Map<TopicPartition, Long> positions(Path database) throws SQLException {
    Map<TopicPartition, Long> positions = new HashMap<>();
    try (Connection connection = readOnly(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT topic, partition, next_offset FROM positions")) {
      while (row.next()) {
        positions.put(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3));
      }
    }
    return positions;
  }

  /** The offset behind the newest record of each partition of ours. */
  static Map<TopicPartition, Long> ends(LocalStack stack)
      throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      for (TopicDescription topic :
          admin.describeTopics(TopicNames.DEFAULT.all()).allTopicNames().get().values()) {
        topic
            .partitions()
            .forEach(
                partition ->
                    wanted.put(
                        new TopicPartition(topic.name(), partition.partition()),
                        OffsetSpec.latest()));
      }
      return admin.listOffsets(wanted).all().get().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
    }
  }

  /** The only value of a query. */
  static String single(Path database, String sql, Object... parameters) throws SQLException {
    try (Connection connection = readOnly(database);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        return row.getString(1);
      }
    }
  }

  private static Connection readOnly(Path database) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(10_000);
    return config.createConnection("jdbc:sqlite:" + database);
  }

  /** Ends it with SIGTERM, if it still runs. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
