package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.schemas.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does after a stop, and with dead letters. */
class OperatorIT {

  @TempDir private Path dir;
  private TestLedger ledger;
  private RawProducer producer;

  @BeforeEach
  void beginLedger() throws IOException {
    ledger = TestLedger.shared(dir);
    producer = new RawProducer(ledger.configuration());
  }

  @AfterEach
  void closeProducer() {
    producer.close();
  }

  @Test
  void afterAnAcceptedGapTheServiceGoesOnAndTheGapStaysVisible() throws Exception {
    List<TrainingHistory.Message> messages = new TrainingHistory(1, 20, 200).inOrder(5);
    producer.send(messages.subList(0, messages.size() / 2));
    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitCaughtUp();
    }
    producer.send(messages);
    Map<TopicPartition, RecordsToDelete> deletions = new HashMap<>();
    LedgerSql.positions(database())
        .forEach(
            (partition, next) -> {
              if (partition.topic().equals(ledger.topic(Topics.METRICS))) {
                deletions.put(partition, RecordsToDelete.beforeOffset(next + 3));
              }
            });
    try (Admin admin = ledger.admin()) {
      admin.deleteRecords(deletions).all().get();
    }
    try (ServiceProcess refused = ServiceProcess.start(dir, ledger)) {
      assertThat(refused.awaitEnd()).isEqualTo(1);
      assertThat(refused.output()).contains("runledger accept-gap --all --db " + database());
    }

    assertThat(run("accept-gap", "--topic", ledger.topic(Topics.RUNS), "--partition", "0").err())
        .contains("Nothing is missing");
    Distribution.Result dry = run("accept-gap", "--all", "--dry-run");
    assertThat(dry.code()).as(dry.toString()).isZero();
    assertThat(dry.err())
        .contains("Missing: Topic " + ledger.topic(Topics.METRICS))
        .contains("Nothing was changed");
    assertThat(Ledgers.count(database(), "gaps")).isZero();
    Distribution.Result one =
        run("accept-gap", "--topic", ledger.topic(Topics.METRICS), "--partition", "0");
    assertThat(one.code()).as(one.toString()).isZero();
    assertThat(one.err()).contains("1 gap is recorded");
    Distribution.Result rest = run("accept-gap", "--all");
    assertThat(rest.code()).as(rest.toString()).isZero();

    try (ServiceProcess service = ServiceProcess.start(dir, ledger)) {
      service.awaitCaughtUp();
      Distribution.Result whileItWrites = run("accept-gap", "--all");
      assertThat(whileItWrites.code()).isEqualTo(1);
      assertThat(whileItWrites.err()).contains("is being written by process");
    }
    assertThat(Ledgers.count(database(), "gaps")).isEqualTo(deletions.size());
    assertThat(run("verify").err())
        .contains("Accepted gap: " + ledger.topic(Topics.METRICS) + " partition 0");
    String run = LedgerSql.single(database(), "SELECT run_id FROM runs LIMIT 1");
    assertThat(run("show", run).out()).contains("LOG GAPS");

    Distribution.Result rebuilt = run("rebuild", "--accept-gap");
    assertThat(rebuilt.code()).as(rebuilt.toString()).isZero();
    assertThat(Ledgers.count(database(), "gaps")).isGreaterThanOrEqualTo(deletions.size());
    Distribution.Result verified = run("verify");
    assertThat(verified.code()).as(verified.toString()).isZero();
    assertThat(verified.err()).contains("Accepted gap: ").contains("0 differences");
  }

  @Test
  void aRecordWhoseSchemaCameLaterIsAppliedWhenItIsRetried() throws Exception {
    List<TrainingHistory.Message> messages = new TrainingHistory(2, 1, 50).inOrder(5);
    List<TrainingHistory.Message> metrics = new ArrayList<>(messages);
    metrics.removeIf(message -> message.topic() != Topics.METRICS);
    TrainingHistory.Message late = metrics.get(0);
    producer.send(messages.stream().filter(message -> !message.equals(late)).toList());
    byte[] value = producer.serialized(late);
    // The registry numbers schemas in the order in which they come.
    int next = register("probe", "{\"type\":\"string\"}") + 1;
    ByteBuffer.wrap(value).putInt(1, next);
    producer.send(Topics.METRICS, late.run().toString().getBytes(StandardCharsets.UTF_8), value);

    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();
      assertThat(state()).isEqualTo("waiting");
      Distribution.Result tooEarly = run("dead-letters", "retry", "--all");
      assertThat(tooEarly.code()).isEqualTo(1);
      assertThat(tooEarly.err()).contains("still cannot be applied");

      Schema later = new Schema.Parser().parse(Topics.METRICS.schema().toString());
      later.addProp("revision", "later");
      assertThat(register("later", later.toString())).isEqualTo(next);
      Distribution.Result retried = run("dead-letters", "retry", "1");
      assertThat(retried.code()).as(retried.toString()).isZero();
      assertThat(retried.err()).contains("Dead letter 1 is applied.");
      assertThat(state()).isEqualTo("retried");
      assertThat(Ledgers.count(database(), "stream_gaps")).isZero();
      assertThat(run("dead-letters", "retry", "1").err()).contains("was already retried");
    }
    Ledgers.assertVerified(ledger);
  }

  @Test
  void aDismissedLetterStaysDismissedAcrossARebuild() throws Exception {
    byte[] key = "0k3f".getBytes(StandardCharsets.UTF_8);
    producer.send(Topics.RUNS, key, "rubbish".getBytes(StandardCharsets.UTF_8));
    producer.send(Topics.RUNS, key, "more rubbish".getBytes(StandardCharsets.UTF_8));
    try (InProcessService service = InProcessService.start(ledger)) {
      service.awaitCaughtUp();
      Distribution.Result through = run("dead-letters", "dismiss", "1", "--reason", "a test");
      assertThat(through.code()).as(through.toString()).isZero();
    }
    Distribution.Result alone = run("dead-letters", "dismiss", "2", "--reason", "another");
    assertThat(alone.code()).as(alone.toString()).isZero();
    assertThat(run("dead-letters", "dismiss").code()).isEqualTo(2);
    assertThat(run("dead-letters", "dismiss", "7").code()).isEqualTo(3);

    Ledgers.assertVerified(ledger);
    assertThat(run("rebuild").code()).isZero();

    assertThat(run("dead-letters", "show", "1").out())
        .contains("state    dismissed")
        .contains("because  a test");
    assertThat(Ledgers.count(database(), "dead_letters WHERE state = 'dismissed'")).isEqualTo(2);
  }

  private Path database() {
    return ledger.database();
  }

  private String state() throws Exception {
    return LedgerSql.single(database(), "SELECT state FROM dead_letters");
  }

  /** Registers a schema; the id that it got. */
  private int register(String subject, String schema) throws Exception {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("schema", schema);
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            ledger.stack().registryUrl() + "/subjects/" + subject + "/versions"))
                    .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                    .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body()).get("id").asInt();
  }

  private Distribution.Result run(String... words) throws Exception {
    return new Distribution(dir).run(ledger.environment(), words);
  }
}
