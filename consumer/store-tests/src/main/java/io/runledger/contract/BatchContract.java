package io.runledger.contract;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.batch.Source;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStatusChanged;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** Batches: all or nothing, each event once, bad records quarantined. */
abstract class BatchContract extends OpenProjection {

  private static final Events JOB = Events.ofSeed(3);

  @Test
  void aMetricThatArrivesBeforeItsRunIsKept() throws SQLException {
    Events job = Events.ofSeed(3);

    deliver(projection, job.metric("loss", 1, 0.5));
    String before = Tables.row(database, "SELECT identity, status FROM experiment_runs");
    deliver(projection, job.started());

    assertThat(before).isEqualTo("unknown|pending");
    assertThat(Tables.row(database, "SELECT identity, status, run_name FROM experiment_runs"))
        .isEqualTo("key|running|7/mnist/cnn/s01/-/3");
    assertThat(Tables.row(database, "SELECT metric_name, value FROM metrics"))
        .isEqualTo("loss|0.5");
  }

  @Test
  void anEventThatWasSentTwiceCountsOnce() throws SQLException {
    Events job = Events.ofSeed(3);
    SpecificRecord start = job.started();
    SpecificRecord error = job.error("OutOfMemoryError", "Java heap space");

    BatchResult both = deliver(projection, start, error, error);
    BatchResult again = deliver(projection, start, error);

    assertThat(both).isEqualTo(new BatchResult(2, 0, 1, 0));
    assertThat(again).isEqualTo(new BatchResult(0, 0, 2, 0));
    assertThat(Tables.row(database, "SELECT count(*) FROM run_errors")).isEqualTo("1");
  }

  @Test
  void logCallsThatComeInOverlappingRecordsCountOnce() throws SQLException {
    Events job = Events.ofSeed(3);
    MetricRow[] calls = new MetricRow[12];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = Events.call(i, Map.of("loss", (double) i));
    }
    List<MetricRow> all = List.of(calls);

    BatchResult first = deliver(projection, job.metrics(0, all.subList(0, 10)));
    BatchResult overlapping =
        deliver(
            projection,
            job.metrics(5, all.subList(5, 7)),
            job.metrics(8, all.subList(8, 12)),
            job.metrics(11, all.subList(11, 12)));

    assertThat(first).isEqualTo(new BatchResult(10, 10, 0, 0));
    assertThat(overlapping).isEqualTo(new BatchResult(2, 2, 5, 0));
    assertThat(Tables.row(database, "SELECT points, count, max_value FROM metric_series"))
        .isEqualTo("12|12|11.0");
    assertThat(Tables.row(database, "SELECT seen, events, missing FROM event_streams"))
        .isEqualTo("0-11|12|0");
  }

  @Test
  void aNulInATextCostsACharacterAndNotItsEvent() throws SQLException {
    Events job = Events.ofSeed(3);

    BatchResult result =
        deliver(
            projection,
            job.started(
                start ->
                    start
                        .setConfig("{\"a\":\"x\\u0000y\",\"b\":\"\\\\u0000\"}")
                        .setTags(List.of("one\0tag"))),
            job.error("E", "before\0after"),
            job.metric("lo\0ss", 1, 0.5),
            job.metric("lo\0ss", 2, 0.25),
            job.results("{\"note\":\"\\u0000\"}"),
            job.artifact("model", "a\0b"));

    assertThat(Tables.rows(database, "SELECT detail FROM dead_letters")).isEmpty();
    assertThat(result.deadLetters()).isZero();
    assertThat(Tables.row(database, "SELECT config, tags FROM experiment_runs"))
        .isEqualTo("{\"a\":\"x\ufffdy\",\"b\":\"\\\\u0000\"}|[\"one\ufffdtag\"]");
    assertThat(Tables.row(database, "SELECT message FROM run_errors"))
        .isEqualTo("before\ufffdafter");
    assertThat(Tables.row(database, "SELECT name, count FROM metric_summaries"))
        .isEqualTo("lo\ufffdss|2");
    assertThat(Tables.row(database, "SELECT results FROM run_results"))
        .isEqualTo("{\"note\":\"\ufffd\"}");
    assertThat(Tables.row(database, "SELECT filepath FROM artifacts")).isEqualTo("a\ufffdb");
  }

  @Test
  void aDeadLetterSaysWhyWithoutANul() throws SQLException {
    Events job = Events.ofSeed(3);
    RunEvent unknown = job.started(start -> start.setSource("no\0body"));

    BatchResult result = deliver(projection, unknown);

    assertThat(result.deadLetters()).isEqualTo(1);
    assertThat(Tables.row(database, "SELECT detail FROM dead_letters")).contains("'no\ufffdbody'");
  }

  @Test
  void aHoleInAStreamIsShownUntilItIsFilled() throws SQLException {
    Events job = Events.ofSeed(3);
    MetricsLogged first = job.metric("loss", 0, 1);
    MetricsLogged second = job.metric("loss", 1, 1);
    MetricsLogged third = job.metric("loss", 2, 1);

    deliver(projection, first, third);
    List<String> gaps = Tables.rows(database, "SELECT topic, missing, seen FROM stream_gaps");
    deliver(projection, second);

    assertThat(gaps).containsExactly("runledger.metrics|1|0-0,2-2");
    assertThat(Tables.rows(database, "SELECT * FROM stream_gaps")).isEmpty();
  }

  @Test
  void aBatchThatWasReadFromAnotherPositionChangesNothing() throws SQLException {
    deliver(projection, Events.ofSeed(3).started());
    Position stored = position(Topics.RUNS);
    Position stale = Deliveries.moved(stored, 0);
    IncomingRecord error = record(Events.ofSeed(4).error("E", "m"), Topics.ERRORS, 0);
    Position errors = position(Topics.ERRORS);
    Batch zombie =
        new Batch(
            List.of(error),
            List.of(
                new Advance(errors, Deliveries.moved(errors, 1)),
                new Advance(stale, Deliveries.moved(stored, 9))));

    assertThatThrownBy(() -> projection.apply(zombie))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("runledger.runs-0")
        .hasMessageContaining("offset 0");

    assertThat(position(Topics.RUNS)).isEqualTo(stored);
    assertThat(position(Topics.ERRORS)).isEqualTo(errors);
    assertThat(Tables.row(database, "SELECT count(*) FROM run_errors")).isEqualTo("0");
  }

  @Test
  void whoeverClaimsThePositionsFencesTheOwnerBefore() throws SQLException {
    Tables.change(database, "UPDATE positions SET owner = 'another'");

    assertThatThrownBy(() -> deliver(projection, JOB.started()))
        .isInstanceOf(FencedException.class);

    projection.claim(Deliveries.OWNER, Deliveries.beginnings());
    assertThat(deliver(projection, JOB.started()).applied()).isEqualTo(1);
  }

  @Test
  void aTopicThatWasMadeAnewIsNotReadOn() {
    Position stored = position(Topics.RUNS);
    Position anew =
        new Position(stored.clusterId(), stored.topic(), "another id", 0, 0, stored.leaderEpoch());
    Batch batch = new Batch(List.of(), List.of(new Advance(anew, Deliveries.moved(anew, 5))));

    assertThatThrownBy(() -> projection.apply(batch)).isInstanceOf(FencedException.class);
  }

  @Test
  void aBatchWithARecordThatNothingFencesIsRefused() {
    IncomingRecord record = record(Events.ofSeed(3).started(), Topics.RUNS, 0);
    Position metrics = position(Topics.METRICS);
    List<Advance> advances = List.of(new Advance(metrics, Deliveries.moved(metrics, 1)));

    assertThatThrownBy(() -> new Batch(List.of(record), advances))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("runledger.runs-0@0");
  }

  @Test
  void aMalformedRecordIsKeptByteForByteAndStopsNobody() throws SQLException {
    byte[] value = {0, 1, 2, (byte) 0xff};
    IncomingRecord malformed =
        new IncomingRecord(
            new Source(TopicNames.DEFAULT.name(Topics.RUNS), 0, 0, 1234),
            Optional.empty(),
            Optional.of(value),
            "[[\"h\",\"YQ==\"]]",
            new Decoded.Malformed("truncated", "The record ends in the middle of a string."));
    IncomingRecord good = record(Events.ofSeed(3).started(), Topics.RUNS, 1);
    Position from = position(Topics.RUNS);

    BatchResult result =
        projection.apply(
            new Batch(
                List.of(malformed, good), List.of(new Advance(from, Deliveries.moved(from, 2)))));

    assertThat(result).isEqualTo(new BatchResult(1, 0, 0, 1));
    DeadLetter letter = projection.deadLetters().get(0);
    assertThat(letter.source()).isEqualTo(new Source("runledger.runs", 0, 0, 1234));
    assertThat(letter.key()).isEmpty();
    assertThat(letter.value()).hasValue(value);
    assertThat(letter.headersJson()).isEqualTo("[[\"h\",\"YQ==\"]]");
    assertThat(letter.reason()).isEqualTo("truncated");
    assertThat(letter.state()).isEqualTo("waiting");
    assertThat(position(Topics.RUNS).nextOffset()).isEqualTo(2);
  }

  @Test
  void anExceptionThatNobodyThoughtOfPutsItsRecordAsideAndNoOther() throws SQLException {
    Events job = Events.ofSeed(3);
    Map<String, Double> values = new HashMap<>();
    values.put("loss", 0.5);
    values.put("broken", null);
    MetricsLogged good = job.metric("loss", 0, 1);
    MetricsLogged unfoldable = job.metrics(Events.call(1, values));
    MetricsLogged alsoGood = job.metric("loss", 2, 3);

    BatchResult result = deliver(projection, job.started(), good, unfoldable, alsoGood);

    assertThat(result).isEqualTo(new BatchResult(3, 2, 0, 1));
    assertThat(projection.deadLetters())
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.reason()).isEqualTo("unfoldable");
              assertThat(letter.source().offset()).isEqualTo(1);
            });
    assertThat(Tables.rows(database, "SELECT seq, value FROM raw_metrics ORDER BY seq"))
        .containsExactly("0|1.0", "2|3.0");
    assertThat(Tables.row(database, "SELECT points, count, max_value FROM metric_series"))
        .isEqualTo("2|2|3.0");
    assertThat(Tables.row(database, "SELECT missing FROM stream_gaps")).isEqualTo("1");
  }

  @Test
  void aRecordThatContradictsItselfIsADeadLetter() throws SQLException {
    Events job = Events.ofSeed(3);
    RunEvent stranger = job.started();
    stranger.put("run_id", 12345L);
    RunEvent unknownStatus = job.status(RunStatus.FAILED, StatusSource.JOB);
    ((RunStatusChanged) unknownStatus.getEvent()).put("status", "exploded");
    MetricsLogged empty = job.metrics(0, List.of());
    MetricsLogged negative = job.metrics(-1, List.of(Events.call(1, Map.of("loss", 1.0))));
    MetricsLogged endless =
        job.metrics(Long.MAX_VALUE, List.of(Events.call(1, Map.of("loss", 1.0))));
    MetricsLogged nobody = Events.ofSeed(3).writer(0).metric("loss", 1, 1);

    BatchResult result =
        deliver(projection, stranger, unknownStatus, empty, negative, endless, nobody);

    assertThat(result.deadLetters()).isEqualTo(6);
    assertThat(projection.deadLetters())
        .extracting(DeadLetter::reason)
        .containsExactly(
            "wrong run_id", "unknown status", "empty", "bad seq", "bad seq", "bad writer_id");
    assertThat(Tables.row(database, "SELECT count(*) FROM experiment_runs")).isEqualTo("0");
  }

  @Test
  void aRecordUnderTheKeyOfAnotherRunOrUnderNoneIsADeadLetter() throws SQLException {
    byte[] otherKey = Events.ofSeed(4).run().toString().getBytes(StandardCharsets.UTF_8);
    List<IncomingRecord> misrouted =
        List.of(
            under(Optional.of(otherKey), 0),
            under(Optional.empty(), 1),
            under(Optional.of(new byte[0]), 2));
    Position from = position(Topics.RUNS);

    BatchResult result =
        projection.apply(
            new Batch(misrouted, List.of(new Advance(from, Deliveries.moved(from, 3)))));

    assertThat(result.deadLetters()).isEqualTo(3);
    assertThat(projection.deadLetters()).extracting(DeadLetter::reason).containsOnly("wrong key");
    assertThat(projection.deadLetters().get(1).detail()).startsWith("The record has no key");
    assertThat(Tables.rows(database, "SELECT run_id FROM experiment_runs")).isEmpty();
  }

  private static IncomingRecord under(Optional<byte[]> key, long offset) {
    IncomingRecord good = record(Events.ofSeed(3).started(), Topics.RUNS, offset);
    return new IncomingRecord(good.source(), key, good.value(), "[]", good.decoded());
  }

  @Test
  void aDatabaseThatDoesNotWorkIsNoVerdictOnTheRecords() throws SQLException {
    Tables.change(database, "ALTER TABLE run_errors RENAME TO gone");

    assertThatThrownBy(() -> deliver(projection, JOB.error("E", "m")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("run_errors");

    assertThat(projection.deadLetters()).isEmpty();
    assertThat(position(Topics.ERRORS).nextOffset()).isZero();
  }

  @Test
  void whatWasAppliedIsThereAfterReopening() throws SQLException {
    Events job = Events.ofSeed(3);
    deliver(projection, job.started(), job.metric("loss", 0, 1));
    projection.close();

    projection = Deliveries.open(database);

    assertThat(position(Topics.METRICS).nextOffset()).isEqualTo(1);
    assertThat(deliver(projection, job.metric("loss", 1, 0.5)).applied()).isEqualTo(1);
    assertThat(Tables.row(database, "SELECT count, min_value, last_seq FROM metric_series"))
        .isEqualTo("2|0.5|1");
  }

  @Test
  void aWriterSchemaIsKeptForRebuilds() {
    projection.rememberSchema(7, "{\"type\":\"string\"}");
    projection.rememberSchema(7, "{\"type\":\"string\"}");

    assertThat(projection.schema(7)).hasValue("{\"type\":\"string\"}");
    assertThat(projection.schema(8)).isEmpty();
  }

  @Test
  void anAcceptedGapStaysVisible() throws SQLException {
    projection.recordGap(position(Topics.RUNS), 3, 9, "deleteRecords");

    assertThat(Tables.row(database, "SELECT topic, from_offset, to_offset, reason FROM gaps"))
        .isEqualTo("runledger.runs|3|9|deleteRecords");
  }

  private Position position(Topics topic) {
    return projection.positions().stream()
        .filter(position -> position.topic().equals(TopicNames.DEFAULT.name(topic)))
        .findFirst()
        .orElseThrow();
  }

  private static IncomingRecord record(SpecificRecord event, Topics topic, long offset) {
    long run = (long) event.get(event.getSchema().getField("run_id").pos());
    return new IncomingRecord(
        new Source(TopicNames.DEFAULT.name(topic), 0, offset, 0),
        Optional.of(new RunId(run).toString().getBytes(StandardCharsets.UTF_8)),
        Optional.of(new byte[] {1}),
        "[]",
        new Decoded.Event(event));
  }
}
