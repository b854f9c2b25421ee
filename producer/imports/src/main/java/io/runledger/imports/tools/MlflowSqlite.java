package io.runledger.imports.tools;

import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.SqliteSource;
import io.runledger.imports.files.SqliteText;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** The SQLite file of an MLflow server: runs with their metrics, parameters and tags. */
final class MlflowSqlite implements Importer {

  static final String WORD = "mlflow-sqlite";

  private static final Set<String> TABLES =
      Set.of("experiments", "runs", "metrics", "params", "tags");

  private static final String EXPERIMENTS =
      """
      SELECT CAST(experiment_id AS TEXT) AS id, name, lifecycle_stage = 'deleted' AS is_deleted
        FROM experiments
      """;

  /** In no order, because sorting would lose all of them to one damaged page. */
  private static final String RUNS =
      """
      SELECT run_uuid, name, CAST(experiment_id AS TEXT) AS experiment, user_id, status, start_time,
             end_time, artifact_uri, lifecycle_stage = 'deleted' AS is_deleted
        FROM runs
      """;

  private static final String PARAMS =
      "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key";

  private static final String TAGS = "SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key";

  /** Rows are only ever added to it, so the order of a metric's is that of their numbers. */
  private static final String METRICS =
      """
      SELECT key, value, timestamp, step, is_nan
        FROM metrics
       WHERE run_uuid = ?
       ORDER BY key, rowid
      """;

  /** About what a row takes. */
  private static final int ROW_BYTES = 100;

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return Databases.evidence(path, tables -> tables.containsAll(TABLES)).map(SourceTree::nameOf);
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file : Databases.files(path, into.losses())) {
      try (SqliteSource database = SqliteSource.open(file)) {
        if (Files.isRegularFile(path) || database.tables().containsAll(TABLES)) {
          readAll(database, into);
        }
      } catch (SQLException e) {
        Databases.add(file, "its tables", e, into);
      }
    }
  }

  /** An experiment; one whose row is damaged is called by its number. */
  private record Experiment(String name, boolean isDeleted) {}

  private static void readAll(SqliteSource database, Import into) throws IOException {
    Map<String, Experiment> experiments = new TreeMap<>();
    try {
      database.forEach(
          EXPERIMENTS,
          List.of(),
          row ->
              experiments.put(
                  SqliteText.of(row, "id").orElse(""),
                  new Experiment(
                      SqliteText.of(row, "name").orElse(""), row.getBoolean("is_deleted"))));
    } catch (SQLException e) {
      Databases.add(database.file(), "the experiments", e, into);
    }
    List<MlflowRun> runs = new ArrayList<>();
    try {
      database.forEach(RUNS, List.of(), row -> runs.add(run(row, experiments)));
    } catch (SQLException e) {
      Databases.add(database.file(), "the runs after the first " + runs.size(), e, into);
    }
    // The oldest first, so that new runs come last.
    runs.sort(Comparator.comparing(MlflowRun::began).thenComparing(MlflowRun::id));
    for (MlflowRun run : runs) {
      readRun(database, run, into);
    }
  }

  private static MlflowRun run(ResultSet row, Map<String, Experiment> experiments)
      throws SQLException {
    String number = SqliteText.of(row, "experiment").orElse("");
    Experiment experiment = experiments.getOrDefault(number, new Experiment(number, false));
    return new MlflowRun(
        experiment.name(),
        SqliteText.of(row, "run_uuid").orElse(""),
        SqliteText.ofSome(row, "name"),
        SqliteText.ofSome(row, "user_id"),
        SqliteText.of(row, "status").orElse(""),
        SqliteText.millis(row, "start_time"),
        SqliteText.millis(row, "end_time"),
        SqliteText.ofSome(row, "artifact_uri"),
        experiment.isDeleted() || row.getBoolean("is_deleted"));
  }

  private static void readRun(SqliteSource database, MlflowRun run, Import into)
      throws IOException {
    Map<String, String> tags = values(database, TAGS, run, into);
    RunWriter writer = run.begin(tags, into);
    for (Map.Entry<String, String> each : values(database, PARAMS, run, into).entrySet()) {
      run.param(writer, each.getKey(), each.getValue());
    }
    try (MetricOfRow logs = new MetricOfRow(writer)) {
      database.forEach(
          METRICS,
          List.of(run.id()),
          row -> {
            double value = row.getBoolean("is_nan") ? Double.NaN : row.getDouble("value");
            Instant at = SqliteText.millis(row, "timestamp").orElse(run.began());
            String key = SqliteText.of(row, "key").orElse("");
            logs.of(key).append(Point.of(at, OptionalLong.of(row.getLong("step"))), key, value);
            into.read(ROW_BYTES);
          });
    } catch (SQLException e) {
      Databases.add(database.file(), "metrics of run " + run.id(), e, into);
    }
    run.end(writer, into);
  }

  private static Map<String, String> values(
      SqliteSource database, String sql, MlflowRun run, Import into) throws IOException {
    Map<String, String> values = new TreeMap<>();
    try {
      database.forEach(
          sql,
          List.of(run.id()),
          row ->
              values.put(
                  SqliteText.of(row, "key").orElse(""), SqliteText.of(row, "value").orElse("")));
    } catch (SQLException e) {
      Databases.add(database.file(), "parameters and tags of run " + run.id(), e, into);
    }
    return values;
  }

  /** A log for each metric, one after the other, as the store of files has them. */
  private static final class MetricOfRow implements AutoCloseable {
    private final RunWriter writer;
    private String name = "";
    private MetricLog log;

    MetricOfRow(RunWriter writer) {
      this.writer = writer;
      this.log = writer.metrics(name);
    }

    MetricLog of(String metric) throws IOException {
      if (!metric.equals(name)) {
        log.close();
        name = metric;
        log = writer.metrics(metric);
      }
      return log;
    }

    @Override
    public void close() throws IOException {
      log.close();
    }
  }
}
