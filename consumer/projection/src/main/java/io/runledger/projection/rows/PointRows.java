package io.runledger.projection.rows;

import io.runledger.fold.Instants;
import io.runledger.fold.Series;
import io.runledger.schemas.event.MetricRow;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Inserts points: the hottest path of all. They are gathered and written series by series, so that
 * rows which lie beside one another in the table are written one after the other, and many with one
 * statement, because calling SQLite costs more than the row itself. Not thread-safe.
 */
public final class PointRows {

  /** Points that wait at most, 28 bytes each beside their log calls. */
  private static final int CAPACITY = 1 << 18;

  /** Rows of one statement, most first; the last is 1. */
  private static final int[] ROWS = {256, 16, 1};

  private static final int COLUMNS = 7;

  private final Statements statements;
  private final String[] inserts = new String[ROWS.length];
  private final List<Series> waitingSeries = new ArrayList<>();
  private Series[] series = new Series[1_024];
  private long[] seqs = new long[1_024];
  private MetricRow[] calls = new MetricRow[1_024];
  private double[] values = new double[1_024];
  private int waiting;

  PointRows(Statements statements) {
    this.statements = statements;
    for (int i = 0; i < ROWS.length; i++) {
      inserts[i] =
          "INSERT INTO metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value)"
              + " VALUES (?, ?, ?, ?, ?, ?, ?)"
              + ", (?, ?, ?, ?, ?, ?, ?)".repeat(ROWS[i] - 1);
    }
  }

  void add(Series of, long seq, MetricRow call, double value) throws SQLException {
    if (waiting == CAPACITY) {
      flush();
    }
    if (waiting == seqs.length) {
      int length = 2 * waiting;
      series = Arrays.copyOf(series, length);
      seqs = Arrays.copyOf(seqs, length);
      calls = Arrays.copyOf(calls, length);
      values = Arrays.copyOf(values, length);
    }
    if (of.waitingPoints == 0) {
      waitingSeries.add(of);
    }
    of.waitingPoints++;
    series[waiting] = of;
    seqs[waiting] = seq;
    calls[waiting] = call;
    values[waiting] = value;
    waiting++;
  }

  /** Writes those that wait. */
  void flush() throws SQLException {
    int[] order = bySeries();
    int next = 0;
    for (int i = 0; i < ROWS.length; i++) {
      PreparedStatement insert = null;
      while (order.length - next >= ROWS[i]) {
        if (insert == null) {
          insert = statements.statement(inserts[i]);
        }
        for (int row = 0; row < ROWS[i]; row++) {
          bind(insert, row * COLUMNS, order[next + row]);
        }
        insert.executeUpdate();
        next += ROWS[i];
      }
    }
    forget();
  }

  /** The places of all points, those of a series together and in the order in which they came. */
  private int[] bySeries() {
    waitingSeries.sort(Comparator.comparingLong(one -> one.id));
    int next = 0;
    for (Series one : waitingSeries) {
      int points = one.waitingPoints;
      one.waitingPoints = next;
      next += points;
    }
    int[] order = new int[waiting];
    for (int i = 0; i < waiting; i++) {
      order[series[i].waitingPoints++] = i;
    }
    return order;
  }

  private void bind(PreparedStatement insert, int before, int point) throws SQLException {
    MetricRow call = calls[point];
    insert.setLong(before + 1, series[point].id);
    insert.setLong(before + 2, seqs[point]);
    Values.bind(insert, before + 3, call.getStep());
    Values.bindEpoch(insert, before + 4, Values.finite(call.getEpoch()));
    insert.setLong(before + 5, Instants.micros(call.getAt()));
    if (call.getElapsedSeconds() == null) {
      insert.setNull(before + 6, Types.REAL);
    } else {
      Values.bindValue(insert, before + 6, call.getElapsedSeconds());
    }
    Values.bindValue(insert, before + 7, values[point]);
  }

  /** Forgets what waits, because the database went back to an earlier state. */
  void forget() {
    waitingSeries.forEach(one -> one.waitingPoints = 0);
    waitingSeries.clear();
    Arrays.fill(series, 0, waiting, null);
    Arrays.fill(calls, 0, waiting, null);
    waiting = 0;
  }
}
