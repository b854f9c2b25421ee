package io.runledger.query.export;

import io.runledger.query.Ledger;
import io.runledger.query.export.PointColumns.Point;
import io.runledger.query.export.SummaryColumns.Summary;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** Writes runs, points or summaries as one table. Rows are written as they are read. */
final class TableExport {

  /** Runs whose metrics are asked for together. */
  private static final int AT_ONCE = 100;

  /** What a row is. */
  enum Rows {
    RUNS("run"),
    POINTS("point"),
    SUMMARIES("metric");

    private final String word;

    Rows(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  private final Ledger ledger;
  private final RunFilter chosen;
  private final Set<String> wanted;
  private final ExportFormat format;
  private final Progress progress;

  /**
   * Prepares to write.
   *
   * @param metrics only these; all where it is empty
   */
  TableExport(
      Ledger ledger,
      RunFilter chosen,
      List<String> metrics,
      ExportFormat format,
      Progress progress) {
    this.ledger = ledger;
    this.chosen = chosen;
    this.wanted = new HashSet<>(metrics);
    this.format = format;
    this.progress = progress;
  }

  /**
   * Writes all rows.
   *
   * @param file where they go; stdout where it is empty
   * @return the size of the file; empty of stdout
   */
  OptionalLong write(Rows rows, Optional<Path> file, PrintWriter stdout) throws IOException {
    return switch (rows) {
      case RUNS -> write(RunColumns.ALL, file, stdout, this::runs);
      case POINTS -> write(PointColumns.ALL, file, stdout, this::points);
      case SUMMARIES -> write(SummaryColumns.ALL, file, stdout, this::summaries);
    };
  }

  private interface Reading<T> {
    void into(Consumer<T> sink);
  }

  private <T> OptionalLong write(
      List<Column<T>> columns, Optional<Path> file, PrintWriter stdout, Reading<T> reading)
      throws IOException {
    if (file.isEmpty()) {
      try (Table<T> table = Table.on(stdout, format, columns)) {
        reading.into(
            row -> {
              table.row(row);
              progress.row();
            });
      }
      return OptionalLong.empty();
    }
    try (ExportFile output = new ExportFile(file.get())) {
      try (Table<T> table = Table.in(output.stream(), format, columns)) {
        reading.into(
            row -> {
              table.row(row);
              progress.row();
              output.check();
            });
      }
      return OptionalLong.of(output.complete());
    }
  }

  private void runs(Consumer<Run> sink) {
    ledger.forEachRun(
        chosen,
        run -> {
          sink.accept(run);
          progress.run();
        });
  }

  private void points(Consumer<Point> sink) {
    forEachOfRun(
        (run, some) -> {
          String id = run.toString();
          try {
            ledger.forEachPoint(run, some, point -> sink.accept(new Point(run, id, point)));
          } catch (RunNotFoundException | MetricNotFoundException deletedMeanwhile) {
            // As if it had been deleted a moment before.
          }
        });
  }

  private void summaries(Consumer<Summary> sink) {
    forEachOfRun((run, some) -> some.forEach(metric -> sink.accept(new Summary(run, metric))));
  }

  private interface OfRun {
    void accept(RunId run, List<MetricSummary> metrics);
  }

  private void forEachOfRun(OfRun visitor) {
    List<RunId> some = new ArrayList<>();
    Runnable visit =
        () -> {
          Map<RunId, List<MetricSummary>> summaries = ledger.summaries(some);
          for (RunId run : some) {
            visitor.accept(
                run,
                summaries.getOrDefault(run, List.of()).stream()
                    .filter(metric -> wanted.isEmpty() || wanted.contains(metric.name()))
                    .toList());
            progress.run();
          }
          some.clear();
        };
    ledger.forEachRun(
        chosen,
        run -> {
          some.add(run.id());
          if (some.size() == AT_ONCE) {
            visit.run();
          }
        });
    visit.run();
  }
}
