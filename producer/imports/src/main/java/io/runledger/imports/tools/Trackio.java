package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.SqliteSource;
import io.runledger.imports.files.SqliteText;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.imports.lines.SourceRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** The SQLite file of a project of Trackio. It stores no status. */
final class Trackio implements Importer {

  static final String WORD = "trackio";

  private static final Set<String> TABLES = Set.of("metrics", "configs");
  private static final String RUN_ID = "run_id";
  private static final String RUN_NAME = "run_name";

  /**
   * Versions before run ids knew a run by its name. Beside a minimum SQLite gives the columns of
   * its row, which here is the first one of the run.
   */
  private static final String RUNS_BY_ID =
      """
      SELECT run_id, run_name, timestamp AS began, min(id)
        FROM metrics
       GROUP BY run_id
       ORDER BY min(id)
      """;

  private static final String RUNS_BY_NAME =
      """
      SELECT run_name AS run_id, run_name, timestamp AS began, min(id)
        FROM metrics
       GROUP BY run_name
       ORDER BY min(id)
      """;

  private static final String METRICS_BY_ID =
      "SELECT id, timestamp, step, metrics FROM metrics WHERE run_id = ? ORDER BY id";

  private static final String METRICS_BY_NAME =
      "SELECT id, timestamp, step, metrics FROM metrics WHERE run_name = ? ORDER BY id";

  private static final String CONFIG_BY_ID =
      "SELECT config, created_at FROM configs WHERE run_id = ?";

  private static final String CONFIG_BY_NAME =
      "SELECT config, created_at FROM configs WHERE run_name = ?";

  private static final String SYSTEM_BY_ID =
      "SELECT id, timestamp, NULL AS step, metrics FROM system_metrics WHERE run_id = ? ORDER BY"
          + " id";

  private static final String SYSTEM_BY_NAME =
      "SELECT id, timestamp, NULL AS step, metrics FROM system_metrics WHERE run_name = ? ORDER BY"
          + " id";

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    // A database of MLflow has metrics, too, but no table of configurations.
    return Databases.evidence(path, tables -> tables.containsAll(TABLES)).map(SourceTree::nameOf);
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file : Databases.files(path, into.losses())) {
      try (SqliteSource database = SqliteSource.open(file)) {
        Set<String> tables = database.tables();
        if (Files.isRegularFile(path) || tables.containsAll(TABLES)) {
          readAll(database, tables.contains("system_metrics"), into);
        }
      } catch (SQLException e) {
        Databases.add(file, "its tables", e, into);
      }
      into.read(Files.size(file));
    }
  }

  private record Run(String id, String name, Optional<Instant> began) {}

  private static void readAll(SqliteSource database, boolean hasSystem, Import into)
      throws IOException, SQLException {
    boolean isById = database.columns("metrics").contains(RUN_ID);
    List<Run> runs = new ArrayList<>();
    database.forEach(
        isById ? RUNS_BY_ID : RUNS_BY_NAME,
        List.of(),
        row ->
            runs.add(
                new Run(
                    SqliteText.of(row, RUN_ID).orElse(""),
                    SqliteText.of(row, RUN_NAME).orElse(""),
                    SqliteText.of(row, "began").flatMap(PlainNumbers::instant))));
    String file = SourceTree.nameOf(database.file());
    String project =
        into.project(file.endsWith(".db") ? file.substring(0, file.length() - 3) : file);
    for (Run run : runs) {
      SourceRun source =
          SourceRun.named(WORD, project, run.id(), project + "\n" + run.id(), run.began());
      Instant began = run.began().orElse(Instant.EPOCH);
      RunWriter writer = into.begin(source);
      writer.start(began, JsonNodeFactory.instance.objectNode());
      if (!run.name().isBlank() && !run.name().equals(run.id())) {
        writer.displayName(began, run.name());
      }
      readConfig(database, isById ? CONFIG_BY_ID : CONFIG_BY_NAME, run, began, writer, into);
      readMetrics(database, isById ? METRICS_BY_ID : METRICS_BY_NAME, run, "", writer, into);
      if (hasSystem) {
        boolean its = database.columns("system_metrics").contains(RUN_ID);
        String sql = its ? SYSTEM_BY_ID : SYSTEM_BY_NAME;
        readMetrics(database, sql, its ? run : byName(run), "system/", writer, into);
      }
      into.end(writer);
    }
  }

  private static Run byName(Run run) {
    return new Run(run.name(), run.name(), run.began());
  }

  private static void readConfig(
      SqliteSource database, String sql, Run run, Instant began, RunWriter writer, Import into)
      throws IOException {
    try {
      database.forEach(
          sql,
          List.of(run.id()),
          row -> {
            Optional<ObjectNode> config =
                SqliteText.of(row, "config").flatMap(Documents::jsonObject);
            if (config.isEmpty()) {
              into.losses().add(database.file(), "configuration of " + run.id(), "it is not JSON");
              return;
            }
            ObjectNode given = config.get();
            // Trackio's own: who, when and in which group.
            given.remove(List.of("_Username", "_Created", "_Group"));
            writer.config(began, given);
          });
    } catch (SQLException e) {
      Databases.add(database.file(), "configuration of " + run.id(), e, into);
    }
  }

  private static void readMetrics(
      SqliteSource database, String sql, Run run, String prefix, RunWriter writer, Import into)
      throws IOException {
    try (MetricLog log = writer.metrics(prefix)) {
      database.forEach(
          sql,
          List.of(run.id()),
          row -> {
            String place = "row %d of the metrics".formatted(row.getLong("id"));
            Optional<ObjectNode> values =
                SqliteText.of(row, "metrics").flatMap(Documents::jsonObject);
            if (values.isEmpty()) {
              into.losses().add(database.file(), place, "it is not JSON and is left out");
              return;
            }
            Map<String, Double> measured = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> each : values.get().properties()) {
              OptionalDouble number = number(each.getValue());
              if (number.isPresent()) {
                measured.put(prefix + each.getKey(), number.getAsDouble());
              } else {
                into.losses().leaveOut("values that are not numbers, such as images and tables");
              }
            }
            Optional<String> time = SqliteText.of(row, "timestamp");
            Optional<Instant> at = time.flatMap(PlainNumbers::instant);
            if (time.isPresent() && at.isEmpty()) {
              into.losses().add(database.file(), place, Cut.isNot(time.get(), "a time"));
            }
            Instant began = run.began().orElse(Instant.EPOCH);
            log.append(Point.of(at.orElse(began), step(row)), measured);
          });
    } catch (SQLException e) {
      Databases.add(database.file(), "metrics of run " + run.id(), e, into);
    }
  }

  private static OptionalLong step(ResultSet row) throws SQLException {
    return SqliteText.of(row, "step").map(PlainNumbers::whole).orElse(OptionalLong.empty());
  }

  /** A number, or one of the three words that JSON has no number for. */
  static OptionalDouble number(JsonNode node) {
    if (node.isNumber()) {
      return OptionalDouble.of(node.doubleValue());
    }
    if (node.isBoolean()) {
      return OptionalDouble.of(node.booleanValue() ? 1 : 0);
    }
    return switch (node.asText()) {
      case "NaN", "Infinity", "-Infinity" -> PlainNumbers.number(node.asText());
      default -> OptionalDouble.empty();
    };
  }
}
