package io.runledger.query.export;

import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.cli.ReadVerb;
import io.runledger.query.export.PointColumns.Point;
import io.runledger.query.export.SummaryColumns.Summary;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Numbers;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runledger export}: whole tables for other programs. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Export all runs, or those that the options choose, or their points, as CSV, JSON lines or Parquet, for"
          + " pandas, polars, DuckDB, R or a spreadsheet. Rows are written as they are read, so memory does not grow with"
          + " them.",
      "Numbers have all their digits, NaN and infinities included; a cell without a value is empty (null). Times are UTC to the"
          + " microsecond, in Parquet timestamps. Points that a resume superseded are left out. Configuration and tags"
          + " are JSON, nested in JSON lines and text elsewhere.",
      "Parquet and JSON lines have text as it was logged; CSV shows control characters as signs, and text that"
          + " looks like a formula is prefixed with '."
    },
    footer = {
      "",
      "Examples:",
      "  runledger export --runs -o runs.parquet",
      "  runledger export --points --experiment 7 --metric val/loss -o points.parquet",
      "  runledger export --summaries --filter \"status = completed\" --format csv > summaries.csv"
    })
public final class ExportCommand extends ReadVerb {

  /** Runs whose metrics are asked for together. */
  private static final int AT_ONCE = 100;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Rows rows = new Rows();

  private static final class Rows {
    @Option(names = "--runs", description = "A row per run.")
    private boolean runs;

    @Option(names = "--points", description = "A row per point of a metric.")
    private boolean points;

    @Option(
        names = "--summaries",
        description = "A row per run and metric: count, minimum, maximum and last value.")
    private boolean summaries;
  }

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description = "Only points or summaries of this metric; may be repeated.")
  private List<String> metrics = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = ExportFormat.Word.class,
      completionCandidates = ExportFormat.Word.class,
      description = "One of ${COMPLETION-CANDIDATES}. Default: what the name of FILE ends with.")
  private Optional<ExportFormat> format = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Write to this file, which is replaced when the export is complete. Default: stdout.")
  private Optional<Path> file = Optional.empty();

  @Mixin private FilterOptions filter;

  /** Made by picocli. */
  public ExportCommand() {}

  @Override
  protected void check() {
    ExportFormat chosen = format();
    if (chosen == ExportFormat.PARQUET && file.isEmpty()) {
      throw usage("Parquet is not text; name a file for it with -o.");
    }
    if (rows.runs && !metrics.isEmpty()) {
      throw usage("--metric chooses points or summaries; omit it, or --runs.");
    }
  }

  private ExportFormat format() {
    return format
        .or(() -> file.flatMap(ExportFormat::of))
        .orElseThrow(
            () ->
                usage(
                    "The format is missing; specify --format csv, jsonl or parquet, or a FILE that ends with one of them."));
  }

  @Override
  protected void answer(Ledger ledger) {
    RunFilter chosen = RunFilter.of(filter.choice(), Integer.MAX_VALUE);
    metrics.forEach(ledger::countRunsWith);
    String word = rows.runs ? "run" : rows.summaries ? "metric" : "point";
    Progress progress = new Progress(err(), ledger.countRuns(chosen), word);
    try {
      if (rows.runs) {
        write(
            RunColumns.ALL,
            progress,
            sink ->
                ledger.forEachRun(
                    chosen,
                    run -> {
                      sink.accept(run);
                      progress.run();
                    }));
      } else if (rows.points) {
        write(PointColumns.ALL, progress, sink -> points(ledger, chosen, progress, sink));
      } else {
        write(
            SummaryColumns.ALL,
            progress,
            sink ->
                forEachOfRun(
                    ledger,
                    chosen,
                    progress,
                    (run, some) -> some.forEach(metric -> sink.accept(new Summary(run, metric)))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      progress.end();
    }
  }

  private interface Reading<T> {
    void into(Consumer<T> sink);
  }

  private <T> void write(List<Column<T>> columns, Progress progress, Reading<T> reading)
      throws IOException {
    if (file.isEmpty()) {
      try (Table<T> table = Table.on(out(), format(), columns)) {
        reading.into(
            row -> {
              table.row(row);
              progress.row();
            });
      }
      return;
    }
    try (ExportFile output = new ExportFile(file.get())) {
      try (Table<T> table = Table.in(output.stream(), format(), columns)) {
        reading.into(
            row -> {
              table.row(row);
              progress.row();
              output.check();
            });
      }
      long size = output.complete();
      progress.end();
      remark(
          "Exported %s to %s (%s).".formatted(progress.counted(), file.get(), Numbers.bytes(size)));
    }
  }

  private interface OfRun {
    void accept(RunId run, List<MetricSummary> metrics);
  }

  private void points(Ledger ledger, RunFilter chosen, Progress progress, Consumer<Point> sink) {
    forEachOfRun(
        ledger,
        chosen,
        progress,
        (run, some) -> {
          String id = run.toString();
          try {
            ledger.forEachPoint(run, some, point -> sink.accept(new Point(run, id, point)));
          } catch (RunNotFoundException | MetricNotFoundException deletedMeanwhile) {
            // As if it had been deleted a moment before.
          }
        });
  }

  private void forEachOfRun(Ledger ledger, RunFilter chosen, Progress progress, OfRun visitor) {
    Set<String> wanted = new HashSet<>(metrics);
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
