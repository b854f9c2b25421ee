package io.runledger.query.sql.columns;

import io.runledger.query.alerts.Firing;
import io.runledger.query.alerts.FiringDelivery;
import io.runledger.query.alerts.FiringFilter;
import io.runledger.query.dialect.TimeTexts;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Statements about what rules of alerts found. */
public final class FiringQueries {

  private static final String MATCHING =
      """
        FROM alert_firings f
        JOIN experiment_runs r ON r.run_id = f.run_id AND r.deleted = 0
       WHERE (CAST(:run AS BIGINT) IS NULL OR f.run_id = :run)
         AND (CAST(:rule AS TEXT) IS NULL OR f.rule = :rule)
         AND (CAST(:since AS TEXT) IS NULL OR f.fired_at >= :since)
         AND (NOT :open OR f.ended_at IS NULL)
      """;

  /** A row for each delivery, and one for a firing that has none. */
  private static final String PAGE =
      """
      SELECT f.*, d.delivery, d.state, d.tries, d.delivered_at, d.last_error
        FROM (SELECT f.*, r.run_name
      """
          + MATCHING
          + """
                 AND (f.fired_at, f.alert_id) < (:fired_at, :alert_id)
               ORDER BY f.fired_at DESC, f.alert_id DESC
               LIMIT :limit) f
            LEFT JOIN alert_deliveries d ON d.alert_id = f.alert_id
           ORDER BY f.fired_at DESC, f.alert_id DESC, d.delivery
          """;

  /** Behind all texts that times are. */
  private static final String NEWER_THAN_ALL = "a";

  private FiringQueries() {}

  /** How many there are, regardless of the limit. */
  public static long count(Handle handle, FiringFilter filter) {
    return bound(handle.createQuery("SELECT count(*)\n" + MATCHING), filter)
        .mapTo(Long.class)
        .one();
  }

  /** Those behind the last one, the newest first. */
  public static List<Firing> page(
      Handle handle, FiringFilter filter, Optional<Firing> last, int page) {
    Map<Firing, List<FiringDelivery>> found = new LinkedHashMap<>();
    bound(handle.createQuery(PAGE), filter)
        .bind("fired_at", last.map(Firing::firedAt).map(TimeTexts::textOf).orElse(NEWER_THAN_ALL))
        .bind("alert_id", last.map(Firing::id).orElse(""))
        .bind("limit", page)
        .map(
            (row, context) -> {
              List<FiringDelivery> deliveries =
                  found.computeIfAbsent(firing(row), firing -> new ArrayList<>());
              return row.getString("delivery") == null || deliveries.add(delivery(row));
            })
        .forEach(read -> {});
    return found.entrySet().stream()
        .map(firing -> firing.getKey().deliveredTo(firing.getValue()))
        .toList();
  }

  private static Query bound(Query query, FiringFilter filter) {
    return query
        .bind("run", filter.run().map(RunId::value).orElse(null))
        .bind("rule", filter.rule().orElse(null))
        .bind("since", filter.since().map(TimeTexts::textOf).orElse(null))
        .bind("open", filter.isOpen());
  }

  private static FiringDelivery delivery(ResultSet row) throws SQLException {
    return new FiringDelivery(
        row.getString("delivery"),
        row.getString("state"),
        row.getInt("tries"),
        instant(row, "delivered_at"),
        Optional.ofNullable(row.getString("last_error")));
  }

  /** Without its deliveries. */
  private static Firing firing(ResultSet row) throws SQLException {
    Optional<String> metric = Optional.ofNullable(row.getString("metric"));
    double value = row.getDouble("value");
    double logged = row.wasNull() ? Double.NaN : value;
    long step = row.getLong("step");
    OptionalLong known = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(step);
    return new Firing(
        row.getString("alert_id"),
        row.getString("rule"),
        row.getString("condition"),
        new RunId(row.getLong("run_id")),
        Optional.ofNullable(row.getString("run_name")),
        row.getLong("attempt_id"),
        Optional.ofNullable(row.getString("status")).flatMap(RunStatus::ofWord),
        metric,
        metric.isPresent() ? OptionalDouble.of(logged) : OptionalDouble.empty(),
        known,
        Instant.EPOCH.plus(row.getLong("at_us"), ChronoUnit.MICROS),
        instant(row, "fired_at").orElse(Instant.EPOCH),
        instant(row, "ended_at"),
        row.getInt("late") != 0,
        List.of());
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column)).flatMap(TimeTexts::instant);
  }
}
