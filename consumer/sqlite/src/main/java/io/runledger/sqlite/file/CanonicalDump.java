package io.runledger.sqlite.file;

import io.runledger.config.DatabaseUrl;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.sqlite.SQLiteConfig;

/**
 * The content of a database, table by table, in a form that is equal when the events are: sorted,
 * with natural keys in place of surrogates, without generation, owner or migration history, and
 * without what operators did with dead letters. Two databases are compared row by row as they are
 * read, in constant memory.
 */
public final class CanonicalDump {

  /** Differing rows of a table that are shown. */
  private static final int SHOWN_DIFFERENCES = 3;

  private static final Map<String, String> TABLES = tables();

  private CanonicalDump() {}

  /**
   * How a table of one database compares with that of another.
   *
   * @param table name of the table
   * @param rows rows in the first database
   * @param otherRows rows in the second
   * @param differences rows that are in one and not in the other
   * @param examples the first few of them: "&lt;" for the first database, "&gt;" for the second
   */
  public record TableComparison(
      String table, long rows, long otherRows, long differences, List<String> examples) {}

  private static Map<String, String> tables() {
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put("experiment_runs", "SELECT * FROM experiment_runs ORDER BY run_id");
    tables.put("run_attempts", "SELECT * FROM run_attempts ORDER BY run_id, attempt_id");
    for (String facts :
        List.of(
            "run_status_changes",
            "run_annotations",
            "start_configs",
            "run_deletions",
            "dropped_events",
            "run_results",
            "run_errors",
            "artifacts")) {
      tables.put(facts, "SELECT * FROM " + facts + " ORDER BY run_id, attempt_id, writer_id, seq");
    }
    tables.put(
        "slurm_jobs",
        "SELECT * FROM slurm_jobs ORDER BY run_id, attempt_id, cluster, slurm_job_id");
    tables.put(
        "event_streams",
        """
        SELECT run_id, attempt_id, writer_id, topic, seen, events, last_seq
          FROM event_streams
         ORDER BY run_id, attempt_id, writer_id, topic
        """);
    tables.put(
        "metric_series",
        """
        SELECT run_id, name, attempt_id, writer_id, points, highest_step, count, nan_count,
               min_value, min_seq, min_step, min_epoch, max_value, max_seq, max_step, max_epoch,
               last_value, last_seq, last_step, last_epoch, highest_epoch
          FROM metric_series
         ORDER BY run_id, name, attempt_id, writer_id
        """);
    tables.put("metric_summaries", "SELECT * FROM metric_summaries ORDER BY run_id, name");
    tables.put(
        "metric_points",
        """
        SELECT s.run_id, s.name, s.attempt_id, s.writer_id,
               p.seq, p.step, p.epoch, p.at_us, p.elapsed_seconds, p.value
          FROM metric_series s
         CROSS JOIN metric_points p ON p.series_id = s.series_id
         ORDER BY s.run_id, s.name, s.attempt_id, s.writer_id, p.seq
        """);
    tables.put(
        "dead_letters",
        """
        SELECT topic, partition, "offset", key, value, headers
          FROM dead_letters
         WHERE state <> 'retried'
         ORDER BY topic, partition, "offset", topic_id
        """);
    tables.put("gaps", "SELECT * FROM gaps ORDER BY topic, partition, topic_id, from_offset");
    return tables;
  }

  /** The statement whose result is the canonical form of a table. */
  public static String sqlOf(String table) {
    return TABLES.get(table);
  }

  /**
   * Compares two databases, each as it is at one instant.
   *
   * @return a comparison for each table, differences or not
   */
  public static List<TableComparison> compareAll(Path one, Path other) {
    try (Connection first = open(one);
        Connection second = open(other)) {
      List<TableComparison> comparisons = new ArrayList<>();
      for (Map.Entry<String, String> table : TABLES.entrySet()) {
        comparisons.add(compare(table.getKey(), table.getValue(), first, second));
      }
      return comparisons;
    } catch (SQLException e) {
      throw new ProjectionUnavailableException(
          "Cannot compare %s with %s: %s.".formatted(one, other, e.getMessage()), e);
    }
  }

  /** The tables in which two databases differ; empty when they hold the same. */
  public static List<TableComparison> compare(Path one, Path other) {
    return compareAll(one, other).stream().filter(table -> table.differences() > 0).toList();
  }

  private static Connection open(Path file) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(10_000);
    Connection connection = config.createConnection(DatabaseUrl.of(file));
    // One snapshot for all tables: a writer may keep writing meanwhile.
    connection.setAutoCommit(false);
    return connection;
  }

  private static TableComparison compare(
      String table, String sql, Connection first, Connection second) throws SQLException {
    try (Statement firstStatement = first.createStatement();
        Statement secondStatement = second.createStatement();
        ResultSet firstRows = firstStatement.executeQuery(sql);
        ResultSet secondRows = secondStatement.executeQuery(sql)) {
      Reader one = new Reader(firstRows);
      Reader other = new Reader(secondRows);
      long differences = 0;
      List<String> examples = new ArrayList<>();
      Optional<Row> a = one.next();
      Optional<Row> b = other.next();
      while (a.isPresent() || b.isPresent()) {
        if (a.equals(b)) {
          a = one.next();
          b = other.next();
          continue;
        }
        differences++;
        boolean takeFirst = b.isEmpty() || (a.isPresent() && a.get().compareTo(b.get()) <= 0);
        if (examples.size() < SHOWN_DIFFERENCES) {
          examples.add(takeFirst ? "< " + a.get() : "> " + b.get());
        }
        if (takeFirst) {
          a = one.next();
        } else {
          b = other.next();
        }
      }
      return new TableComparison(table, one.count, other.count, differences, examples);
    }
  }

  /** Reads the rows of one result and counts them. */
  private static final class Reader {
    private final ResultSet rows;
    private final int columns;
    private long count;

    Reader(ResultSet rows) throws SQLException {
      this.rows = rows;
      this.columns = rows.getMetaData().getColumnCount();
    }

    Optional<Row> next() throws SQLException {
      if (!rows.next()) {
        return Optional.empty();
      }
      count++;
      List<Object> values = new ArrayList<>(columns);
      for (int column = 1; column <= columns; column++) {
        Object value = rows.getObject(column);
        values.add(value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : number(value));
      }
      return Optional.of(new Row(values));
    }

    private static Object number(Object value) {
      return value instanceof Integer integer ? (Object) integer.longValue() : value;
    }
  }

  /** The values of one row; ordered as SQLite orders them, as far as the natural keys need it. */
  private record Row(List<Object> values) implements Comparable<Row> {

    @Override
    public int compareTo(Row other) {
      for (int i = 0; i < values.size(); i++) {
        int order = compare(values.get(i), other.values.get(i));
        if (order != 0) {
          return order;
        }
      }
      return 0;
    }

    private static int compare(Object a, Object b) {
      if (Objects.equals(a, b)) {
        return 0;
      }
      if (a == null || b == null) {
        return a == null ? -1 : 1;
      }
      if (a instanceof Number x && b instanceof Number y) {
        return a instanceof Long && b instanceof Long
            ? Long.compare(x.longValue(), y.longValue())
            : Double.compare(x.doubleValue(), y.doubleValue());
      }
      if (a instanceof Number || b instanceof Number) {
        return a instanceof Number ? -1 : 1;
      }
      // SQLite's BINARY collation compares UTF-8 bytes
      return Arrays.compareUnsigned(
          a.toString().getBytes(StandardCharsets.UTF_8),
          b.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return values.toString();
    }
  }
}
