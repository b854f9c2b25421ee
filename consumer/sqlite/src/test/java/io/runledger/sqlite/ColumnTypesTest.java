package io.runledger.sqlite;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.schemas.event.MetricRow;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Columns without a type hold whole numbers as such, so that people read 5 and not 5.0. */
class ColumnTypesTest extends OpenProjection {

  private final Events job = Events.ofSeed(3).attempt(1);

  @Test
  void aWholeEpochIsAnIntegerAndAPartOfOneAReal() throws SQLException {
    deliver(
        projection,
        job.started(),
        job.metrics(inEpoch(5.25), inEpoch(5.0), inEpoch(-0.0), inEpoch(0x1p63)));

    assertThat(Tables.rows(database, "SELECT epoch, typeof(epoch) FROM metric_points ORDER BY seq"))
        .containsExactly("5.25|real", "5|integer", "0|integer", "9.223372036854776E18|real");
  }

  @Test
  void aValueOfASummaryHasTheTypeThatWasRecorded() throws SQLException {
    deliver(projection, job.started(), job.results("{\"a\":0.7,\"b\":1,\"c\":true,\"d\":null}"));

    assertThat(Tables.rows(database, "SELECT name, typeof(value) FROM run_summary ORDER BY 1"))
        .containsExactly("a|real", "b|integer", "c|text", "d|null");
  }

  private static MetricRow inEpoch(double epoch) {
    return MetricRow.newBuilder(Events.call(1, Map.of("loss", 0.5))).setEpoch(epoch).build();
  }
}
