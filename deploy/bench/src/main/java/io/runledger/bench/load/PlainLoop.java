package io.runledger.bench.load;

import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * The reference for everything that writes: puts the points of a load into the same tables with the
 * loop that anybody would write first. It knows nothing about duplicates, positions, summaries or
 * resumes. Only inserting and committing is timed, not the generation of the load.
 */
public final class PlainLoop {

  /** What a commit guarantees. */
  public enum Mode {
    /** As the service writes. */
    LIVE,
    /** As a rebuild writes: nothing until the end. */
    REBUILD
  }

  /**
   * The result.
   *
   * @param bytes of the database afterwards
   */
  public record Result(long points, double seconds, long bytes) {
    public double pointsPerSecond() {
      return points / seconds;
    }
  }

  /** How points get into a store. */
  interface Inserts {

    /** Adds rows of points, in the transaction of the connection. */
    void insert(Points points) throws SQLException;
  }

  private static final int POINTS_PER_TRANSACTION = 350_000;

  /** What one transaction inserts, a column an array. */
  static final class Points {
    final long[] series = new long[POINTS_PER_TRANSACTION];
    final long[] seqs = new long[POINTS_PER_TRANSACTION];
    final long[] steps = new long[POINTS_PER_TRANSACTION];
    final double[] epochs = new double[POINTS_PER_TRANSACTION];
    final long[] instants = new long[POINTS_PER_TRANSACTION];
    final double[] values = new double[POINTS_PER_TRANSACTION];
    private int size;

    int size() {
      return size;
    }

    private void add(long id, long seq, MetricRow row, double value) {
      series[size] = id;
      seqs[size] = seq;
      steps[size] = row.getStep();
      epochs[size] = row.getEpoch();
      instants[size] = ChronoUnit.MICROS.between(Instant.EPOCH, row.getAt());
      values[size] = value;
      size++;
    }
  }

  private record SeriesKey(long run, String name) {}

  private final Connection connection;
  private final Inserts inserts;
  private final PreparedStatement newSeries;
  private final Map<SeriesKey, Long> series = new HashMap<>();
  private final Points waiting = new Points();
  private long inserted;
  private long nanos;

  private PlainLoop(Connection connection, Inserts inserts) throws SQLException {
    this.connection = connection;
    this.inserts = inserts;
    this.newSeries =
        connection.prepareStatement(
            """
            INSERT INTO metric_series (series_id, run_id, attempt_id, writer_id, name, points, count, nan_count)
            VALUES (?, ?, ?, ?, ?, 0, 0, 0)
            """);
  }

  /**
   * Writes all points of {@code load}; the result has no bytes yet.
   *
   * @param connection to the tables of a new database
   */
  static Result run(Workload load, Connection connection, Inserts inserts) throws SQLException {
    connection.setAutoCommit(false);
    PlainLoop loop = new PlainLoop(connection, inserts);
    load.forEach(loop::take);
    loop.insert();
    return new Result(loop.inserted, loop.nanos / 1e9, 0);
  }

  private void take(Workload.Message message) {
    if (message.event() instanceof MetricsLogged logged) {
      long seq = logged.getFirstSeq();
      for (MetricRow row : logged.getRows()) {
        for (Map.Entry<String, Double> value : row.getValues().entrySet()) {
          if (waiting.size == POINTS_PER_TRANSACTION) {
            insert();
          }
          waiting.add(series(logged, value.getKey()), seq, row, value.getValue());
        }
        seq++;
      }
    }
  }

  private long series(MetricsLogged logged, String name) {
    SeriesKey key = new SeriesKey(logged.getRunId(), name);
    Long id = series.get(key);
    if (id == null) {
      id = series.size() + 1L;
      series.put(key, id);
      try {
        newSeries.setLong(1, id);
        newSeries.setLong(2, logged.getRunId());
        newSeries.setLong(3, logged.getAttemptId());
        newSeries.setLong(4, logged.getWriterId());
        newSeries.setString(5, name);
        newSeries.executeUpdate();
      } catch (SQLException e) {
        throw new IllegalStateException("The reference cannot add a series.", e);
      }
    }
    return id;
  }

  private void insert() {
    long begun = System.nanoTime();
    try {
      inserts.insert(waiting);
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("The reference cannot insert.", e);
    }
    nanos += System.nanoTime() - begun;
    inserted += waiting.size;
    waiting.size = 0;
  }
}
