package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.tests.Distribution.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of other trackers, imported by the command as users run it, as rows of a ledger. */
class ImportIT {

  private static final Path FIXTURES =
      Path.of("../../producer/imports/src/test/resources/fixtures").toAbsolutePath().normalize();

  private static final List<String> KINDS =
      List.of(
          "lightning-csv", "dvclive", "sacred", "tensorboardX", "wandb", "mlflow-file", "trackio");

  /** Each run of a fixture has these values: 20 and 4 and 3, and 2 of the one that failed. */
  private static final int VALUES = 29;

  @TempDir private Path scratch;

  @Test
  void theRowsAreTheSameHoweverOftenTheFilesAreImported() throws Exception {
    Distribution distribution = new Distribution(scratch);
    List<String> words = new ArrayList<>(List.of("import"));
    KINDS.forEach(kind -> words.add(FIXTURES.resolve(kind).toString()));
    words.add(unpacked(FIXTURES.resolve("mlflow-sqlite/mlflow.db.gz")).toString());
    words.addAll(List.of("--no-send", "--spool", scratch.resolve("a.spool").toString()));
    String[] line = words.toArray(String[]::new);

    Result once = distribution.run(Map.of(), line);
    List<String> first = rows(distribution, "a.db");
    Result twice = distribution.run(Map.of(), line);
    List<String> second = rows(distribution, "b.db");

    assertThat(once.err()).doesNotContain("could not be imported").contains("as wandb;");
    assertThat(once.code()).isZero();
    assertThat(twice.code()).isZero();
    assertThat(twice.err().lines().filter(said -> said.contains("; all of it is already in ")))
        .hasSize(KINDS.size() + 1);
    // One more is what TensorBoard has of the hyperparameters.
    assertThat(first).hasSize((KINDS.size() + 1) * (2 + VALUES) + 1);
    assertThat(second).isEqualTo(first);
  }

  private Path unpacked(Path file) throws IOException {
    Path unpacked = scratch.resolve("mlflow.db");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      Files.copy(in, unpacked);
    }
    return unpacked;
  }

  /** The runs and the values of a database that is built from the spool. */
  private List<String> rows(Distribution distribution, String name) throws Exception {
    Path database = scratch.resolve(name);
    Result built =
        distribution.run(
            Map.of(),
            "rebuild",
            "--spool",
            scratch.resolve("a.spool").toString(),
            "--db",
            database.toString());
    assertThat(built.code()).as(built.err()).isZero();
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
      add(connection, "SELECT run_id, run_name, status, config FROM runs ORDER BY 1", rows);
      add(
          connection,
          "SELECT run_id, metric_name, step, value, timestamp FROM metrics ORDER BY 1, 2, 3",
          rows);
    }
    return rows;
  }

  private static void add(Connection connection, String sql, List<String> rows)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.append(found.getString(i)).append('|');
        }
        rows.add(row.toString());
      }
    }
  }
}
