package io.runledger.postgres;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.contract.Tables;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever one user says costs that user at most, and nobody else anything. */
class HostileEventsTest {

  @TempDir Path directory;
  private final Events job = Events.ofSeed(3).attempt(1);
  private TestLedger ledger;
  private Projection projection;

  @BeforeEach
  void open() {
    ledger = TestLedger.of(directory, "hostile");
    projection = Deliveries.open(ledger);
  }

  @AfterEach
  void close() {
    projection.close();
  }

  /** Names that no compression makes shorter. */
  private static String name(int length) {
    Random random = new Random(length);
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < length; i++) {
      name.append((char) ('!' + random.nextInt(90)));
    }
    return name.toString();
  }

  @Test
  void aNameOfAMetricThatNoIndexHoldsCostsItsLogCallsAlone() throws SQLException {
    MetricRow good = Events.call(1, Map.of("loss", 0.5));
    MetricRow held = Events.call(1, Map.of(name(2_500), 0.5));
    MetricRow tooLong = Events.call(1, Map.of(name(9_000), 0.5));

    BatchResult result =
        deliver(projection, job.started(), job.metrics(good, tooLong, held), job.error("E", "m"));

    assertThat(result.deadLetters()).isEqualTo(1);
    assertThat(Tables.row(ledger, "SELECT count(*) FROM metrics")).isEqualTo("2");
    assertThat(projection.deadLetters().get(0).detail())
        .startsWith("1 of its 3 rows cannot be applied")
        .contains("index row ");
  }

  @Test
  void aRunMayHaveANameAndAKeyOfAnyLength() throws SQLException {
    Events named = Events.ofName("vision", name(20_000), new UUID(1, 2)).attempt(1);
    Events keyed =
        Events.of(RunKey.of(name(5_000), name(5_001), name(5_002), name(5_003), name(5_004), 7L))
            .attempt(1);

    BatchResult result = deliver(projection, named.started(), keyed.started());

    assertThat(result.deadLetters()).isZero();
    assertThat(Tables.row(ledger, "SELECT count(*), max(length(run_name)) FROM runs"))
        .startsWith("2|");
  }

  @Test
  void aNulInATextIsReplacedAndHoldsNobodyUp() throws SQLException {
    BatchResult result =
        deliver(
            projection,
            job.started(),
            job.error("E\0", "a\0b"),
            job.metrics(Events.call(1, Map.of("lo\0ss", 0.5))),
            job.results("{\"a\\u0000\":\"b\\u0000\"}"));

    assertThat(result.deadLetters()).isZero();
    assertThat(Tables.row(ledger, "SELECT message FROM run_errors")).isEqualTo("a\ufffdb");
    assertThat(Tables.row(ledger, "SELECT results FROM run_results"))
        .isEqualTo("{\"a\ufffd\":\"b\ufffd\"}");
  }

  @Test
  void everyDoubleIsStoredBitForBit() throws SQLException {
    double[] values = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 0.0,
      Double.MIN_VALUE, -Double.MIN_VALUE, Double.MAX_VALUE, 0.1, 1e-310
    };
    List<MetricRow> calls = new ArrayList<>();
    for (double value : values) {
      calls.add(Events.call(calls.size(), Map.of("loss", value)));
    }

    deliver(projection, job.started(), job.metrics(calls.toArray(MetricRow[]::new)));

    List<Long> bits = new ArrayList<>();
    try (var connection = ledger.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery("SELECT value FROM metric_points ORDER BY seq")) {
      while (rows.next()) {
        bits.add(Double.doubleToLongBits(rows.getDouble(1)));
      }
    }
    assertThat(bits)
        .containsExactlyElementsOf(
            Arrays.stream(values).mapToObj(Double::doubleToLongBits).toList());
    assertThat(Tables.row(ledger, "SELECT count(*) FROM metrics WHERE value IS NULL"))
        .isEqualTo("1");
  }

  @Test
  void whatSomebodyPutOnATableStopsThatDatabaseAndBlamesNoRecord() throws SQLException {
    Tables.change(ledger, "CREATE UNIQUE INDEX theirs ON run_errors (message)");
    assertThatThrownBy(() -> deliver(projection, job.error("E", "m")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("The unique index theirs on run_errors in the database")
        .hasMessageContaining("DROP INDEX");
    Tables.change(ledger, "DROP INDEX theirs");

    Tables.change(ledger, "CREATE RULE swallow AS ON INSERT TO run_errors DO INSTEAD NOTHING");
    assertThatThrownBy(() -> deliver(projection, job.error("E", "m")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("rule swallow on run_errors");
    Tables.change(ledger, "DROP RULE swallow ON run_errors");

    Tables.change(
        ledger, "ALTER TABLE run_errors ADD CONSTRAINT short CHECK (length(message) < 3)");
    assertThatThrownBy(() -> deliver(projection, job.error("E", "much too long")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("The table run_errors (constraint short) of the database");
    Tables.change(ledger, "ALTER TABLE run_errors DROP CONSTRAINT short");

    Tables.change(ledger, "CREATE INDEX welcome ON run_errors (message)");
    assertThat(deliver(projection, job.error("E", "m")).applied()).isEqualTo(1);
    Tables.change(ledger, "DROP INDEX welcome");
    assertThat(projection.deadLetters()).isEmpty();
  }

  @Test
  void aTableThatSomebodyLocksHoldsABatchUpAndLosesNothing() throws SQLException {
    try (var connection = ledger.connect()) {
      connection.setAutoCommit(false);
      connection.createStatement().execute("LOCK TABLE run_errors IN ACCESS EXCLUSIVE MODE");

      assertThatThrownBy(() -> deliver(projection, job.error("E", "m")))
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessageContaining("lock timeout");
      connection.rollback();
    }
    assertThat(deliver(projection, job.error("E", "m")).applied()).isEqualTo(1);
    assertThat(projection.deadLetters()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE run_errors ADD cost integer NOT NULL | ALTER TABLE run_errors DROP cost | column cost: was added and must not be null",
        "ALTER TABLE run_errors ALTER step SET NOT NULL | ALTER TABLE run_errors ALTER step DROP NOT NULL | column step: must not be null"
      })
  void aTableThatSomebodyChangedStopsTheWriterAndSendsNoEventToTheDeadLetters(
      String change, String undone, String told) throws SQLException {
    Tables.change(ledger, change);

    assertThatThrownBy(() -> deliver(projection, job.error("E", "much too long")))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("The table run_errors (" + told + ") of the database");

    Tables.change(ledger, undone);
    assertThat(deliver(projection, job.error("E", "much too long")).applied()).isEqualTo(1);
    assertThat(projection.deadLetters()).isEmpty();
  }

  @Test
  void aColumnThatSomebodyAddedAndNobodyNeedsIsWelcome() throws SQLException {
    Tables.change(ledger, "ALTER TABLE run_errors ADD seen boolean NOT NULL DEFAULT false");

    assertThat(deliver(projection, job.error("E", "m")).applied()).isEqualTo(1);

    Tables.change(ledger, "ALTER TABLE run_errors DROP seen");
  }
}
