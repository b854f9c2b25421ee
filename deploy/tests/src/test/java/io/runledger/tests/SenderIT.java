package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.client.sender.DrainReport;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the spool to the tables, past a broker that does not always help. */
class SenderIT {

  private static final int CALLS = 2_000;

  @TempDir private Path dir;
  private TestLedger ledger;
  private LocalStack stack;

  @BeforeEach
  void beginLedger() throws IOException {
    ledger = TestLedger.shared(dir);
    stack = ledger.stack();
  }

  @Test
  void twoTrackersOnOneSpoolAndABrokerThatDiesInBetweenLoseNothing() throws Exception {
    try (Tracker first = Tracker.open(ledger.configuration());
        Tracker second = Tracker.open(ledger.configuration());
        RunHandle one = first.start(key(1), Map.of());
        RunHandle two = second.start(key(2), Map.of())) {
      for (int i = 0; i < CALLS; i++) {
        one.log(Map.of("loss", 1.0 / (i + 1)), At.step(i));
        two.log(Map.of("loss", Double.NaN), At.step(i));
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

    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();
      assertThat(single(service, "SELECT count(*) FROM metric_points")).isEqualTo("" + 2 * CALLS);
      assertThat(single(service, "SELECT count(*) FROM stream_gaps")).isEqualTo("0");
      assertThat(single(service, "SELECT count(*) FROM runs WHERE status = 'completed'"))
          .isEqualTo("2");
    }
    assertThat(left(ledger.spool())).as("what is acknowledged is removed").isEmpty();
  }

  @Test
  @Tag("long")
  void whatIsOnItsWayWhenBrokerAndJobEndIsSentByTheNextSender() throws Exception {
    try (Tracker tracker = Tracker.open(ledger.configuration())) {
      try (RunHandle run = tracker.start(key(5), Map.of())) {
        run.log("loss", 1, At.step(0));
        awaitRecord(Topics.METRICS);
        // From here on Kafka's client takes what it is given, and nobody answers.
        stack.broker().pause();
        for (int i = 1; i < CALLS; i++) {
          run.log("loss", 1.0 / i, At.step(i));
        }
      }
    }
    // Closing waited for the broker, and the sender looked meanwhile whether the writer has ended.
    assertThat(metricsWait()).as("what nobody has acknowledged stays").isTrue();
    stack.broker().kill9();
    stack.broker().restart();
    stack.awaitReady();
    drain();

    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();
      assertThat(single(service, "SELECT count(*) FROM metric_points")).isEqualTo("" + CALLS);
      assertThat(single(service, "SELECT status FROM runs")).isEqualTo("completed");
    }
  }

  @Test
  void anEventThatTheBrokerRefusesForItsSizeStopsNoOther() throws Exception {
    try (Admin admin = ledger.admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, ledger.topic(Topics.RUNS)),
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
    try (Tracker tracker = Tracker.open(ledger.configuration());
        RunHandle run = tracker.start(key(3), Map.of())) {
      run.results(Map.of("text", incompressible.toString()));
      run.results(Map.of("best", 0.25));
    }
    drain();

    assertThat(left(ledger.spool().resolve("quarantine")))
        .singleElement()
        .asString()
        .contains("runs-refused");
    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();
      assertThat(single(service, "SELECT status FROM runs")).isEqualTo("completed");
      assertThat(single(service, "SELECT count(*) FROM run_results WHERE results LIKE '%best%'"))
          .isEqualTo("1");
      assertThat(single(service, "SELECT count(*) FROM stream_gaps")).isEqualTo("1");
    }
  }

  @Test
  void withoutTheNativeLibraryOfZstdTheRecordsGoCompressedOtherwise() throws Exception {
    try (Tracker tracker =
            Tracker.open(ledger.configuration().with(Setting.SENDER_ENABLED, "false"));
        RunHandle run = tracker.start(key(4), Map.of())) {
      run.log("loss", 1, At.step(1));
    }
    Map<String, String> environment =
        Map.of(
            "RUNLEDGER_CONFIG",
            ledger.propertiesFile().toString(),
            "RUNLEDGER_JAVA_OPTS",
            "-DZstdNativePath=" + dir.resolve("none.so"));

    Distribution.Result sent = new Distribution(dir).run(environment, "sync");

    assertThat(sent.code()).as(sent.toString()).isZero();
    assertThat(sent.err()).contains("nothing is left");
    assertThat(left(ledger.spool())).isEmpty();
  }

  private boolean metricsWait() throws Exception {
    return left(ledger.spool()).stream()
        .anyMatch(file -> file.getFileName().toString().startsWith("metrics-"));
  }

  private void awaitRecord(Topics topic) {
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                ledger.ends().entrySet().stream()
                    .anyMatch(
                        end ->
                            end.getKey().topic().equals(ledger.topic(topic))
                                && end.getValue() > 0));
  }

  private void drain() {
    DrainReport report =
        SpoolDrain.send(ledger.spool(), ledger.configuration(), Duration.ofMinutes(1));
    assertThat(report.complete()).as(report.toString()).isTrue();
  }

  private static RunKey key(long seed) {
    return RunKey.of("7", "mnist", "cnn", "s01", null, seed);
  }

  private static String single(InProcessService service, String sql) throws Exception {
    return LedgerSql.single(service.database(), sql);
  }

  private static List<Path> left(Path directory) throws Exception {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
