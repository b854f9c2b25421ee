package io.runledger.bench.load;

import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * The reference for everything that writes: puts the points of a load into the same tables with the
 * loop that anybody would write first. It knows nothing about duplicates, positions, summaries or
 * resumes. Only inserting and committing is timed, not the generation of the load.
 */
public final class PlainJdbcLoop {

  /** What a commit guarantees. */
  public enum Mode {
    /** As the service writes: a write-ahead log, synced at each checkpoint. */
    LIVE("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"),
    /** As a rebuild writes: nothing until the end. */
    REBUILD("PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF");

    private final String journal;
    private final String sync;

    Mode(String journal, String sync) {
      this.journal = journal;
      this.sync = sync;
    }
  }

  /**
   * The result.
   *
   * @param bytes of the file afterwards
   */
  public record Result(long points, double seconds, long bytes) {
    public double pointsPerSecond() {
      return points / seconds;
    }
  }

  private static final int POINTS_PER_TRANSACTION = 350_000;

  private record SeriesKey(long run, String name) {}

  private final Connection connection;
  private final Map<SeriesKey, Long> series = new HashMap<>();
  private final PreparedStatement newSeries;
  private final PreparedStatement point;
  private final long[] ids = new long[POINTS_PER_TRANSACTION];
  private final long[] seqs = new long[POINTS_PER_TRANSACTION];
  private final long[] steps = new long[POINTS_PER_TRANSACTION];
  private final double[] epochs = new double[POINTS_PER_TRANSACTION];
  private final long[] instants = new long[POINTS_PER_TRANSACTION];
  private final double[] values = new double[POINTS_PER_TRANSACTION];
  private int waiting;
  private long inserted;
  private long nanos;

  private PlainJdbcLoop(Connection connection) throws SQLException {
    this.connection = connection;
    newSeries =
        connection.prepareStatement(
            """
            INSERT INTO metric_series (series_id, run_id, attempt_id, writer_id, name, points, count, nan_count)
            VALUES (?, ?, ?, ?, ?, 0, 0, 0)
            """);
    point =
        connection.prepareStatement(
            """
            INSERT INTO metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value)
            VALUES (?, ?, ?, ?, ?, NULL, ?)
            """);
  }

  /** Fills a new database in {@code directory}, and deletes it. */
  public static Result run(Path directory, Workload load, Mode mode) throws SQLException {
    Path database = directory.resolve("plain-loop.db");
    SqliteProjection.open(database).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(mode.journal);
        statement.execute(mode.sync);
        statement.execute("PRAGMA cache_size = -65536");
      }
      connection.setAutoCommit(false);
      PlainJdbcLoop loop = new PlainJdbcLoop(connection);
      load.forEach(loop::take);
      loop.insert();
      try (Statement statement = connection.createStatement()) {
        connection.setAutoCommit(true);
        statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      }
      Path file = database.toRealPath();
      return new Result(loop.inserted, loop.nanos / 1e9, Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      Directories.deleteFiles(directory, "plain-loop");
    }
  }

  private void take(Workload.Message message) {
    if (message.event() instanceof MetricsLogged logged) {
      long seq = logged.getFirstSeq();
      for (MetricRow row : logged.getRows()) {
        for (Map.Entry<String, Double> value : row.getValues().entrySet()) {
          take(logged, seq, row, value);
        }
        seq++;
      }
    }
  }

  private void take(
      MetricsLogged logged, long seq, MetricRow row, Map.Entry<String, Double> value) {
    if (waiting == POINTS_PER_TRANSACTION) {
      insert();
    }
    ids[waiting] = series(logged, value.getKey());
    seqs[waiting] = seq;
    steps[waiting] = row.getStep();
    epochs[waiting] = row.getEpoch();
    instants[waiting] = ChronoUnit.MICROS.between(Instant.EPOCH, row.getAt());
    values[waiting] = value.getValue();
    waiting++;
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
      for (int i = 0; i < waiting; i++) {
        point.setLong(1, ids[i]);
        point.setLong(2, seqs[i]);
        point.setLong(3, steps[i]);
        point.setLong(4, (long) epochs[i]);
        point.setLong(5, instants[i]);
        if (Double.isNaN(values[i])) {
          point.setNull(6, Types.REAL);
        } else {
          point.setDouble(6, values[i]);
        }
        point.addBatch();
        if (i % 1_000 == 999) {
          point.executeBatch();
        }
      }
      point.executeBatch();
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("The reference cannot insert.", e);
    }
    nanos += System.nanoTime() - begun;
    inserted += waiting;
    waiting = 0;
  }
}
