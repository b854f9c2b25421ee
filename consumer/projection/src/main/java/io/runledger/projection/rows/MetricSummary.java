package io.runledger.projection.rows;

import io.runledger.fold.Series;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * What a run's metric amounts to over all its series. Series come by attempt and writer, oldest
 * first; of equal values the first stays. Not thread-safe.
 */
final class MetricSummary {

  private long count;
  private long nanCount;
  private Series.Mark min = new Series.Mark();
  private Series.Mark max = new Series.Mark();
  private Series.Mark last = new Series.Mark();
  private Double highestEpoch;

  void merge(Series series) {
    if (series.count == 0) {
      return;
    }
    count += series.count;
    nanCount += series.nanCount;
    if (series.min.seq >= 0 && (min.seq < 0 || series.min.value < min.value)) {
      min = series.min;
    }
    if (series.max.seq >= 0 && (max.seq < 0 || series.max.value > max.value)) {
      max = series.max;
    }
    last = series.last;
    highestEpoch = Series.higher(highestEpoch, series.highestEpoch);
  }

  void store(Statements statements, long runId, String name) throws SQLException {
    if (count == 0) {
      statements.update("DELETE FROM metric_summaries WHERE run_id = ? AND name = ?", runId, name);
      return;
    }
    PreparedStatement upsert =
        statements.statement(
            """
            INSERT INTO metric_summaries (
                   run_id, name, count, nan_count, min_value, min_step, min_epoch,
                   max_value, max_step, max_epoch, last_value, last_step, last_epoch, highest_epoch)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_id, name) DO UPDATE
               SET count = excluded.count, nan_count = excluded.nan_count,
                   min_value = excluded.min_value, min_step = excluded.min_step,
                   min_epoch = excluded.min_epoch, max_value = excluded.max_value,
                   max_step = excluded.max_step, max_epoch = excluded.max_epoch,
                   last_value = excluded.last_value, last_step = excluded.last_step,
                   last_epoch = excluded.last_epoch, highest_epoch = excluded.highest_epoch
            """);
    upsert.setLong(1, runId);
    upsert.setString(2, name);
    upsert.setLong(3, count);
    upsert.setLong(4, nanCount);
    bind(upsert, 5, min);
    bind(upsert, 8, max);
    bind(upsert, 11, last);
    Values.bindEpoch(upsert, 14, highestEpoch);
    upsert.executeUpdate();
  }

  private static void bind(PreparedStatement statement, int index, Series.Mark mark)
      throws SQLException {
    Values.bindValue(statement, index, mark.value);
    Values.bind(statement, index + 1, mark.step);
    Values.bindEpoch(statement, index + 2, mark.epoch);
  }
}
