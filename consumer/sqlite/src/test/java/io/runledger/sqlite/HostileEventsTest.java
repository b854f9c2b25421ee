package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Events;
import io.runledger.fold.ReadableJson;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.SlurmReference;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Whatever one user says costs that user at most, and nobody else anything. */
class HostileEventsTest extends OpenProjection {

  private final Events job = Events.ofSeed(3).attempt(1);

  @Test
  void twoCountsThatExceed63BitsTogetherEndAtTheLargestNumber() throws SQLException {
    deliver(projection, job.started(), job.dropped(Long.MAX_VALUE), job.dropped(1));
    Events innocent = Events.ofSeed(4).attempt(1);

    BatchResult after = deliver(projection, innocent.started(), innocent.metric("loss", 1, 0.5));

    assertThat(after.deadLetters()).isZero();
    assertThat(Tables.rows(database, "SELECT dropped_events FROM run_attempts ORDER BY run_id"))
        .containsExactlyInAnyOrder("9223372036854775807", "0");
  }

  @Test
  void numbersNearTheEndOf63BitsMissWhatTheyMiss() throws SQLException {
    List<MetricRow> one = List.of(Events.call(1, Map.of("loss", 0.5)));
    deliver(
        projection,
        job.started(),
        job.writer(5).metrics(Long.MAX_VALUE - 1, one),
        job.writer(6).metrics(Long.MAX_VALUE - 1, one));

    assertThat(Tables.rows(database, "SELECT missing, typeof(missing) FROM stream_gaps"))
        .containsExactly("9223372036854775806|integer", "9223372036854775806|integer");
    assertThat(Tables.rows(database, "SELECT metric_name, value FROM metrics")).hasSize(2);
  }

  @Test
  void aTimeThatNoCalendarHoldsCostsItselfAndNotItsRecord() throws SQLException {
    MetricRow good = Events.call(1, Map.of("loss", 0.5));
    MetricRow inMilliseconds =
        MetricRow.newBuilder(good)
            .setAt(Instant.EPOCH.plus(1_795_000_000_000_000_000L, ChronoUnit.MICROS))
            .build();

    BatchResult result = deliver(projection, job.metrics(good, inMilliseconds, good));

    assertThat(result.deadLetters()).isZero();
    assertThat(Tables.rows(database, "SELECT timestamp IS NULL FROM metrics ORDER BY metric_id"))
        .containsExactly("0", "1", "0");
  }

  @Test
  void aRowThatCannotBeStoredCostsItselfAndNotItsRecord() throws SQLException {
    MetricRow[] rows = new MetricRow[100];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Events.call(i, Map.of("loss", (double) i));
    }
    deliver(projection, job.started(), job.metrics(0, List.of(rows[0])));
    Tables.change(
        database,
        "INSERT INTO metric_points (series_id, seq, at_us, value) VALUES (1, 37, 0, 7.0), (1, 99, 0, 7.0)");
    SpecificRecord all = job.metrics(0, List.of(rows));

    BatchResult result = deliver(projection, all, job.error("E", "m"));

    assertThat(result).isEqualTo(new BatchResult(98, 97, 1, 1));
    assertThat(Tables.row(database, "SELECT seen, missing FROM event_streams WHERE last_seq > 0"))
        .isEqualTo("0-36,38-98|1");
    DeadLetter letter = projection.deadLetters().get(0);
    assertThat(letter.reason()).isEqualTo("unstorable rows");
    assertThat(letter.detail())
        .startsWith(
            "2 of its 100 rows cannot be applied; the others were. Rows that cannot, counted from 0: 37, 99. ")
        .contains("UNIQUE constraint failed: metric_points");

    Optional<String> tooEarly = projection.retry(letter, new Decoded.Event(all), Instant.EPOCH);
    Tables.change(database, "DELETE FROM metric_points WHERE value = 7.0");
    Optional<String> thereafter = projection.retry(letter, new Decoded.Event(all), Instant.EPOCH);

    assertThat(tooEarly).contains(letter.detail());
    assertThat(thereafter).isEmpty();
    assertThat(
            Tables.row(
                database, "SELECT count(*), count(DISTINCT step), sum(step = value) FROM metrics"))
        .isEqualTo("99|99|99");
  }

  @Test
  void aRecordWithoutOneGoodRowIsADeadLetterAndHoldsNobodyUp() throws SQLException {
    MetricRow row = Events.call(1, Map.of("loss", 0.5));
    deliver(projection, job.started(), job.metrics(0, List.of(row)));
    Tables.change(
        database,
        """
        INSERT INTO metric_points (series_id, seq, at_us, value)
        WITH RECURSIVE n (seq) AS (VALUES (1) UNION ALL SELECT seq + 1 FROM n WHERE seq < 2000)
        SELECT 1, seq, 0, 7.0 FROM n
        """);

    BatchResult result =
        deliver(projection, job.metrics(1, Collections.nCopies(2_000, row)), job.error("E", "m"));

    assertThat(result).isEqualTo(new BatchResult(1, 0, 0, 1));
    assertThat(projection.deadLetters().get(0).detail()).startsWith("2000 of its 2000 rows");
  }

  @Test
  void valuesThatNoDatabaseHoldsCostThemselvesInRowsOfOneRecord() throws SQLException {
    MetricRow good = Events.call(1, Map.of("loss", 0.5));
    List<MetricRow> rows = new ArrayList<>(List.of(good));
    for (long at : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1, 253_402_300_800_000_000L}) {
      rows.add(MetricRow.newBuilder(good).setAt(Instant.EPOCH.plus(at, ChronoUnit.MICROS)).build());
    }
    for (double odd :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e308}) {
      rows.add(MetricRow.newBuilder(good).setEpoch(odd).setElapsedSeconds(odd).build());
      rows.add(MetricRow.newBuilder(good).setValues(Map.of("loss", odd)).build());
    }
    for (long step : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
      rows.add(MetricRow.newBuilder(good).setStep(step).build());
    }
    for (String name : List.of("", "\0", "a\0b", "\ufffd", "m".repeat(100_000), "'\"\n")) {
      rows.add(MetricRow.newBuilder(good).setValues(Map.of(name, 0.25)).build());
    }
    rows.add(MetricRow.newBuilder(good).setValues(Map.of()).build());
    rows.add(good);

    BatchResult result = deliver(projection, job.started(), job.metrics(0, rows));

    assertThat(result.deadLetters()).isZero();
    assertThat(Tables.row(database, "SELECT max(events), max(missing) FROM event_streams"))
        .isEqualTo(rows.size() + "|0");
    assertThat(Tables.row(database, "SELECT count(*) FROM metrics"))
        .isEqualTo(Integer.toString(rows.size() - 1));
    assertThat(Tables.row(database, "SELECT count(*) FROM metrics WHERE value = 0.25"))
        .isEqualTo("6");
  }

  @Test
  void lessThanNoneDroppedIsRefusedAlone() throws SQLException {
    BatchResult result = deliver(projection, job.started(), job.dropped(-1), job.dropped(2));

    assertThat(result.deadLetters()).isEqualTo(1);
    assertThat(Tables.row(database, "SELECT dropped_events FROM run_attempts")).isEqualTo("2");
  }

  @Test
  void sqlArithmeticThatOverflowsIsTheFaultOfARecordAndNotOfTheDatabase() {
    assertThat(
            SqliteRefusals.INSTANCE.isAboutTheData(
                new SQLiteException("integer overflow", SQLiteErrorCode.SQLITE_ERROR)))
        .isTrue();
    assertThat(
            SqliteRefusals.INSTANCE.isAboutTheData(
                new SQLiteException("no such table: runs", SQLiteErrorCode.SQLITE_ERROR)))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"a\":NaN}",
        "{'a':1}",
        "{\"a\":1} trailing",
        "{\"a\":1}{\"b\":2}",
        "{\"a\":01}",
        "[1,]",
        "accuracy=0.9"
      })
  void whatIsNotJsonIsRefusedBeforeItSpoilsTheQueriesOfAll(String text) throws SQLException {

    BatchResult result =
        deliver(
            projection,
            job.started(start -> start.setConfig(text).setTags(List.of("kept"))),
            job.results(text),
            job.artifact("model", "m.pt", text),
            job.results("{\"best\":0.5}"));

    assertThat(result.deadLetters()).isEqualTo(2);
    assertThat(Tables.rows(database, "SELECT json_extract(results, '$.best') FROM run_results"))
        .containsExactly("0.5");
    assertThat(Tables.row(database, "SELECT json_extract(config, '$'), tags FROM runs"))
        .isEqualTo(text + "|[\"kept\"]");
  }

  @ParameterizedTest
  @ValueSource(ints = {ReadableJson.DEEPEST, ReadableJson.DEEPEST + 1, 1_000, 5_000})
  void whatIsTakenForJsonIsJsonForSqliteToo(int depth) throws SQLException {
    String nested = "[".repeat(depth) + "]".repeat(depth);

    deliver(projection, job.started(), job.results(nested));

    assertThat(Tables.rows(database, "SELECT json_valid(results) FROM run_results"))
        .isEqualTo(depth <= ReadableJson.DEEPEST ? List.of("1") : List.of());
  }

  @Test
  void resultsThatNotEveryReaderCanReadAreRefused() throws SQLException {
    String nested = "{\"a\":".repeat(500) + "1" + "}".repeat(500);
    String flat = "{\"a\":[" + "{\"[\":\"{[\\\"[\"},".repeat(1_000) + "{}]}";

    BatchResult result =
        deliver(
            projection,
            job.results("[" + nested + "]"),
            job.results("{\"a\":\"\\ud83d\"}"),
            job.results("{\"a\":\"\\ude00\\ud83d\"}"),
            job.results("{\"a\":1}\0{\"b\""),
            job.results(nested),
            job.results(flat),
            job.results("{\"a\":\"\\\\ud83d \\ud83d\\ude00\"}"));

    assertThat(result.deadLetters()).isEqualTo(4);
    assertThat(Tables.rows(database, "SELECT DISTINCT reason FROM dead_letters"))
        .containsExactly("not JSON");
  }

  @Test
  void aConfigurationThatEndsEarlyForSqlIsKeptWhole() throws SQLException {
    deliver(projection, job.started(start -> start.setConfig("{\"a\":1}\0{\"b\"")));

    assertThat(Tables.row(database, "SELECT json_valid(config), config FROM runs"))
        .isEqualTo("1|\"{\\\"a\\\":1}\ufffd{\\\"b\\\"\"");
  }

  @Test
  void aConfigurationThatIsNotJsonStaysReadableAndItsStartCounts() throws SQLException {
    deliver(projection, job.started(start -> start.setConfig("lr=0.1")));

    assertThat(
            Tables.row(database, "SELECT config, json_extract(config, '$.lr'), status FROM runs"))
        .isEqualTo("\"lr=0.1\"|null|running");
  }

  @Test
  void aDeletedRunThatIsStartedAgainIsVisible() throws SQLException {
    deliver(projection, job.started(), job.metric("loss", 1, 0.5), job.deleted());
    assertThat(Tables.rows(database, "SELECT run_id FROM runs")).isEmpty();
    assertThat(Tables.rows(database, "SELECT value FROM metrics")).isEmpty();

    Events again = job.attempt(2);
    deliver(projection, again.started());

    assertThat(Tables.rows(database, "SELECT run_id FROM runs")).hasSize(1);
    assertThat(Tables.rows(database, "SELECT value FROM metrics")).containsExactly("0.5");
    deliver(projection, again.deleted());
    assertThat(Tables.rows(database, "SELECT run_id FROM runs")).isEmpty();
  }

  @Test
  void anOperatorWhoSpeaksUnderAnIdOfTheirOwnBeginsNoAttempt() throws SQLException {
    Events operator = job.attempt(9);
    deliver(projection, job.started(), job.completed());

    deliver(projection, operator.annotated("the baseline", List.of("paper"), List.of()));

    assertThat(
            Tables.row(
                database,
                "SELECT status, attempts, last_attempt_id, notes, tags FROM experiment_runs"))
        .isEqualTo("completed|1|1|the baseline|[\"paper\"]");
    deliver(projection, operator.deleted());
    assertThat(Tables.rows(database, "SELECT run_id FROM runs")).isEmpty();
    deliver(projection, job.attempt(10).started());
    assertThat(Tables.row(database, "SELECT status, attempts, notes FROM experiment_runs"))
        .isEqualTo("running|2|the baseline");
    assertThat(Tables.rows(database, "SELECT run_id FROM runs")).hasSize(1);
  }

  @Test
  void whatAnOperatorSaysOfARunThatNobodyKnowsYetCountsWhenItIsKnown() throws SQLException {
    deliver(projection, job.attempt(9).annotated(null, List.of("paper"), List.of()));
    assertThat(Tables.rows(database, "SELECT run_id FROM experiment_runs")).isEmpty();

    deliver(projection, job.started());

    assertThat(Tables.row(database, "SELECT status, attempts, tags FROM experiment_runs"))
        .isEqualTo("running|1|[\"paper\"]");
  }

  @Test
  void aTriggerOfAUserStopsTheWriterAndSendsNoEventToTheDeadLetters() throws SQLException {
    Tables.change(
        database,
        "CREATE TRIGGER audit BEFORE INSERT ON run_errors BEGIN SELECT RAISE(ABORT, 'no'); END");

    assertThatThrownBy(() -> deliver(projection, job.error("E", "m")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("trigger audit on run_errors");

    Tables.change(database, "DROP TRIGGER audit");
    assertThat(deliver(projection, job.error("E", "m")).deadLetters()).isZero();
    assertThat(Tables.rows(database, "SELECT exception_type FROM run_errors")).containsExactly("E");
  }

  @Test
  void aUniqueIndexOfAUserStopsTheWriterAndSendsNoEventToTheDeadLetters() throws SQLException {
    Tables.change(database, "CREATE UNIQUE INDEX one_message ON run_errors (message)");

    assertThatThrownBy(() -> deliver(projection, job.error("E", "m"), job.error("F", "m")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("unique index one_message on run_errors")
        .hasMessageContaining("DROP INDEX");
    assertThat(projection.deadLetters()).isEmpty();

    Tables.change(database, "DROP INDEX one_message");
    assertThat(deliver(projection, job.error("E", "m"), job.error("F", "m")).deadLetters())
        .isZero();
  }

  @Test
  void aConstraintThatAUserPutOnATableIsNoVerdictOnTheEvent() throws SQLException {
    Tables.change(
        database, "ALTER TABLE run_errors ADD COLUMN mine TEXT CHECK (message NOT LIKE 'm%')");

    assertThatThrownBy(() -> deliver(projection, job.error("E", "m")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("The table run_errors")
        .hasMessageContaining("CHECK constraint")
        .hasMessageContaining("runledger rebuild");
    assertThat(projection.deadLetters()).isEmpty();

    Tables.change(database, "ALTER TABLE run_errors DROP COLUMN mine");
    assertThat(deliver(projection, job.error("E", "m")).deadLetters()).isZero();
  }

  @Test
  void whatRefusesNoRowOfOursMayStay() throws SQLException {
    for (String harmless :
        List.of(
            "CREATE INDEX by_host ON run_attempts (host)",
            "CREATE INDEX long_messages ON run_errors (length(message)) WHERE step IS NOT NULL",
            "CREATE TABLE my_labels (run_id INTEGER, label TEXT)",
            "CREATE UNIQUE INDEX one_label ON my_labels (run_id)",
            "CREATE VIEW my_errors AS SELECT message FROM run_errors",
            "ALTER TABLE run_errors ADD COLUMN seen_by TEXT")) {
      Tables.change(database, harmless);
    }

    assertThat(deliver(projection, job.started(), job.error("E", "m")).deadLetters()).isZero();
    assertThat(Tables.rows(database, "SELECT message FROM my_errors")).containsExactly("m");
  }

  @Test
  void aRequeuedJobThatCompletedIsCompletedThoughItsFirstNodesClockWasAhead() throws SQLException {
    Events first = job.attempt(90);
    Events second = job.attempt(10);
    deliver(
        projection,
        second.started(start -> start.setSlurm(slurm(1)).setResumedFromStep(2L)),
        second.metrics(Events.call(2, Map.of("loss", 0.2))),
        second.completed(),
        first.started(start -> start.setSlurm(slurm(0))),
        first.metrics(Events.call(1, Map.of("loss", 0.5)), Events.call(2, Map.of("loss", 0.4))),
        first.status(RunStatus.FAILED, StatusSource.JOB));

    assertThat(
            Tables.row(
                database, "SELECT status, first_attempt_id, last_attempt_id FROM experiment_runs"))
        .isEqualTo("completed|90|10");
    assertThat(Tables.rows(database, "SELECT step, value FROM metrics ORDER BY step"))
        .containsExactly("1|0.5", "2|0.2");
    assertThat(Tables.row(database, "SELECT last_value FROM metric_summaries")).isEqualTo("0.2");
  }

  private static SlurmReference slurm(int restarts) {
    return SlurmReference.newBuilder(Events.slurmReference(42)).setRestartCount(restarts).build();
  }
}
