package io.runledger.rows;

import io.runledger.fold.Instants;
import io.runledger.fold.alert.AlertedRun;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.alert.RunScope.Part;
import io.runledger.fold.store.AlertStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What rules found. Works inside the caller's transaction. */
final class AlertRows implements AlertStore {

  static final String FIRING_COLUMNS =
      """
      f.rule, f.run_id, f.cause, f.condition, f.attempt_id, f.status, f.metric, f.writer_id,
      f.first_seq, f.step, f.value, f.at_us, f.late, f.fired_at, f.ended_seq, f.ended_at
      """;

  static final String RUN_COLUMNS =
      """
      r.run_id, r.identity, r.project, r.experiment, r.dataset, r.method, r.subject, r.cl_info,
      r.seed, r.run_name, r.status, r.last_attempt_id, r.started_at, r.deleted
      """;

  static final String INSERT =
      """
      INSERT INTO alert_firings (
             rule, run_id, cause, condition, attempt_id, status, metric, writer_id,
             first_seq, step, value, at_us, late, fired_at, ended_seq, ended_at, alert_id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private final Statements statements;

  AlertRows(Statements statements) {
    this.statements = statements;
  }

  @Override
  public boolean add(Firing firing, List<String> deliveries, Instant now) {
    boolean isNew =
        statements.change(INSERT + " ON CONFLICT DO NOTHING", insert -> bind(insert, firing)) == 1;
    if (isNew) {
      for (String delivery : deliveries) {
        statements.update(
            "INSERT INTO alert_deliveries (alert_id, delivery, next_try_ms) VALUES (?, ?, ?)",
            firing.id(),
            delivery,
            now.toEpochMilli());
      }
    }
    return isNew;
  }

  @Override
  public List<Firing> firings(String rule, long runId) {
    return statements.list(
        "SELECT " + FIRING_COLUMNS + " FROM alert_firings f WHERE f.rule = ? AND f.run_id = ?",
        row -> firing(row),
        rule,
        runId);
  }

  @Override
  public void putEnd(Firing firing, Long endedSeq, Instant endedAt) {
    statements.update(
        """
        UPDATE alert_firings
           SET ended_seq = ?, ended_at = ?
         WHERE rule = ? AND run_id = ? AND cause = ?
        """,
        endedSeq,
        Instants.text(endedAt),
        firing.rule(),
        firing.runId(),
        firing.cause());
  }

  @Override
  public Optional<AlertedRun> run(long runId) {
    return statements.first(
        "SELECT " + RUN_COLUMNS + " FROM experiment_runs r WHERE r.run_id = ?",
        row -> run(row, 1),
        runId);
  }

  @Override
  public List<AlertedRun> running() {
    return statements.list(
        "SELECT "
            + RUN_COLUMNS
            + """
              FROM experiment_runs r
             WHERE r.status = 'running' AND r.deleted = 0
            """,
        row -> run(row, 1));
  }

  @Override
  public OptionalLong lastValueMicros(long runId, long attemptId, String ignored) {
    return statements
        .first(
            """
            SELECT max((SELECT p.at_us
                          FROM metric_points p
                         WHERE p.series_id = s.series_id AND p.seq = s.last_seq))
              FROM metric_series s
             WHERE s.run_id = ? AND s.attempt_id = ? AND substr(s.name, 1, ?) <> ?
            """,
            row -> Optional.ofNullable(Values.longOrNull(row, 1)),
            runId,
            attemptId,
            ignored.length(),
            ignored)
        .flatMap(found -> found)
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  static void bind(PreparedStatement insert, Firing firing) throws SQLException {
    Optional<Firing.Point> point = firing.point();
    insert.setString(1, firing.rule());
    insert.setLong(2, firing.runId());
    insert.setString(3, firing.cause());
    insert.setString(4, firing.condition());
    insert.setLong(5, firing.attemptId());
    insert.setString(6, firing.status().orElse(null));
    insert.setString(7, point.map(Firing.Point::metric).orElse(null));
    Values.bind(insert, 8, point.map(Firing.Point::writerId).orElse(null));
    Values.bind(insert, 9, point.map(Firing.Point::firstSeq).orElse(null));
    Values.bind(insert, 10, point.map(Firing.Point::step).orElse(null));
    if (point.isPresent()) {
      Values.bindValue(insert, 11, point.get().value());
    } else {
      insert.setNull(11, Types.DOUBLE);
    }
    insert.setLong(12, firing.atMicros());
    insert.setInt(13, firing.isLate() ? 1 : 0);
    insert.setString(14, Instants.text(firing.firedAt()));
    Values.bind(insert, 15, firing.endedSeq().orElse(null));
    insert.setString(16, firing.endedAt().map(Instants::text).orElse(null));
    insert.setString(17, firing.id());
  }

  /** The firing of a row that begins with {@link #FIRING_COLUMNS}. */
  static Firing firing(ResultSet row) throws SQLException {
    String metric = row.getString(7);
    Optional<Firing.Point> point =
        metric == null
            ? Optional.empty()
            : Optional.of(
                new Firing.Point(
                    row.getLong(8),
                    metric,
                    row.getLong(9),
                    Values.longOrNull(row, 10),
                    Values.valueOrNaN(row, 11)));
    return new Firing(
        row.getString(1),
        row.getLong(2),
        row.getLong(5),
        row.getString(3),
        row.getString(4),
        Optional.ofNullable(row.getString(6)),
        point,
        row.getLong(12),
        row.getBoolean(13),
        instant(row.getString(14)).orElseThrow(),
        Optional.ofNullable(Values.longOrNull(row, 15)),
        instant(row.getString(16)));
  }

  static Optional<Instant> instant(String text) {
    return Optional.ofNullable(Instants.microsOfText(text)).map(Instants::ofMicros);
  }

  /** The run of a row with {@link #RUN_COLUMNS} from this column on. */
  static AlertedRun run(ResultSet row, int from) throws SQLException {
    Map<Part, String> parts = new EnumMap<>(Part.class);
    Part[] inOrder = {
      Part.PROJECT,
      Part.EXPERIMENT,
      Part.DATASET,
      Part.METHOD,
      Part.SUBJECT,
      Part.CL_INFO,
      Part.SEED,
      Part.NAME
    };
    for (int i = 0; i < inOrder.length; i++) {
      String value = row.getString(from + 2 + i);
      if (value != null) {
        parts.put(inOrder[i], value);
      }
    }
    return new AlertedRun(
        row.getLong(from),
        !"unknown".equals(row.getString(from + 1)),
        parts,
        row.getString(from + 10),
        row.getLong(from + 11),
        Instants.microsOfText(row.getString(from + 12)),
        row.getBoolean(from + 13));
  }
}
