package io.runledger.rows.canonical;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The content of a database, table by table, in a form that is equal when the events are: sorted,
 * with natural keys in place of surrogates, without generation, owner or migration history, and
 * without what operators did with dead letters. Two databases are compared row by row as they are
 * read, in constant memory, also those of two stores: a whole number is the same as an integer and
 * as a real, and NaN is the same as the NULL that a store without NaN holds in its place.
 */
public final class CanonicalForm {

  /** Differing rows of a table that are shown. */
  private static final int SHOWN_DIFFERENCES = 3;

  private static final Map<String, String> TABLES = tables();

  private CanonicalForm() {}

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
         CROSS JOIN metric_points p
         WHERE p.series_id = s.series_id
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
   * Compares what two connections see. Each must keep one state for all tables, and give rows as
   * they are read, not a whole result at once.
   *
   * @return a comparison for each table, differences or not
   */
  public static List<TableComparison> compare(Connection first, Connection second)
      throws SQLException {
    List<TableComparison> comparisons = new ArrayList<>();
    for (Map.Entry<String, String> table : TABLES.entrySet()) {
      comparisons.add(compare(table.getKey(), table.getValue(), first, second));
    }
    return comparisons;
  }

  private static TableComparison compare(
      String table, String sql, Connection first, Connection second) throws SQLException {
    try (Statement firstStatement = first.createStatement();
        Statement secondStatement = second.createStatement();
        ResultSet firstRows = firstStatement.executeQuery(sql);
        ResultSet secondRows = secondStatement.executeQuery(sql)) {
      List<String> columns = columns(firstRows);
      Reader one = new Reader(firstRows, columns);
      Reader other = new Reader(secondRows, columns);
      long differences = 0;
      List<String> examples = new ArrayList<>();
      Optional<CanonicalRow> a = one.next();
      Optional<CanonicalRow> b = other.next();
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

  private static List<String> columns(ResultSet rows) throws SQLException {
    ResultSetMetaData described = rows.getMetaData();
    List<String> names = new ArrayList<>();
    for (int column = 1; column <= described.getColumnCount(); column++) {
      names.add(described.getColumnName(column));
    }
    return names;
  }

  /** Reads the rows of one result and counts them. */
  private static final class Reader {
    private final ResultSet rows;
    private final int[] places;
    private long count;

    /**
     * @param columns the names of its columns, in the order in which their values are given
     */
    Reader(ResultSet rows, List<String> columns) throws SQLException {
      this.rows = rows;
      List<String> found = columns(rows);
      if (found.size() != columns.size()) {
        throw new SQLException(
            "One table has the columns %s, the other has %s".formatted(columns, found));
      }
      places = new int[columns.size()];
      for (int i = 0; i < places.length; i++) {
        places[i] = rows.findColumn(columns.get(i));
      }
    }

    Optional<CanonicalRow> next() throws SQLException {
      if (!rows.next()) {
        return Optional.empty();
      }
      count++;
      List<Object> values = new ArrayList<>(places.length);
      for (int place : places) {
        values.add(CanonicalRow.comparable(rows.getObject(place)));
      }
      return Optional.of(new CanonicalRow(values));
    }
  }
}
