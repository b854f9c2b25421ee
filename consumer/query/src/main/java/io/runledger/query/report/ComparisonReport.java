package io.runledger.query.report;

import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.Times;
import io.runledger.query.metrics.Curve;
import io.runledger.query.report.Block.Chart;
import io.runledger.query.report.Block.Charts;
import io.runledger.query.report.Block.Grid;
import io.runledger.query.report.Block.Head;
import io.runledger.query.report.Block.Heading;
import io.runledger.query.report.Block.Line;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunComparison.ComparedMetric;
import io.runledger.query.runs.RunComparison.ComparedRun;
import io.runledger.query.runs.RunComparison.ConfigDifference;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Runs side by side: curves over each other, final and best values, what is not the same. */
final class ComparisonReport {

  /** More charts than that are scrolled past. */
  private static final int CHARTS = 60;

  private ComparisonReport() {}

  static List<Block> of(
      String title, RunComparison comparison, Map<RunId, Map<String, Curve>> curves, Instant now) {
    List<Block> blocks = new ArrayList<>();
    blocks.add(new Head(title, "", "Report of " + Times.UTC.text(now) + " UTC"));
    blocks.add(runs(comparison.runs(), now));
    SortedSet<String> metrics = new TreeSet<>();
    comparison.runs().forEach(run -> metrics.addAll(run.metrics().keySet()));
    if (!metrics.isEmpty()) {
      blocks.add(new Heading("Curves"));
      blocks.add(
          new Charts(
              metrics.stream()
                  .map(metric -> chart(metric, comparison.runs(), curves))
                  .filter(chart -> !chart.lines().isEmpty())
                  .limit(CHARTS)
                  .toList()));
      blocks.add(new Heading("Final and best values"));
      blocks.add(values(metrics, comparison.runs()));
    }
    if (comparison.differences().isEmpty()) {
      blocks.add(new Heading("The configurations are the same"));
    } else {
      blocks.add(new Heading("Differences of the configurations"));
      blocks.add(differences(comparison));
    }
    return blocks;
  }

  private static Grid runs(List<ComparedRun> runs, Instant now) {
    Grid grid = Grid.of("Run", "Id", "Status", "Started (UTC)", "Took", "Tags");
    for (ComparedRun compared : runs) {
      Run run = compared.run();
      grid.row(
          run.label(),
          run.id().toString(),
          RunCells.status(run),
          Times.UTC.minute(run.startedAt()),
          RunCells.took(run, now),
          String.join(", ", run.tags()));
    }
    return grid;
  }

  private static Chart chart(
      String metric, List<ComparedRun> runs, Map<RunId, Map<String, Curve>> curves) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i).run();
      int number = i;
      Optional.ofNullable(curves.getOrDefault(run.id(), Map.of()).get(metric))
          .ifPresent(curve -> lines.add(new Line(run.label(), number, curve)));
    }
    return new Chart(metric, lines);
  }

  private static Grid values(SortedSet<String> metrics, List<ComparedRun> runs) {
    Grid grid = Grid.of("Metric", "Run", "#Last", "Best", "Best is");
    for (String metric : metrics) {
      for (ComparedRun run : runs) {
        ComparedMetric value = run.metrics().get(metric);
        if (value != null) {
          grid.row(
              metric,
              run.run().label(),
              Numbers.sixDigits(value.last().value()),
              value.best().map(RunCells::at).orElse("NaN"),
              value.optimum().word());
        }
      }
    }
    return grid;
  }

  private static Grid differences(RunComparison comparison) {
    List<String> titles = new ArrayList<>(List.of("Entry"));
    comparison.runs().forEach(run -> titles.add(run.run().label().replaceFirst("^#", "＃")));
    Grid grid = Grid.of(titles.toArray(String[]::new));
    for (ConfigDifference difference : comparison.differences()) {
      List<String> cells = new ArrayList<>(List.of(difference.path()));
      difference.values().forEach(value -> cells.add(value.orElse("")));
      grid.row(cells.toArray(String[]::new));
    }
    return grid;
  }
}
