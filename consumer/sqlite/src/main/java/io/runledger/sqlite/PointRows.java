package io.runledger.sqlite;

import io.runledger.fold.Instants;
import io.runledger.fold.PointBuffer;
import io.runledger.rows.PointWriter;
import io.runledger.rows.Statements;
import io.runledger.rows.Values;
import io.runledger.schemas.event.MetricRow;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;

/**
 * Inserts points, many with one statement, because calling SQLite costs more than the row itself.
 * Not thread-safe.
 */
final class PointRows implements PointWriter {

  /** Rows of one statement, most first; the last is 1. */
  private static final int[] ROWS = {256, 16, 1};

  private static final int COLUMNS = 7;

  private static final double TWO_TO_63 = 0x1p63;

  private final Statements statements;
  private final String[] inserts = new String[ROWS.length];

  PointRows(Statements statements) {
    this.statements = statements;
    for (int i = 0; i < ROWS.length; i++) {
      inserts[i] =
          "INSERT INTO metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?)"
              + ", (?, ?, ?, ?, ?, ?, ?)".repeat(ROWS[i] - 1);
    }
  }

  @Override
  public void add(PointBuffer.BySeries points) {
    int next = 0;
    for (int i = 0; i < ROWS.length; i++) {
      int rows = ROWS[i];
      while (points.size() - next >= rows) {
        int first = next;
        statements.change(
            inserts[i],
            insert -> {
              for (int row = 0; row < rows; row++) {
                bind(insert, row * COLUMNS, points, first + row);
              }
            });
        next += rows;
      }
    }
  }

  private static void bind(
      PreparedStatement insert, int before, PointBuffer.BySeries points, int place)
      throws SQLException {
    MetricRow call = points.call(place);
    insert.setLong(before + 1, points.seriesId(place));
    insert.setLong(before + 2, points.seq(place));
    Values.bind(insert, before + 3, call.getStep());
    bindEpoch(insert, before + 4, points.epoch(place));
    insert.setLong(before + 5, Instants.micros(call.getAt()));
    Values.bind(insert, before + 6, call.getElapsedSeconds());
    Values.bindValue(insert, before + 7, points.value(place));
  }

  /** A whole epoch is an INTEGER, so that people read 5 and not 5.0. */
  static void bindEpoch(PreparedStatement statement, int index, Double epoch) throws SQLException {
    if (epoch == null) {
      statement.setNull(index, Types.REAL);
    } else if (epoch == (double) (long) (double) epoch && epoch < TWO_TO_63) {
      statement.setLong(index, (long) (double) epoch);
    } else {
      statement.setDouble(index, epoch);
    }
  }
}
