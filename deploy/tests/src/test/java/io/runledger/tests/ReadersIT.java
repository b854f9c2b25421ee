package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.event.MetricRow;
import io.runledger.sqlite.SqliteProjection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real SQLAlchemy, pandas and polars read the numbers that were logged, bit for bit. */
@Tag("long")
class ReadersIT {

  private static final Path VENV = Path.of("target/readers").toAbsolutePath();

  private static final double[] VALUES = {
    1e-12,
    -0.0,
    0.0,
    0.1 + 0.2,
    1.0 / 3,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    5.0,
    -1e300,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN,
    123456789.12345679
  };

  @TempDir private Path directory;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void analystsReadTheNumbersThatWereLogged() throws IOException, InterruptedException {
    Path database = directory.resolve("runledger.db");
    try (Projection projection = Deliveries.claimed(SqliteProjection.open(database))) {
      Events job = Events.ofSeed(1);
      List<MetricRow> rows = new ArrayList<>();
      for (int step = 0; step < VALUES.length; step++) {
        rows.add(row(step, step / 4.0, Map.of("loss", VALUES[step])));
      }
      Events other = Events.ofSeed(2);
      List<MetricRow> many = new ArrayList<>();
      for (int step = 0; step <= 150; step++) {
        many.add(row(step, step < 150 ? 0.0 : 0.25, Map.of("many", 1.0)));
      }
      Deliveries.deliver(
          projection, job.started(), job.metrics(rows.toArray(MetricRow[]::new)), other.started());
      Deliveries.deliver(projection, other.metrics(many.toArray(MetricRow[]::new)));
    }
    install();
    Path script = directory.resolve("readers.py");
    Files.write(script, ReadersIT.class.getResourceAsStream("/readers.py").readAllBytes());

    String said =
        run(
            Stream.concat(
                    Stream.of(VENV + "/bin/python", script.toString(), database.toString()),
                    DoubleStream.of(VALUES)
                        .mapToObj(
                            value ->
                                Double.isNaN(value)
                                    ? "nan"
                                    : Double.isInfinite(value)
                                        ? (value > 0 ? "inf" : "-inf")
                                        : Double.toHexString(value)))
                .toList());

    assertThat(said).contains("ok SQLAlchemy metrics", "ok pandas", "ok polars");
  }

  private static MetricRow row(long step, double epoch, Map<String, Double> values) {
    return MetricRow.newBuilder()
        .setAt(Events.DAWN)
        .setStep(step)
        .setEpoch(epoch)
        .setValues(values)
        .build();
  }

  /** Kept between runs: the packages are large. */
  private static void install() throws IOException, InterruptedException {
    Path done = VENV.resolve("installed");
    if (Files.exists(done)) {
      return;
    }
    try {
      run(List.of("python3", "-m", "venv", VENV.toString()));
      run(
          List.of(
              VENV + "/bin/pip",
              "-q",
              "--disable-pip-version-check",
              "install",
              "sqlalchemy",
              "pandas",
              "polars"));
    } catch (AssertionError unreachable) {
      System.err.println(
          "ReadersIT IS SKIPPED: sqlalchemy, pandas and polars cannot be installed: "
              + unreachable.getMessage());
      Assumptions.abort("The package index cannot be reached: " + unreachable.getMessage());
    }
    try {
      run(List.of(VENV + "/bin/pip", "-q", "install", "--only-binary=:all:", "pysqlite3-binary"));
    } catch (AssertionError noWheel) {
      System.err.println("ReadersIT asks the SQLite of this Python alone: no newer one to install");
    }
    Files.createFile(done);
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
