package io.runledger.query.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.Json;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunDocument;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.TextTable;
import io.runledger.query.format.Times;
import io.runledger.query.metrics.MetricSummary.Mark;
import io.runledger.query.metrics.SystemMetrics;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunComparison.ComparedMetric;
import io.runledger.query.runs.RunComparison.ComparedRun;
import io.runledger.query.runs.RunComparison.ConfigDifference;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** A comparison in its three forms. */
final class ComparisonPage {

  /** How many runs are shown side by side on one screen. */
  private static final int RUNS_ABREAST = 4;

  private final RunComparison comparison;
  private final Set<String> metrics;

  /** Those that a person sees. */
  private final Set<String> shown;

  private final Times times;

  /**
   * Shows these metrics only; all when there are none.
   *
   * @throws MetricNotFoundException when all of the runs lack one; what some of them lack is shown
   *     so
   */
  ComparisonPage(RunComparison comparison, List<String> only, Times times) {
    this.times = times;
    this.comparison = comparison;
    this.metrics = new TreeSet<>();
    comparison.runs().forEach(run -> metrics.addAll(run.metrics().keySet()));
    for (String metric : only) {
      if (!metrics.contains(metric)) {
        throw new MetricNotFoundException(
            "None of these runs has a metric", metric, List.copyOf(metrics));
      }
    }
    this.shown = new TreeSet<>(metrics);
    if (only.isEmpty()) {
      shown.removeIf(SystemMetrics::contain);
    } else {
      metrics.retainAll(only);
      shown.retainAll(only);
    }
  }

  void print(PrintWriter out) {
    int runs = comparison.runs().size();
    for (int from = 0; from < runs; from += RUNS_ABREAST) {
      if (from > 0) {
        out.println();
      }
      print(out, from, Math.min(runs, from + RUNS_ABREAST));
    }
    if (shown.size() < metrics.size()) {
      out.printf(
          "%n%,d metrics under %s are not shown; --metric NAME shows one.%n",
          metrics.size() - shown.size(), SystemMetrics.PREFIX);
    }
  }

  private void print(PrintWriter out, int from, int to) {
    List<ComparedRun> abreast = comparison.runs().subList(from, to);
    TextTable table = new TextTable().texts("");
    // The runs of a grid differ at the ends of their names.
    abreast.forEach(run -> table.names(run.run().id().toString()));
    row(table, "name", abreast, run -> RunCells.name(run.run().name()));
    row(table, "status", abreast, run -> RunCells.status(run.run()));
    row(table, times.title("started"), abreast, run -> times.minute(run.run().startedAt()));
    row(table, "total epochs", abreast, run -> Numbers.orDash(run.totalEpochs()));
    for (String metric : shown) {
      row(
          table,
          Printable.name(metric) + ", final",
          abreast,
          run -> text(run, metric, ComparedMetric::last));
      row(
          table,
          "  best (" + optimum(metric) + ")",
          abreast,
          run ->
              metric(run, metric)
                  .flatMap(ComparedMetric::best)
                  .map(RunCells::atEpochAndStep)
                  .orElse("-"));
    }
    if (!comparison.differences().isEmpty()) {
      row(table, "configuration", abreast, run -> "");
      for (ConfigDifference difference : comparison.differences()) {
        List<String> cells = new ArrayList<>(List.of("  " + difference.path()));
        difference.values().subList(from, to).forEach(value -> cells.add(value.orElse("-")));
        table.row(cells);
      }
    }
    table.print(out);
  }

  private static void row(
      TextTable table, String title, List<ComparedRun> runs, Function<ComparedRun, String> cell) {
    List<String> cells = new ArrayList<>(List.of(title));
    runs.forEach(run -> cells.add(cell.apply(run)));
    table.row(cells);
  }

  private static String text(ComparedRun run, String name, Function<ComparedMetric, Mark> mark) {
    return metric(run, name).map(mark).map(found -> Numbers.sixDigits(found.value())).orElse("-");
  }

  /** A text of a configuration without the quotes that JSON puts around it. */
  private static String plain(String json) {
    JsonNode value = Json.parsed(json);
    return value.isTextual() ? value.textValue() : json;
  }

  private String optimum(String metric) {
    return comparison.runs().stream()
        .flatMap(run -> metric(run, metric).stream())
        .map(found -> found.optimum().word())
        .findFirst()
        .orElseThrow();
  }

  private static Optional<ComparedMetric> metric(ComparedRun run, String name) {
    return Optional.ofNullable(run.metrics().get(name));
  }

  ObjectNode json() {
    return RunDocument.comparison(comparison, metrics, new RunJson(times));
  }

  void printCsv(PrintWriter out) {
    List<String> titles =
        new ArrayList<>(List.of("id", "run_id", "run_name", "status", "total_epochs"));
    for (String metric : metrics) {
      titles.addAll(
          List.of(
              metric + ".final", metric + ".best", metric + ".best_step", metric + ".best_epoch"));
    }
    comparison.differences().forEach(difference -> titles.add("config." + difference.path()));
    CsvOutput csv = new CsvOutput(out, titles);
    for (int i = 0; i < comparison.runs().size(); i++) {
      ComparedRun compared = comparison.runs().get(i);
      csv.text(compared.run().id().toString()).number(compared.run().id().value());
      csv.text(compared.run().name()).text(compared.run().status().word());
      csv.number(compared.totalEpochs());
      for (String name : metrics) {
        Optional<ComparedMetric> metric = metric(compared, name);
        csv.text(metric.map(found -> Double.toString(found.last().value())));
        csv.mark(metric.flatMap(ComparedMetric::best));
      }
      for (ConfigDifference difference : comparison.differences()) {
        csv.text(difference.values().get(i).map(ComparisonPage::plain));
      }
      csv.endRow();
    }
    csv.flush();
  }
}
