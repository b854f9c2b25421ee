package io.runledger.query.sql;

import io.runledger.query.connection.LedgerSource;
import io.runledger.query.connection.StoredText;
import io.runledger.query.dialect.Store;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Value;
import io.runledger.query.groups.BucketGrid;
import io.runledger.query.groups.GroupCurve;
import io.runledger.query.groups.GroupCurveBuilder;
import io.runledger.query.groups.RunCurve;
import io.runledger.query.groups.XAxis;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.sql.grouped.GridSums;
import io.runledger.schemas.RunId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Reads the curves of the runs of groups, one run at a time: twice, because the buckets depend on
 * all of them. In memory are the buckets of each group and of one run.
 */
public final class GroupCurveQueries {

  private static final String STANDING =
      """
        FROM run_attempts a
       CROSS JOIN logged_points p ON p.run_id = a.run_id AND p.attempt_id = a.attempt_id
       WHERE a.run_id = ?1 AND NOT p.superseded AND p.name = ?2 AND abs(p.{x}) < 9e999
      """;

  static final String RANGE = "SELECT min(p.{x}), max(p.{x})\n" + STANDING;

  static final String POINTS =
      "SELECT p.{x}, p.value\n"
          + STANDING
          + """
       ORDER BY a.ordinal, a.attempt_id, p.writer_id, p.seq
      """;

  /** Reads as of one moment; of the ledger itself, another one each time. */
  public interface Reader {
    <T> T read(LedgerSource.Reading<T> reading);
  }

  private final Reader reader;
  private final String metric;
  private final XAxis axis;
  private double low = Double.POSITIVE_INFINITY;
  private double high = Double.NEGATIVE_INFINITY;

  public GroupCurveQueries(Reader reader, String metric, XAxis axis) {
    this.reader = reader;
    this.metric = metric;
    this.axis = axis;
  }

  /**
   * The curves of the groups of all runs that pass the filter, by their keys.
   *
   * @param most maximum number of curves
   */
  public List<GroupCurve> curves(RunFilter filter, List<Field> by, int width, int most) {
    Map<List<Optional<Value>>, List<RunId>> members =
        reader.read(
            handle -> {
              MetricQueries.requireOfAny(handle, metric);
              return GroupQueries.members(handle, filter, by);
            });
    members.values().stream()
        .flatMap(List::stream)
        .distinct()
        .forEach(run -> reader.read(handle -> addToRange(handle, run)));
    if (low > high) {
      return List.of();
    }
    BucketGrid grid = BucketGrid.of(axis, low, high, width);
    List<GroupCurve> curves = new ArrayList<>();
    for (Map.Entry<List<Optional<Value>>, List<RunId>> group : members.entrySet()) {
      if (curves.size() == most) {
        break;
      }
      GroupCurveBuilder curve = new GroupCurveBuilder(grid);
      group.getValue().forEach(run -> curve.add(reader.read(handle -> curve(handle, run, grid))));
      GroupCurve done = curve.curve(group.getKey());
      if (done.runs() > 0) {
        curves.add(done);
      }
    }
    return List.copyOf(curves);
  }

  private RunId addToRange(Handle handle, RunId run) throws SQLException {
    String range = Store.of(handle).isPostgres() ? GridSums.range(column()) : RANGE;
    try (PreparedStatement statement = prepared(handle, range, run);
        ResultSet row = statement.executeQuery()) {
      double first = row.next() ? row.getDouble(1) : 0;
      if (!row.wasNull()) {
        low = Math.min(low, first);
        high = Math.max(high, row.getDouble(2));
      }
      return run;
    }
  }

  private RunCurve curve(Handle handle, RunId run, BucketGrid grid) throws SQLException {
    RunCurve curve = new RunCurve(grid);
    boolean isPostgres = Store.of(handle).isPostgres();
    if (isPostgres && GridSums.canCount(grid)) {
      GridSums.addTo(curve, handle.getConnection(), run.value(), metric, column(), grid);
      return curve;
    }
    String points = isPostgres ? GridSums.points(column()) : POINTS;
    try (PreparedStatement statement = prepared(handle, points, run);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        double x = row.getDouble(1);
        double value = row.getDouble(2);
        curve.add(x, row.wasNull() ? Double.NaN : value);
      }
      return curve;
    }
  }

  private PreparedStatement prepared(Handle handle, String statement, RunId run)
      throws SQLException {
    PreparedStatement prepared =
        handle.getConnection().prepareStatement(statement.replace("{x}", column()));
    prepared.setLong(1, run.value());
    prepared.setString(2, StoredText.of(metric));
    return prepared;
  }

  private String column() {
    return switch (axis) {
      case STEP -> "step";
      case EPOCH -> "epoch";
      case ELAPSED -> "elapsed_seconds";
    };
  }
}
