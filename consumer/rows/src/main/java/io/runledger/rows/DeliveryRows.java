package io.runledger.rows;

import static io.runledger.rows.AlertRows.FIRING_COLUMNS;
import static io.runledger.rows.AlertRows.RUN_COLUMNS;

import io.runledger.fold.Instants;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** To whom firings go, and what became of that. Works inside the caller's transaction. */
final class DeliveryRows {

  /** Columns of a firing, which a row of another table may follow. */
  private static final int AFTER_FIRING = 17;

  private static final String DELIVERY_COLUMNS =
      ", d.delivery, d.state, d.tries, d.next_try_ms, d.delivered_at, d.last_error\n";

  private final Statements statements;

  DeliveryRows(Statements statements) {
    this.statements = statements;
  }

  /** Those that are due, the longest waiting first. */
  List<DueDelivery> due(String delivery, Instant now, int limit) {
    return statements.list(
        "SELECT "
            + FIRING_COLUMNS
            + ", "
            + RUN_COLUMNS
            + ", d.tries"
            + """
               FROM alert_deliveries d
               JOIN alert_firings f ON f.alert_id = d.alert_id
               LEFT JOIN experiment_runs r ON r.run_id = f.run_id
              WHERE d.state = 'pending' AND d.delivery = ? AND d.next_try_ms <= ?
              ORDER BY d.next_try_ms
              LIMIT ?
              """,
        row ->
            new DueDelivery(
                AlertRows.firing(row),
                row.getObject(AFTER_FIRING) == null
                    ? Optional.empty()
                    : Optional.of(AlertRows.run(row, AFTER_FIRING)),
                row.getInt("tries")),
        delivery,
        now.toEpochMilli(),
        limit);
  }

  /** When the next one is due. */
  Optional<Instant> next(String delivery) {
    return statements
        .first(
            "SELECT min(next_try_ms) FROM alert_deliveries WHERE state = 'pending' AND delivery = ?",
            row -> Optional.ofNullable(Values.longOrNull(row, 1)).map(Instant::ofEpochMilli),
            delivery)
        .flatMap(found -> found);
  }

  /** How many wait. */
  long pending() {
    return statements
        .first(
            "SELECT count(*) FROM alert_deliveries WHERE state = 'pending'", row -> row.getLong(1))
        .orElseThrow();
  }

  /** It arrived. */
  void delivered(String alertId, String delivery, Instant now) {
    statements.update(
        """
        UPDATE alert_deliveries
           SET state = 'delivered', tries = tries + 1, delivered_at = ?, last_error = NULL
         WHERE alert_id = ? AND delivery = ?
        """,
        Instants.text(now),
        alertId,
        delivery);
  }

  /** It did not. */
  void notDelivered(String alertId, String delivery, String why, Optional<Instant> nextTry) {
    statements.update(
        """
        UPDATE alert_deliveries
           SET state = ?, tries = tries + 1, next_try_ms = coalesce(?, next_try_ms), last_error = ?
         WHERE alert_id = ? AND delivery = ?
        """,
        nextTry.isPresent() ? "pending" : "failed",
        nextTry.map(Instant::toEpochMilli).orElse(null),
        why,
        alertId,
        delivery);
  }

  /** Nobody waits any more but those who have these names. */
  void giveUpBut(List<String> deliveries) {
    List<String> waiting =
        statements.list(
            "SELECT DISTINCT delivery FROM alert_deliveries WHERE state = 'pending'",
            row -> row.getString(1));
    for (String delivery : waiting) {
      if (!deliveries.contains(delivery)) {
        statements.update(
            """
            UPDATE alert_deliveries
               SET state = 'failed', last_error = 'The file of rules no longer has it.'
             WHERE state = 'pending' AND delivery = ?
            """,
            delivery);
      }
    }
  }

  /** Firings behind one by rule, run and cause, with their deliveries. */
  List<CarriedFiring> after(Optional<Firing> last, int limit) {
    return carried(
        """
          FROM (SELECT *
                  FROM alert_firings
                 WHERE (rule, run_id, cause) > (?, ?, ?)
                 ORDER BY rule, run_id, cause
                 LIMIT ?) f
          LEFT JOIN alert_deliveries d ON d.alert_id = f.alert_id
         ORDER BY f.rule, f.run_id, f.cause, d.delivery
        """,
        last.map(Firing::rule).orElse(""),
        last.map(Firing::runId).orElse(Long.MIN_VALUE),
        last.map(Firing::cause).orElse(""),
        limit);
  }

  /** Firings that came, ended or were delivered since then, with their deliveries. */
  List<CarriedFiring> since(Instant since) {
    return carried(
        """
          FROM alert_firings f
          LEFT JOIN alert_deliveries d ON d.alert_id = f.alert_id
         WHERE f.fired_at >= ? OR f.ended_at >= ?
            OR EXISTS (SELECT 1
                         FROM alert_deliveries e
                        WHERE e.alert_id = f.alert_id AND e.delivered_at >= ?)
         ORDER BY f.rule, f.run_id, f.cause, d.delivery
        """,
        Instants.text(since),
        Instants.text(since),
        Instants.text(since));
  }

  /** The firings of rows that have one delivery each, or none. */
  private List<CarriedFiring> carried(String rows, Object... parameters) {
    Map<Firing, List<CarriedFiring.Delivery>> found = new LinkedHashMap<>();
    statements.query(
        "SELECT " + FIRING_COLUMNS + DELIVERY_COLUMNS + rows,
        row -> {
          List<CarriedFiring.Delivery> deliveries =
              found.computeIfAbsent(AlertRows.firing(row), firing -> new ArrayList<>());
          if (row.getString("delivery") != null) {
            deliveries.add(delivery(row));
          }
        },
        parameters);
    return found.entrySet().stream()
        .map(firing -> new CarriedFiring(firing.getKey(), firing.getValue()))
        .toList();
  }

  private static CarriedFiring.Delivery delivery(ResultSet row) throws SQLException {
    return new CarriedFiring.Delivery(
        row.getString("delivery"),
        row.getString("state"),
        row.getInt("tries"),
        Instant.ofEpochMilli(row.getLong("next_try_ms")),
        AlertRows.instant(row.getString("delivered_at")),
        Optional.ofNullable(row.getString("last_error")));
  }

  /** Stores a firing as another database has it, in place of what is known of it here. */
  void carry(CarriedFiring carried) {
    statements.change(
        AlertRows.INSERT
            + """
               ON CONFLICT (rule, run_id, cause) DO UPDATE
                  SET late = excluded.late, fired_at = excluded.fired_at,
                      ended_seq = excluded.ended_seq, ended_at = excluded.ended_at
              """,
        insert -> AlertRows.bind(insert, carried.firing()));
    for (CarriedFiring.Delivery delivery : carried.deliveries()) {
      statements.update(
          """
          INSERT INTO alert_deliveries (
                 alert_id, delivery, state, tries, next_try_ms, delivered_at, last_error)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (alert_id, delivery) DO UPDATE
             SET state = excluded.state, tries = excluded.tries,
                 next_try_ms = excluded.next_try_ms, delivered_at = excluded.delivered_at,
                 last_error = excluded.last_error
          """,
          carried.firing().id(),
          delivery.name(),
          delivery.state(),
          delivery.tries(),
          delivery.nextTry().toEpochMilli(),
          delivery.deliveredAt().map(Instants::text).orElse(null),
          delivery.lastError().orElse(null));
    }
  }
}
