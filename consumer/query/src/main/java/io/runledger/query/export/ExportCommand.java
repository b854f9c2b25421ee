package io.runledger.query.export;

import io.runledger.config.Counted;
import io.runledger.options.ClusterOptions;
import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.cli.ReadVerb;
import io.runledger.query.export.TableExport.Rows;
import io.runledger.query.format.Numbers;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.tracker.TrackerKind;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.Set;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger export}: whole tables for other programs, and runs for other ledgers. */
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
          + " looks like a formula is prefixed with '.",
      "With --events, the events of these runs are written into a study, one file that 'runledger import' adds to"
          + " another ledger: the same rows there, however often it is imported.",
      "With --to, these runs are added to another tracker. A run that is there already is left alone, and one that"
          + " has changed since is brought up to date."
    },
    footer = {
      "",
      "Examples:",
      "  runledger export --runs -o runs.parquet",
      "  runledger export --points --experiment 7 --metric val/loss -o points.parquet",
      "  runledger export --summaries --filter \"status = completed\" --format csv > summaries.csv",
      "  runledger export --events --filter \"tag has paper\" study.rls",
      "  runledger export --to mlflow http://127.0.0.1:5000 --project vision"
    })
public final class ExportCommand extends ReadVerb {

  @ArgGroup(exclusive = true, multiplicity = "1")
  private What what = new What();

  private static final class What {
    @Option(names = "--runs", description = "A row per run.")
    private boolean runs;

    @Option(names = "--points", description = "A row per point of a metric.")
    private boolean points;

    @Option(
        names = "--summaries",
        description = "A row per run and metric: count, minimum, maximum and last value.")
    private boolean summaries;

    @Option(
        names = "--events",
        description = "The events of the runs, as a study in the file TARGET.")
    private boolean events;

    @Option(
        names = "--to",
        paramLabel = "TRACKER",
        converter = TrackerKind.Word.class,
        completionCandidates = TrackerKind.Word.class,
        description =
            "The runs for another tracker, one of ${COMPLETION-CANDIDATES}: a URL of MLflow, or a directory,"
                + " is the TARGET.")
    private Optional<TrackerKind> tracker = Optional.empty();

    Optional<Rows> rows() {
      return runs
          ? Optional.of(Rows.RUNS)
          : points
              ? Optional.of(Rows.POINTS)
              : summaries ? Optional.of(Rows.SUMMARIES) : Optional.empty();
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "TARGET",
      description =
          "With --events, the file that the study is written to, such as study.rls; with --to, a URL of MLflow or a directory.")
  private Optional<String> target = Optional.empty();

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
      description =
          "Of a table, one of ${COMPLETION-CANDIDATES}. Default: what the name of FILE ends with.")
  private Optional<ExportFormat> format = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Write a table to this file, which is replaced when the export is complete. Default: stdout.")
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--spool",
      paramLabel = "DIR",
      description =
          "With --events, read the files of this spool instead of topics. Default: the spool next to a"
              + " database that 'runledger follow' filled.")
  private Optional<Path> spool = Optional.empty();

  @Option(
      names = "--accept-gap",
      description =
          "With --events, continue although the log no longer holds all history; the study names what"
              + " is missing.")
  private boolean acceptGap;

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      description =
          "With --to mlflow or wandb-offline, a Python that has the package mlflow, or wandb. Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "python3")
  private String python;

  @Mixin private FilterOptions filter;
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  /** Made by picocli. */
  public ExportCommand() {}

  @Override
  protected void check() {
    Optional<Rows> rows = what.rows();
    if (rows.isPresent()) {
      checkTable(rows.get());
      return;
    }
    if (!metrics.isEmpty() || format.isPresent() || file.isPresent()) {
      throw usage("--metric, --format and --output are those of a table; omit them.");
    }
    if (what.tracker.isPresent()) {
      checkTracker(what.tracker.get());
      return;
    }
    if (target.isEmpty()) {
      throw usage("Name the file for the study, such as 'runledger export --events study.rls'.");
    }
    path();
  }

  private void checkTable(Rows rows) {
    ExportFormat chosen = format();
    if (chosen == ExportFormat.PARQUET && file.isEmpty()) {
      throw usage("Parquet is not text; name a file for it with -o.");
    }
    if (rows == Rows.RUNS && !metrics.isEmpty()) {
      throw usage("--metric chooses points or summaries; omit it, or --runs.");
    }
    if (target.isPresent() || spool.isPresent() || acceptGap) {
      throw usage(
          target.isPresent()
              ? "A table goes to stdout or, with -o, to a file; omit '%s'.".formatted(target.get())
              : "--spool and --accept-gap are those of --events; omit them.");
    }
  }

  private void checkTracker(TrackerKind tracker) {
    if (target.isEmpty()) {
      throw usage(
          tracker == TrackerKind.MLFLOW
              ? "Name the server, such as 'runledger export --to mlflow http://127.0.0.1:5000'."
              : "Name the directory, such as 'runledger export --to %s exported'."
                  .formatted(tracker.word()));
    }
    if (spool.isPresent() || acceptGap) {
      throw usage("--spool and --accept-gap are those of --events; omit them.");
    }
  }

  private Path path() {
    try {
      return Path.of(target.orElseThrow());
    } catch (InvalidPathException e) {
      throw usage("'%s' cannot be the name of a file.".formatted(target.orElseThrow()));
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
    try {
      if (what.rows().isPresent()) {
        table(ledger, chosen, what.rows().get());
      } else if (what.events) {
        study(ledger, chosen);
      } else {
        tracker(ledger, chosen, what.tracker.orElseThrow());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void table(Ledger ledger, RunFilter chosen, Rows rows) throws IOException {
    metrics.forEach(ledger::countRunsWith);
    Progress progress = new Progress(err(), ledger.countRuns(chosen), rows.word());
    try {
      OptionalLong size =
          new TableExport(ledger, chosen, metrics, format(), progress).write(rows, file, out());
      progress.end();
      if (size.isPresent()) {
        remark(
            "Exported %s to %s (%s)."
                .formatted(
                    progress.counted(), file.orElseThrow(), Numbers.bytes(size.getAsLong())));
      }
    } finally {
      progress.end();
    }
  }

  private void tracker(Ledger ledger, RunFilter chosen, TrackerKind tracker) throws IOException {
    Progress progress = new Progress(err(), ledger.countRuns(chosen), "run");
    try {
      new TrackerRuns(ledger, progress)
          .export(chosen, tracker, target.orElseThrow(), python, this::remark);
    } finally {
      progress.end();
    }
  }

  private void study(Ledger ledger, RunFilter chosen) throws IOException {
    Set<RunId> runs = new LinkedHashSet<>();
    ledger.forEachRun(chosen, run -> runs.add(run.id()));
    StudyFile studies =
        ServiceLoader.load(StudyFile.class)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "This installation lacks what reads the log; reinstall it."));
    Progress progress = new Progress(err(), 100, "event");
    try {
      StudyFile.Written written =
          studies.write(
              new StudyFile.Request(configuration(cluster), spool, runs, path(), acceptGap),
              progress::part);
      progress.end();
      written.gaps().forEach(gap -> remark("The log lacks history: " + gap));
      if (written.deadLetters() > 0) {
        remark(
            "%s of these runs are not in it, because they are no events here either."
                .formatted(Counted.of(written.deadLetters(), "dead letter")));
      }
      remark(
          "Exported %s of %s to %s (%s), SHA-256 %s."
              .formatted(
                  Counted.of(written.events(), "event"),
                  Counted.of(written.runs(), "run"),
                  path(),
                  Numbers.bytes(written.bytes()),
                  written.sha256()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The export was interrupted; nothing was written.", e);
    } finally {
      progress.end();
    }
  }
}
