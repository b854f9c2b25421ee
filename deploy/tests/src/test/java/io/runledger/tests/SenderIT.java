package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.client.DrainReport;
import io.runledger.client.RunHandle;
import io.runledger.client.SpoolSender;
import io.runledger.client.Step;
import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.stack.LocalStack;
import io.runledger.stack.StackOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the spool to the tables, past a broker that does not always help. */
class SenderIT {

  private static final int CALLS = 2_000;

  @TempDir private Path dir;
  private LocalStack stack;

  @BeforeEach
  void startStack() {
    stack = LocalStack.start(dir.resolve("data"), StackOptions.freePorts());
  }

  @AfterEach
  void stopStack() {
    stack.close();
  }

  @Test
  void twoTrackersOnOneSpoolAndABrokerThatDiesInBetweenLoseNothing() throws Exception {
    try (Tracker first = Tracker.open(configuration());
        Tracker second = Tracker.open(configuration());
        RunHandle one = first.start(key(1), Map.of());
        RunHandle two = second.start(key(2), Map.of())) {
      for (int i = 0; i < CALLS; i++) {
        one.log(Map.of("loss", 1.0 / (i + 1)), Step.of(i));
        two.log(Map.of("loss", Double.NaN), Step.of(i));
        if (i == CALLS / 4) {
          stack.broker().kill9();
        }
        if (i == CALLS / 2) {
          stack.broker().restart();
          stack.awaitReady();
        }
      }
    }
    drain();

    try (ServiceProcess service = ServiceProcess.start(dir, stack)) {
      service.awaitCaughtUp();
      assertThat(single(service, "SELECT count(*) FROM metric_points")).isEqualTo("" + 2 * CALLS);
      assertThat(single(service, "SELECT count(*) FROM stream_gaps")).isEqualTo("0");
      assertThat(single(service, "SELECT count(*) FROM runs WHERE status = 'completed'"))
          .isEqualTo("2");
    }
    assertThat(left(dir.resolve("spool"))).as("what is acknowledged is removed").isEmpty();
  }

  @Test
  void whatIsOnItsWayWhenBrokerAndJobEndIsSentByTheNextSender() throws Exception {
    try (Tracker tracker = Tracker.open(configuration())) {
      try (RunHandle run = tracker.start(key(5), Map.of())) {
        run.log("loss", 1, Step.of(0));
        awaitRecord(Topics.METRICS);
        // From here on Kafka's client takes what it is given, and nobody answers.
        stack.broker().pause();
        for (int i = 1; i < CALLS; i++) {
          run.log("loss", 1.0 / i, Step.of(i));
        }
      }
      // The sender looks twice a second whether the writer has ended, and may delete what is sent.
      await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(20)).until(this::metricsWait);
    }
    stack.broker().kill9();
    stack.broker().restart();
    stack.awaitReady();
    drain();

    try (ServiceProcess service = ServiceProcess.start(dir, stack)) {
      service.awaitCaughtUp();
      assertThat(single(service, "SELECT count(*) FROM metric_points")).isEqualTo("" + CALLS);
      assertThat(single(service, "SELECT status FROM runs")).isEqualTo("completed");
    }
  }

  @Test
  void anEventThatTheBrokerRefusesForItsSizeStopsNoOther() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(
                      ConfigResource.Type.TOPIC, TopicNames.DEFAULT.name(Topics.RUNS)),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("max.message.bytes", "50000"),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
    byte[] noise = new byte[200_000];
    new Random(1).nextBytes(noise);
    StringBuilder incompressible = new StringBuilder();
    for (byte b : noise) {
      incompressible.append((char) (0x20 + (b & 0x3f)));
    }
    try (Tracker tracker = Tracker.open(configuration());
        RunHandle run = tracker.start(key(3), Map.of())) {
      run.results(Map.of("text", incompressible.toString()));
      run.results(Map.of("best", 0.25));
    }
    drain();

    assertThat(left(dir.resolve("spool/quarantine")))
        .singleElement()
        .asString()
        .contains("runs-refused");
    try (ServiceProcess service = ServiceProcess.start(dir, stack)) {
      service.awaitCaughtUp();
      assertThat(single(service, "SELECT status FROM runs")).isEqualTo("completed");
      assertThat(single(service, "SELECT count(*) FROM run_results WHERE results LIKE '%best%'"))
          .isEqualTo("1");
      assertThat(single(service, "SELECT count(*) FROM stream_gaps")).isEqualTo("1");
    }
  }

  @Test
  void withoutTheNativeLibraryOfZstdTheRecordsGoCompressedOtherwise() throws Exception {
    try (Tracker tracker = Tracker.open(configuration().with(Setting.SENDER_ENABLED, "false"));
        RunHandle run = tracker.start(key(4), Map.of())) {
      run.log("loss", 1, Step.of(1));
    }
    Map<String, String> environment =
        Map.of(
            "RUNLEDGER_CONFIG",
            stack.propertiesFile().toString(),
            "RUNLEDGER_SPOOL",
            dir.resolve("spool").toString(),
            "RUNLEDGER_JAVA_OPTS",
            "-DZstdNativePath=" + dir.resolve("none.so"));

    Distribution.Result sent = new Distribution(dir).run(environment, "sync");

    assertThat(sent.code()).as(sent.toString()).isZero();
    assertThat(sent.err()).contains("nothing is left");
    assertThat(left(dir.resolve("spool"))).isEmpty();
  }

  private boolean metricsWait() throws Exception {
    return left(dir.resolve("spool")).stream()
        .anyMatch(file -> file.getFileName().toString().startsWith("metrics-"));
  }

  private void awaitRecord(Topics topic) {
    await()
        .until(
            () ->
                ServiceProcess.ends(stack).entrySet().stream()
                    .anyMatch(
                        end ->
                            end.getKey().topic().equals(TopicNames.DEFAULT.name(topic))
                                && end.getValue() > 0));
  }

  private void drain() {
    DrainReport report =
        SpoolSender.drain(dir.resolve("spool"), configuration(), Duration.ofMinutes(1));
    assertThat(report.complete()).as(report.toString()).isTrue();
  }

  private Configuration configuration() {
    return Configuration.load(
        Map.of(Setting.SPOOL.key(), dir.resolve("spool").toString()),
        Map.of("HOME", dir.toString(), "RUNLEDGER_CONFIG", stack.propertiesFile().toString()),
        Optional.empty());
  }

  private static RunKey key(long seed) {
    return RunKey.of("7", "mnist", "cnn", "s01", null, seed);
  }

  private static String single(ServiceProcess service, String sql) throws Exception {
    return ServiceProcess.single(service.database(), sql);
  }

  private static List<Path> left(Path directory) throws Exception {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
