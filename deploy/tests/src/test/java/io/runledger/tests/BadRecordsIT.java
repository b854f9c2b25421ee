package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.serde.registry.SchemaRegistryClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad records wait as dead letters, byte for byte; the good ones around them are in the tables. */
class BadRecordsIT {

  private static final Instant AT = Instant.parse("2026-11-23T08:00:00Z");
  private static final RunId RUN = RunId.of(RunKey.of("7", "mnist", "cnn", "s01", null, 1L));
  private static final byte[] KEY = RUN.toString().getBytes(StandardCharsets.UTF_8);

  /** One kind of bad record. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Bad(String name, Topics topic, byte[] key, byte[] value) {}

  @TempDir private Path dir;

  @Test
  void twentyKindsOfBadRecordsWaitAndTheGoodOnesAreInTheTables() throws Exception {
    TrainingHistory history = new TrainingHistory(1, 10, 200);
    List<TrainingHistory.Message> good = history.inOrder(5);
    TestLedger ledger = TestLedger.on(TestStack.shared(), dir);
    try (RawProducer producer = new RawProducer(ledger.configuration());
        InProcessService service = InProcessService.start(ledger)) {
      List<Bad> bad = badRecords(ledger, producer);
      assertThat(bad).hasSizeGreaterThanOrEqualTo(20);
      int part = good.size() / bad.size();
      for (int i = 0; i < bad.size(); i++) {
        producer.send(good.subList(i * part, (i + 1) * part));
        producer.send(bad.get(i).topic(), bad.get(i).key(), bad.get(i).value());
      }
      producer.send(good.subList(bad.size() * part, good.size()));

      service.awaitCaughtUp();

      Path db = service.database();
      assertThat(LedgerSql.single(db, "SELECT count(*) FROM dead_letters"))
          .as(LedgerSql.single(db, "SELECT group_concat(reason) FROM dead_letters"))
          .isEqualTo(Integer.toString(bad.size()));
      assertThat(LedgerSql.single(db, "SELECT count(*) FROM metric_points"))
          .isEqualTo(Long.toString(history.points()));
      assertThat(LedgerSql.single(db, "SELECT count(*) FROM experiment_runs")).isEqualTo("10");
      assertThat(LedgerSql.single(db, "SELECT count(*) FROM stream_gaps")).isEqualTo("0");
      for (Bad each : bad) {
        assertThat(keptValues(ledger, each)).as(each.name()).isEqualTo("1");
      }
      Distribution.Result listed =
          new Distribution(dir).run(ledger.environment(), "dead-letters", "list", "--json");
      assertThat(listed.code()).isZero();
      assertThat(listed.out()).contains("unknown schema", "another schema", "wrong key");
    }
  }

  @Test
  void aRecordThatUnpacksToAllOfTheHeapStopsNeitherServiceNorRebuildNorVerify() throws Exception {
    TestLedger ledger = TestLedger.on(TestStack.shared(), dir);
    SpecificRecord good = status(7, "completed", "job");
    try (RawProducer producer = RawProducer.ofLongRecords(ledger.configuration());
        InProcessService service = InProcessService.start(ledger)) {
      for (Topics topic : Topics.values()) {
        producer.send(topic, KEY, new byte[200 << 20]);
      }
      producer.send(List.of(message(Topics.RUNS, good)));

      service.awaitCaughtUp();
    }

    Path db = ledger.database();
    assertThat(
            LedgerSql.single(
                db, "SELECT group_concat(reason) FROM dead_letters WHERE value IS NULL"))
        .isEqualTo("too large,too large,too large,too large");
    assertThat(LedgerSql.single(db, "SELECT count(*) FROM run_attempts")).isEqualTo("1");
    // The distribution runs with the heap that users get, 512 MB.
    Distribution distribution = new Distribution(dir);
    Distribution.Result retried =
        distribution.run(ledger.environment(), "dead-letters", "retry", "1");
    assertThat(retried.code()).isEqualTo(1);
    assertThat(retried.err()).contains("still cannot be applied: The record has 2097152");
    for (String verb : List.of("rebuild", "verify")) {
      Distribution.Result result = distribution.run(ledger.environment(), verb);
      assertThat(result.code()).as(result.err()).isZero();
    }
  }

  private static String keptValues(TestLedger ledger, Bad bad) throws Exception {
    return LedgerSql.single(
        ledger.database(),
        "SELECT count(*) > 0 FROM dead_letters WHERE topic = ? AND value IS ?",
        ledger.topic(bad.topic()),
        bad.value());
  }

  private static List<Bad> badRecords(TestLedger ledger, RawProducer producer) {
    SchemaRegistryClient registry =
        new SchemaRegistryClient(Map.of("schema.registry.url", ledger.stack().registryUrl()));
    Schema foreign =
        SchemaBuilder.record("Order").namespace("shop").fields().requiredLong("id").endRecord();
    int foreignId = registry.register("shop.orders-value", foreign);
    Random random = new Random(7);
    byte[] noise = new byte[200];
    random.nextBytes(noise);
    noise[0] = 42;
    byte[] huge = new byte[900_000];
    random.nextBytes(huge);
    huge[0] = 0;
    byte[] metrics = producer.serialized(message(Topics.METRICS, metrics(0, 1)));
    byte[] status = producer.serialized(message(Topics.RUNS, status(1, "completed", "job")));
    byte[] otherKey = new RunId(5).toString().getBytes(StandardCharsets.UTF_8);
    List<Bad> bad = new ArrayList<>();
    bad.add(new Bad("no value", Topics.RUNS, KEY, null));
    bad.add(new Bad("empty", Topics.METRICS, KEY, new byte[0]));
    bad.add(new Bad("one byte", Topics.ERRORS, KEY, new byte[] {0}));
    bad.add(new Bad("header only", Topics.SLURM, KEY, Arrays.copyOf(metrics, 4)));
    bad.add(new Bad("random bytes", Topics.METRICS, KEY, noise));
    bad.add(new Bad("huge", Topics.RUNS, KEY, withSchema(huge, 1)));
    bad.add(new Bad("JSON", Topics.RUNS, KEY, "{\"run_id\":1}".getBytes(StandardCharsets.UTF_8)));
    bad.add(new Bad("unknown schema id", Topics.METRICS, KEY, withSchema(metrics, 424_242)));
    bad.add(new Bad("negative schema id", Topics.METRICS, KEY, withSchema(metrics, -1)));
    bad.add(new Bad("another schema", Topics.RUNS, KEY, withSchema(new byte[6], foreignId)));
    bad.add(new Bad("another topic's", Topics.ERRORS, KEY, metrics));
    bad.add(new Bad("truncated", Topics.METRICS, KEY, Arrays.copyOf(metrics, metrics.length - 3)));
    bad.add(new Bad("trailing bytes", Topics.RUNS, KEY, Arrays.copyOf(status, status.length + 9)));
    bad.add(new Bad("wrong key", Topics.METRICS, otherKey, metrics));
    bad.add(new Bad("no key", Topics.METRICS, null, metrics));
    bad.add(new Bad("bomb", Topics.METRICS, KEY, bomb(metrics)));
    bad.add(bad(producer, "seq below zero", Topics.RUNS, status(-1, "completed", "job")));
    bad.add(bad(producer, "no rows", Topics.METRICS, metrics(3, 0)));
    bad.add(bad(producer, "unknown status", Topics.RUNS, status(2, "exploded", "job")));
    bad.add(bad(producer, "unknown source", Topics.RUNS, status(2, "failed", "gossip")));
    bad.add(bad(producer, "start of another run", Topics.RUNS, foreignStart()));
    bad.add(bad(producer, "start with two names", Topics.RUNS, twiceNamedStart()));
    return bad;
  }

  private static Bad bad(RawProducer producer, String name, Topics topic, SpecificRecord value) {
    return new Bad(name, topic, KEY, producer.serialized(message(topic, value)));
  }

  private static TrainingHistory.Message message(Topics topic, SpecificRecord value) {
    return new TrainingHistory.Message(topic, RUN, value);
  }

  private static MetricsLogged metrics(long firstSeq, int rows) {
    List<MetricRow> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(new MetricRow(AT, (long) i, null, null, Map.of("loss", 0.5)));
    }
    return new MetricsLogged(RUN.value(), 100L, 200L, firstSeq, all);
  }

  private static RunEvent status(long seq, String status, String source) {
    RunStatusChanged change =
        RunStatusChanged.newBuilder().setStatus(status).setSource(source).build();
    return new RunEvent(RUN.value(), 100L, 200L, seq, AT, change);
  }

  private static RunEvent foreignStart() {
    RunStarted started =
        RunStarted.newBuilder()
            .setProject("p")
            .setName("n")
            .setInstanceId("00000000-0000-0000-0000-000000000001")
            .build();
    return new RunEvent(RUN.value(), 100L, 200L, 4L, AT, started);
  }

  private static RunEvent twiceNamedStart() {
    RunStarted started =
        RunStarted.newBuilder()
            .setKey(RunKeyParts.newBuilder().setExperiment("7").build())
            .setInstanceId("00000000-0000-0000-0000-000000000001")
            .build();
    return new RunEvent(RUN.value(), 100L, 200L, 5L, AT, started);
  }

  private static byte[] withSchema(byte[] value, int id) {
    byte[] changed = value.clone();
    ByteBuffer.wrap(changed).put(0, (byte) 0).putInt(1, id);
    return changed;
  }

  /** A metrics record that announces two thousand million rows. */
  private static byte[] bomb(byte[] metrics) {
    ByteBuffer bytes = ByteBuffer.allocate(64);
    bytes.put(metrics, 0, 5);
    for (int id = 0; id < 4; id++) {
      bytes.put((byte) 2);
    }
    bytes.put(new byte[] {-2, -1, -1, -1, 15});
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}
