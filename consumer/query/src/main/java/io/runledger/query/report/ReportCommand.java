package io.runledger.query.report;

import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.cli.ReadVerb;
import io.runledger.query.cli.RunHelp;
import io.runledger.query.export.ExportFile;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Numbers;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger report}: runs as one file to hand on. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Write a report as one file of HTML or Markdown that needs nothing else: no network, no script, no ledger.",
      "Of one run it has the status with its evidence, curves, the configuration, results, errors with tracebacks,"
          + " artifacts and SLURM jobs; of several the curves over each other, final and best values, and where the"
          + " configurations differ. Curves keep every spike, and mark NaN and infinities."
    },
    footer = {
      "",
      "Examples:",
      "  runledger report 0k3f -o report.html",
      "  runledger report 0k3f 7ev0 -o comparison.html",
      "  runledger report --filter \"tag has grid and status = completed\" -o grid.md"
    })
public final class ReportCommand extends ReadVerb {

  /** Metrics drawn of a run. */
  private static final int CURVES = 100;

  /** Points of a curve: a chart has as many pixels. */
  private static final int WIDTH = 400;

  private static final int WIDTH_OF_ONE_OF_MANY = 200;

  /** Characters of a curve in Markdown. */
  private static final int SPARKS = 60;

  @Parameters(paramLabel = "RUN", arity = "0..*", description = RunHelp.RUN)
  private List<String> runs = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "Write to this file: HTML, or Markdown where its name ends with .md.")
  private Path file = Path.of("");

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Compare at most N runs that were chosen by a filter, the newest. Default: 20.")
  private int limit = 20;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      description = "The title of a report on several runs.")
  private String title = "";

  @Mixin private FilterOptions filter;

  /** Made by picocli. */
  public ReportCommand() {}

  @Override
  protected void check() {
    atLeastOne("--limit", limit);
    boolean filtered = !filter.choice().isEmpty();
    if (runs.isEmpty() != filtered) {
      throw usage("Name runs, or choose them by --filter or the like, and not both.");
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (!isMarkdown() && !name.endsWith(".html") && !name.endsWith(".htm")) {
      throw usage("A report is HTML or Markdown; name a file that ends with .html or .md.");
    }
  }

  private boolean isMarkdown() {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".md");
  }

  @Override
  protected void answer(Ledger ledger) {
    String text;
    try (Snapshot moment = ledger.snapshot()) {
      List<RunId> chosen = chosen(moment);
      text = chosen.size() == 1 ? one(moment, chosen.get(0)) : several(moment, chosen);
    }
    try (ExportFile output = new ExportFile(file)) {
      output.stream().write(text.getBytes(StandardCharsets.UTF_8));
      long size = output.complete();
      remark("Wrote %s (%s).".formatted(file, Numbers.bytes(size)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<RunId> chosen(Snapshot moment) {
    if (!runs.isEmpty()) {
      return find(moment, runs).stream().distinct().toList();
    }
    RunFilter chosen = RunFilter.of(filter.choice(), limit);
    List<RunId> found = moment.runs(chosen).stream().map(Run::id).toList();
    if (found.isEmpty()) {
      throw new RunNotFoundException("No run matches the filter.");
    }
    if (found.size() == limit) {
      remarkOmitted("runs", found.size(), moment.countRuns(chosen));
    }
    return found;
  }

  private String one(Snapshot moment, RunId run) {
    RunDetails details = moment.details(run);
    Map<String, Curve> curves =
        details.metrics().isEmpty()
            ? Map.of()
            : moment.curves(run, CURVES, isMarkdown() ? SPARKS : WIDTH);
    return page(details.run().label(), RunReport.of(details, curves, Instant.now()));
  }

  private String several(Snapshot moment, List<RunId> chosen) {
    RunComparison comparison = moment.compare(chosen, Optimum.MAX);
    Map<RunId, Map<String, Curve>> curves = new LinkedHashMap<>();
    for (RunId run : chosen) {
      curves.put(run, moment.curves(run, CURVES, isMarkdown() ? SPARKS : WIDTH_OF_ONE_OF_MANY));
    }
    String name = title.isEmpty() ? chosen.size() + " runs" : title;
    return page(name, ComparisonReport.of(name, comparison, curves, Instant.now()));
  }

  private String page(String name, List<Block> blocks) {
    return isMarkdown() ? Markdown.page(blocks) : Html.page(name, blocks);
  }
}
