package io.runledger.query.sql;

import io.runledger.query.dialect.FieldValues;
import io.runledger.query.dialect.Store;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Order;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.groups.GroupKeys;
import io.runledger.query.groups.RunGroup;
import io.runledger.query.groups.RunValue;
import io.runledger.query.groups.RunValue.AtStep;
import io.runledger.query.groups.RunValue.OfSummary;
import io.runledger.query.groups.Statistics;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Sums runs up by what they have in common; each matching run is looked at once. */
public final class GroupQueries {

  /**
   * A column {@code at_step}: from the end of the points, and no further than the first that fits.
   */
  static final String AT_STEP =
      """
      , (SELECT ifnull(p.value, 'nan')
           FROM run_attempts a
          CROSS JOIN logged_points p ON p.run_id = a.run_id AND p.attempt_id = a.attempt_id
          WHERE a.run_id = r.run_id AND NOT p.superseded AND p.name = :metric AND p.step <= :step
          ORDER BY a.ordinal DESC, a.attempt_id DESC, p.writer_id DESC, p.seq DESC
          LIMIT 1) AS at_step
      """;

  /** The same; of each series the last one that fits, which its key gives. */
  private static final String AT_STEP_OF_POSTGRES =
      """
      , (SELECT p.value
           FROM run_attempts  a
           JOIN metric_series s ON s.run_id = a.run_id AND s.name = :metric AND s.attempt_id = a.attempt_id
          CROSS JOIN LATERAL (SELECT value, seq
                                FROM metric_points
                               WHERE series_id = s.series_id AND step <= :step
                                 AND (step >= a.superseded_from_step) IS NOT TRUE
                               ORDER BY seq DESC
                               LIMIT 1) p
          WHERE a.run_id = r.run_id
          ORDER BY a.ordinal DESC, a.attempt_id DESC, s.writer_id DESC
          LIMIT 1) AS at_step
      """;

  static final String RUNS =
      """
      SELECT r.run_id, r.status{values}
        FROM experiment_runs r NOT INDEXED
       WHERE r.deleted = 0
      """
          + RunQueries.MATCHES;

  /** What is summed up of one group. */
  private static final class Sums {
    private long runs;
    private long failed;
    private long without;
    private long nan;
    private long infinite;
    private final DoubleStream.Builder finite = DoubleStream.builder();

    void add(RunStatus status, Optional<Value> value) {
      runs++;
      failed += status == RunStatus.FAILED || status == RunStatus.TIMEOUT ? 1 : 0;
      if (value.isEmpty()) {
        without++;
      } else if (value.get() instanceof NotANumber) {
        nan++;
      } else {
        double number = number(value.get());
        if (Double.isInfinite(number)) {
          infinite++;
        } else {
          finite.add(number);
        }
      }
    }

    RunGroup group(List<Optional<Value>> key) {
      return new RunGroup(
          key, runs, failed, without, nan, infinite, Statistics.of(finite.build().toArray()));
    }
  }

  private GroupQueries() {}

  /** The groups of all runs that pass the filter, by their keys. */
  public static List<RunGroup> groups(
      Handle handle, RunFilter filter, List<Field> by, String metric, RunValue value) {
    MetricQueries.requireOfAny(handle, metric);
    Map<List<Optional<Value>>, Sums> groups = new TreeMap<>(GroupKeys.ORDER);
    List<Field> fields = new ArrayList<>(by);
    if (value instanceof OfSummary summary) {
      fields.add(new MetricValue(metric, summary.aggregate()));
    }
    FieldValues values = FieldValues.of(fields, Store.of(handle), Instant.now());
    boolean isAtStep = value instanceof AtStep;
    Query query =
        query(
            handle,
            values,
            isAtStep ? Store.of(handle).choose(AT_STEP, AT_STEP_OF_POSTGRES) : "",
            filter);
    if (value instanceof AtStep at) {
      query.bind("metric", metric).bind("step", at.step());
    }
    query
        .map(
            (row, context) -> {
              List<Optional<Value>> found = values.read(row);
              Optional<Value> number = isAtStep ? atStep(row) : found.get(by.size());
              RunStatus status = Columns.status(row, "status");
              for (List<Optional<Value>> key : GroupKeys.of(found.subList(0, by.size()))) {
                groups.computeIfAbsent(key, first -> new Sums()).add(status, number);
              }
              return status;
            })
        .forEach(read -> {});
    return groups.entrySet().stream().map(entry -> entry.getValue().group(entry.getKey())).toList();
  }

  /** The runs of each group, in no order. */
  static Map<List<Optional<Value>>, List<RunId>> members(
      Handle handle, RunFilter filter, List<Field> by) {
    Map<List<Optional<Value>>, List<RunId>> members = new TreeMap<>(GroupKeys.ORDER);
    FieldValues values = FieldValues.of(by, Store.of(handle), Instant.now());
    query(handle, values, "", filter)
        .map(
            (row, context) -> {
              RunId run = new RunId(row.getLong("run_id"));
              for (List<Optional<Value>> key : GroupKeys.of(values.read(row))) {
                members.computeIfAbsent(key, first -> new ArrayList<>()).add(run);
              }
              return run;
            })
        .forEach(read -> {});
    return members;
  }

  /** All that match: which of them a page would have does not matter. */
  private static Query query(Handle handle, FieldValues values, String atStep, RunFilter filter) {
    RunFilter all = RunFilter.all().inOrder(Order.NEWEST_FIRST).where(filter.where());
    return RunQueries.matching(handle, RUNS.replace("{values}", values.sql() + atStep), all)
        .bindMap(values.bindings());
  }

  private static Optional<Value> atStep(ResultSet row) throws SQLException {
    return FieldValues.ofMetric(row.getObject("at_step"));
  }

  private static double number(Value value) {
    return value instanceof Real real ? real.number() : ((Value.Whole) value).number();
  }
}
