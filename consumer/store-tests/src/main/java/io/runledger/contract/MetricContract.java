package io.runledger.contract;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Points and what sums them up. */
abstract class MetricContract extends OpenProjection {

  private static final String SUMMARY =
      "SELECT count, nan_count, min_value, min_step, max_value, max_step, last_value, last_step FROM metric_summaries";

  private final Events job = Events.ofSeed(3).attempt(1);

  @Test
  void anyNumberThatWasLoggedComesBackBitForBit() throws SQLException {
    List<Double> logged =
        new ArrayList<>(
            List.of(
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                0.0,
                -0.0,
                Double.MIN_VALUE,
                -Double.MIN_VALUE,
                Double.MIN_NORMAL / 2,
                Double.MAX_VALUE,
                1.0,
                -1e15,
                9007199254740992.0,
                0.1));
    new Random(1).longs(2_000).mapToObj(Double::longBitsToDouble).forEach(logged::add);

    MetricRow[] calls = new MetricRow[logged.size()];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = Events.call(i, Map.of("loss", logged.get(i)));
    }
    deliver(projection, job.metrics(calls));

    List<Double> found = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT value FROM raw_metrics ORDER BY seq")) {
      while (row.next()) {
        double value = row.getDouble(1);
        found.add(row.wasNull() ? Double.NaN : value);
      }
    }
    // Double.equals distinguishes -0.0 from 0.0 and treats all NaN as equal
    assertThat(found).isEqualTo(logged);
  }

  @Test
  void aWholeEpochReadsAsAWholeNumberAndAPartOfOneAsAFraction() throws SQLException {
    deliver(
        projection,
        job.metrics(
            inEpoch(5.0, 2.0),
            inEpoch(5.25, 1.0),
            inEpoch(-0.0, 3.0),
            inEpoch(0x1p63, 4.0),
            inEpoch(Double.NaN, 5.0)));

    assertThat(
            Tables.rows(
                database,
                "SELECT value, CAST(epoch + 0 AS DOUBLE PRECISION) FROM metric_points ORDER BY value"))
        .containsExactly("1.0|5.25", "2.0|5.0", "3.0|0.0", "4.0|9.223372036854776E18", "5.0|null");
    assertThat(
            Tables.row(
                database,
                "SELECT min_epoch, max_epoch, last_epoch, highest_epoch FROM metric_summaries"))
        .isEqualTo("5.25|null|null|9.223372036854776E18");
  }

  private static MetricRow inEpoch(double epoch, double value) {
    return MetricRow.newBuilder()
        .setAt(Events.DAWN)
        .setEpoch(epoch)
        .setValues(Map.of("loss", value))
        .build();
  }

  @Test
  void nanIsCountedAndHasNoPartInMinimumAndMaximum() throws SQLException {
    deliver(
        projection,
        job.metric("loss", 0, 2),
        job.metric("loss", 1, Double.NaN),
        job.metric("loss", 2, 1),
        job.metric("loss", 3, Double.NaN));

    assertThat(Tables.row(database, SUMMARY)).isEqualTo("4|2|1.0|2|2.0|0|null|3");
  }

  @Test
  void aSeriesOfNothingButNanHasNoMinimum() throws SQLException {
    deliver(projection, job.metric("loss", 0, Double.NaN));

    assertThat(Tables.row(database, SUMMARY)).isEqualTo("1|1|null|null|null|null|null|0");
  }

  @Test
  void ofEqualValuesTheEarliestPointIsNamedAlsoWhenItComesLast() throws SQLException {
    var first = job.metric("loss", 10, 0.0);
    var second = job.metric("loss", 20, -0.0);
    deliver(projection, second);
    deliver(projection, first);

    assertThat(Tables.row(database, SUMMARY)).isEqualTo("2|0|0.0|10|0.0|10|-0.0|20");
  }

  @Test
  void ofEqualValuesOfTwoWritersTheLowerWriterIsNamed() throws SQLException {
    deliver(projection, job.writer(8).metric("loss", 80, 1));
    deliver(projection, job.writer(7).metric("loss", 70, 1));

    assertThat(Tables.row(database, SUMMARY)).isEqualTo("2|0|1.0|70|1.0|70|1.0|80");
  }

  @Test
  void aResumeSupersedesTheOlderPointsFromItsStepOn() throws SQLException {
    for (int step = 0; step < 10; step++) {
      deliver(projection, job.metric("loss", step, 10 - step));
    }
    Events resumed = job.attempt(2);
    deliver(projection, resumed.resumedFrom(6));
    String betweenStartAndFirstLog = Tables.row(database, SUMMARY);
    deliver(projection, resumed.metric("loss", 6, 50), resumed.metric("loss", 7, 40));

    assertThat(betweenStartAndFirstLog).isEqualTo("6|0|5.0|5|10.0|0|5.0|5");
    assertThat(Tables.row(database, SUMMARY)).isEqualTo("8|0|5.0|5|50.0|6|40.0|7");
    assertThat(Tables.rows(database, "SELECT step, value FROM metrics ORDER BY step"))
        .containsExactly("0|10.0", "1|9.0", "2|8.0", "3|7.0", "4|6.0", "5|5.0", "6|50.0", "7|40.0");
    assertThat(Tables.row(database, "SELECT count(*), sum(superseded) FROM raw_metrics"))
        .isEqualTo("12|4");
  }

  @Test
  void supersededPointsThatComeLateAreKeptAndDoNotCount() throws SQLException {
    deliver(projection, job.attempt(2).resumedFrom(5));
    deliver(projection, job.metric("loss", 4, 4));
    deliver(projection, job.metric("loss", 5, -5), job.metric("loss", 6, -6));

    assertThat(Tables.row(database, SUMMARY)).isEqualTo("1|0|4.0|4|4.0|4|4.0|4");
    assertThat(Tables.row(database, "SELECT count(*) FROM raw_metrics")).isEqualTo("3");
  }

  @Test
  void aMetricOfWhichNothingStandsHasNoSummary() throws SQLException {
    deliver(projection, job.metric("loss", 8, 1));
    deliver(projection, job.attempt(2).resumedFrom(0));

    assertThat(Tables.rows(database, SUMMARY)).isEmpty();
    assertThat(Tables.row(database, "SELECT points, count FROM metric_series")).isEqualTo("1|0");
  }

  @Test
  void theLowestResumeOfTheNewerAttemptsCuts() throws SQLException {
    deliver(projection, job.metric("loss", 3, 1), job.metric("loss", 7, 1));
    deliver(projection, job.attempt(2).resumedFrom(7));
    deliver(projection, job.attempt(3).resumedFrom(3));

    assertThat(Tables.rows(database, "SELECT attempt_id, superseded_from_step FROM run_attempts"))
        .containsExactly("1|3", "2|3", "3|null");
    assertThat(Tables.rows(database, "SELECT step FROM metrics")).isEmpty();
  }

  @Test
  void aWriterWhoseFirstCallHadNoMetricsIsNotForgottenInTheSummary() throws SQLException {
    Events resumed = job.attempt(2).writer(20);
    deliver(projection, job.metric("loss", 0, 9), job.metric("loss", 7, 1));
    deliver(projection, resumed.metrics(Events.call(6, Map.of())), resumed.resumedFrom(6));
    deliver(projection, job.metric("loss", 1, 8));
    deliver(projection, resumed.metric("loss", 6, 5), resumed.metric("f1", 6, 0.5));

    assertThat(Tables.rows(database, "SELECT name, count, min_value FROM metric_summaries"))
        .containsExactlyInAnyOrder("loss|3|5.0", "f1|1|0.5");
  }

  @Test
  void summariesAgreeWithThePointsTheySumUp() throws SQLException {
    for (int i = 0; i < 200; i++) {
      Events writer = job.attempt(1 + i % 3).writer(10 + i % 5);
      MetricsLogged record =
          writer.metrics(i, List.of(Events.call(i * 7L % 50, Map.of("loss", i * 37 % 100 / 8.0))));
      deliver(projection, record);
      if (i % 4 == 0) {
        // Sent twice, as by a sender that died before it saw the acknowledgement.
        deliver(projection, record);
      }
    }
    deliver(projection, job.attempt(2).resumedFrom(30), job.attempt(3).resumedFrom(20));

    assertThat(
            Tables.rows(
                database,
                "SELECT run_id, name, count, nan_count, min_value, max_value, CAST(highest_epoch AS REAL) FROM metric_summaries"))
        .isEqualTo(
            Tables.rows(
                database,
                "SELECT run_id, metric_name, count(*), count(*) - count(value), min(value), max(value), max(epoch) FROM metrics GROUP BY run_id, metric_name"));
  }
}
