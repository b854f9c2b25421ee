package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.Topics;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service among readers, rivals and faults, as a process on a real broker and registry. */
class ServiceIT {

  @TempDir private Path dir;
  private TestLedger ledger;
  private TopicPartition runs;
  private RawProducer producer;

  @BeforeEach
  void beginLedger() throws IOException {
    ledger = TestLedger.shared(dir);
    runs = new TopicPartition(ledger.topic(Topics.RUNS), 0);
    producer = new RawProducer(ledger.configuration());
  }

  @AfterEach
  void closeProducer() {
    producer.close();
  }

  @Test
  void usersReadWithTheirOwnSqlWhileItWritesAndItLeavesInOrder() throws Exception {
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitRunning();
      List<TrainingHistory.Message> messages = new TrainingHistory(1, 40, 2_000).inOrder(5);
      for (int from = 0; from < messages.size(); from += 500) {
        producer.send(messages.subList(from, Math.min(from + 500, messages.size())));
        shell(
            service,
            "SELECT r.run_name, MIN(m.value) AS best_loss FROM runs r JOIN metrics m ON r.run_id = m.run_id"
                + " WHERE m.metric_name = 'val/loss' GROUP BY r.run_id HAVING best_loss < 0.3");
        shell(
            service,
            "SELECT elapsed_seconds, epoch, loss, f1 FROM run_metrics WHERE run_id ="
                + " (SELECT run_id FROM runs LIMIT 1) ORDER BY elapsed_seconds");
      }
      service.awaitCaughtUp();
      assertThat(shell(service, "SELECT count(*) FROM runs").trim()).isEqualTo("40");

      ServiceProcess second = ServiceProcess.start(dir, ledger);
      assertThat(second.awaitEnd()).as(second.output()).isEqualTo(1);
      assertThat(second.output()).contains("runledger.db");
      assertThat(service.isAlive()).isTrue();

      assertThat(service.terminate()).as(service.output()).isZero();
      assertThat(service.output()).doesNotContain("Exception");
    }
  }

  @Test
  void aRegistryThatIsDownIsWaitedForAndNothingIsCalledDead() throws Exception {
    List<TrainingHistory.Message> messages = new TrainingHistory(2, 5, 200).inOrder(5);
    producer.send(messages);
    try (FaultyRegistry registry =
            FaultyRegistry.before(ledger.stack(), FaultyRegistry.Fault.CLOSED);
        ServiceProcess service =
            ServiceProcess.start(
                dir, ledger, Map.of("RUNLEDGER_SCHEMA_REGISTRY_URL", registry.url()))) {
      service.awaitState("paused");
      int asked = registry.asked();
      Awaitility.await("the registry is asked again and again")
          .atMost(Duration.ofMinutes(1))
          .until(() -> registry.asked() >= asked + 3);
      assertThat(count(service, "dead_letters")).isZero();
      assertThat(count(service, "experiment_runs")).isZero();

      registry.recover();
      service.awaitCaughtUp();

      assertThat(count(service, "experiment_runs")).isEqualTo(5);
      assertThat(count(service, "dead_letters")).isZero();
      assertThat(service.isAlive()).isTrue();
    }
  }

  @Test
  void aLogThatLostWhatIsNeededStopsItWithTopicPartitionStoredAndFound() throws Exception {
    List<TrainingHistory.Message> messages = new TrainingHistory(3, 20, 200).inOrder(5);
    producer.send(messages.subList(0, messages.size() / 2));
    long stored;
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitCaughtUp();
      stored = position(service, runs);
      assertThat(service.terminate()).isZero();
    }
    producer.send(messages.subList(messages.size() / 2, messages.size()));
    producer.send(messages);
    long start = stored + 2;
    try (Admin admin = admin()) {
      admin.deleteRecords(Map.of(runs, RecordsToDelete.beforeOffset(start))).all().get();
    }

    ServiceProcess refused = ServiceProcess.start(dir, ledger);

    assertThat(refused.awaitEnd()).as(refused.output()).isEqualTo(1);
    assertThat(refused.output())
        .contains("Topic " + runs.topic() + " partition 0 begins at offset " + start)
        .contains("stored %d, found %d".formatted(stored, start))
        .contains("accept-gap", "rebuild --accept-gap --db");
    Distribution.Result rebuilt =
        new Distribution(dir).run(environment(), "rebuild", "--accept-gap");
    assertThat(rebuilt.code()).as(rebuilt.toString()).isZero();
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitCaughtUp();
      assertThat(count(service, "gaps")).isEqualTo(1);
    }
  }

  @Test
  void recordsThatAreDeletedBeforeItReadThemAreNotJumpedOver() throws Exception {
    TrainingHistory.Message message = new TrainingHistory(5, 1, 5).inOrder(5).get(0);
    RecordMetadata sent = producer.send(List.of(message)).get(0);
    TopicPartition place = new TopicPartition(sent.topic(), sent.partition());
    Map<String, String> oneBatchInEachFetch =
        Map.of(
            "RUNLEDGER_KAFKA_MAX_PARTITION_FETCH_BYTES", "1",
            // It stays in the group, so that a fetch meets the deletion.
            "RUNLEDGER_KAFKA_SESSION_TIMEOUT_MS", "120000");
    try (ServiceProcess service = ServiceProcess.start(dir, ledger, oneBatchInEachFetch)) {
      service.awaitCaughtUp();
      long read = position(service, place);
      service.stop();
      for (int batch = 0; batch < 5; batch++) {
        producer.send(List.of(message));
      }
      // A fetch may have been under way, and its answer waits now; it holds one batch at most.
      long start = read + 3;
      try (Admin admin = admin()) {
        admin.deleteRecords(Map.of(place, RecordsToDelete.beforeOffset(start))).all().get();
      }
      service.signal("CONT");

      assertThat(service.awaitEnd()).as(service.output()).isEqualTo(1);
      long stored = position(service, place);
      assertThat(stored).as("nothing is jumped over").isBetween(read, read + 1);
      assertThat(service.output())
          .contains(
              "Topic %s partition %d begins at offset %d"
                  .formatted(place.topic(), place.partition(), start))
          .contains("stored %d, found %d".formatted(stored, start));
    }
  }

  @Test
  void aTopicThatWasMadeAnewStopsIt() throws Exception {
    producer.send(new TrainingHistory(4, 5, 200).inOrder(5));
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitCaughtUp();
      assertThat(service.terminate()).isZero();
    }
    try (Admin admin = admin()) {
      LogFaults.makeAnew(admin, ledger.topic(Topics.ERRORS));
    }

    ServiceProcess refused = ServiceProcess.start(dir, ledger);

    assertThat(refused.awaitEnd()).as(refused.output()).isEqualTo(1);
    assertThat(refused.output())
        .contains("Topic " + ledger.topic(Topics.ERRORS) + " was deleted and recreated")
        .contains("accept-gap", "rebuild --accept-gap --db");
  }

  @Test
  void aTopicThatForgetsIsRefusedUntilSomebodyAcceptsIt() throws Exception {
    forgetAfterAnHour(Topics.METRICS);

    ServiceProcess refused = ServiceProcess.start(dir, ledger);

    assertThat(refused.awaitEnd()).as(refused.output()).isEqualTo(1);
    assertThat(refused.output())
        .contains(ledger.topic(Topics.METRICS), "retention.ms", "topics init");
    Distribution.Result repaired = new Distribution(dir).run(environment(), "topics", "init");
    assertThat(repaired.code()).as(repaired.toString()).isZero();
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitRunning();
    }
  }

  @Test
  void aTopicThatBeginsToForgetWhileItRunsIsSaidUntilSomebodyMendsIt() throws Exception {
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitRunning();

      forgetAfterAnHour(Topics.METRICS);

      HttpResponse<String> forgets = service.awaitHealth(503);
      assertThat(forgets.body())
          .contains("\"running\"")
          .contains("Topic " + ledger.topic(Topics.METRICS) + " has retention.ms=3600000")
          .contains("topics init", "finite.retention.accepted");
      Distribution.Result repaired = new Distribution(dir).run(environment(), "topics", "init");
      assertThat(repaired.code()).as(repaired.toString()).isZero();
      assertThat(service.awaitHealth(200).body()).doesNotContain("retention.ms");
    }
  }

  /** Sets it and returns when the broker says so. */
  private void forgetAfterAnHour(Topics topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, ledger.topic(topic));
    ConfigEntry hour = new ConfigEntry("retention.ms", "3600000");
    try (Admin admin = admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(resource, List.of(new AlterConfigOp(hour, AlterConfigOp.OpType.SET))))
          .all()
          .get();
      Awaitility.await("the topic forgets")
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  admin
                      .describeConfigs(List.of(resource))
                      .all()
                      .get()
                      .get(resource)
                      .get(hour.name())
                      .value()
                      .equals(hour.value()));
    }
  }

  private Map<String, String> environment() {
    return ledger.environment();
  }

  private Admin admin() {
    return ledger.admin();
  }

  private static long count(ServiceProcess service, String table) throws Exception {
    return Long.parseLong(LedgerSql.single(service.database(), "SELECT count(*) FROM " + table));
  }

  private static long position(ServiceProcess service, TopicPartition place) throws Exception {
    return Long.parseLong(
        LedgerSql.single(
            service.database(),
            "SELECT next_offset FROM positions WHERE topic = ? AND partition = ?",
            place.topic(),
            place.partition()));
  }

  private String shell(ServiceProcess service, String sql) throws Exception {
    Distribution.Result result =
        new Distribution(dir)
            .runCommand(
                Map.of(),
                Path.of("sqlite3"),
                "-batch",
                "-readonly",
                "-cmd",
                ".timeout 5000",
                service.database().toString(),
                sql);
    assertThat(result.code()).as(result.toString()).isZero();
    assertThat(result.err()).isEmpty();
    return result.out();
  }
}
