package io.runledger.query.cli;

import io.runledger.config.Counted;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.JsonStream;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Sheet;
import io.runledger.query.format.Sparkline;
import io.runledger.query.format.TextTable;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Run;
import io.runledger.schemas.RunId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger metrics RUN [NAME...]}: curves and points. */
@Command(
    name = "metrics",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show the metrics of a run, one per line, or the points of the named metrics: all of them, or"
          + " the last 20 of each on a terminal. --limit applies to each metric.",
      "After a resume the points that a later attempt computed again replace the earlier ones. In a"
          + " curve × marks a NaN; ↑ and ↓ mark places with infinities only."
    },
    footer = {
      "",
      "Examples:",
      "  runledger metrics 0k3f",
      "  runledger metrics 0k3f val/loss --limit 5",
      "  runledger metrics 0k3f loss f1 --csv > curve.csv",
      "  runledger metrics 0k3f val/loss --follow",
      "  runledger metrics 0k3f loss --buckets 1000 --csv > drawing.csv"
    })
public final class MetricsCommand extends ReadVerb {

  private static final int ON_TERMINAL = 20;
  private static final int NARROW_CURVE = 24;
  private static final int WIDE_CURVE = 72;

  /** More than a run logs between two looks, mostly. */
  private static final int FEW_POINTS = 64;

  /** A scheduler may report an end to which no stream of the run belongs. */
  private static final Duration NOTICE_END = Duration.ofSeconds(2);

  private static final List<String> POINT_TITLES =
      List.of(
          "metric_name", "step", "epoch", "elapsed_seconds", "value", "timestamp", "attempt_id");

  @Parameters(index = "0", paramLabel = "RUN", description = RunHelp.RUN)
  private String run;

  @Parameters(
      index = "1..*",
      paramLabel = "NAME",
      description = "Show the points of these metrics. Default: all metrics, one line each.")
  private List<String> names = new ArrayList<>();

  @Mixin private FollowOptions follow;
  @Mixin private LimitOptions limit;

  @Option(
      names = "--buckets",
      paramLabel = "N",
      description =
          "Reduce the named metrics to at most N buckets of neighbouring points, with the lowest and the"
              + " highest value of each: a million points to draw, and no spike lost.")
  private Optional<Integer> buckets = Optional.empty();

  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public MetricsCommand() {}

  @Override
  protected void check() {
    limit.check(this);
    buckets.ifPresent(this::checkBuckets);
    follow.check(this, format);
    if (follow.isGiven() && (names.isEmpty() || buckets.isPresent())) {
      throw usage("--follow needs the name of a metric, and cannot be combined with --buckets.");
    }
  }

  @Override
  protected void answer(Ledger ledger) {
    RunId id = find(ledger, run);
    List<MetricSummary> all = ledger.summaries(id);
    // Queried even when it does not exist: the failure suggests similar names.
    names.forEach(name -> ledger.lastPoints(id, name, 1));
    Map<String, MetricSummary> byName = new HashMap<>();
    all.forEach(metric -> byName.put(metric.name(), metric));
    List<MetricSummary> chosen =
        names.isEmpty()
            ? all
            : names.stream().distinct().map(byName::get).filter(Objects::nonNull).toList();
    if (follow.isGiven()) {
      follow(ledger, id, chosen);
      return;
    }
    if (format.json()) {
      printJson(ledger, ledger.run(id).orElseThrow(), chosen);
    } else if (format.csv()) {
      printCsv(ledger, id, chosen);
    } else if (names.isEmpty()) {
      printSummaries(ledger, id, chosen);
    } else if (buckets.isPresent()) {
      chosen.forEach(metric -> printBuckets(ledger, id, metric));
    } else {
      chosen.forEach(metric -> printPoints(ledger, id, metric));
    }
    if (!names.isEmpty() && buckets.isEmpty()) {
      remarkOmitted(chosen);
    }
  }

  private void checkBuckets(int count) {
    atLeastOne("--buckets", count);
    if (names.isEmpty() || limit.isGiven()) {
      throw usage("--buckets needs the name of a metric, and cannot be combined with --limit.");
    }
  }

  private void forEachPoint(
      Ledger ledger, RunId id, MetricSummary metric, Consumer<MetricPoint> visitor) {
    int rows = limit.rows(format, ON_TERMINAL);
    if (rows < metric.count()) {
      ledger.lastPoints(id, metric.name(), rows).forEach(visitor);
    } else {
      ledger.forEachPoint(id, metric.name(), visitor);
    }
  }

  /** Each point once, as it comes, until the run has ended. */
  private void follow(Ledger ledger, RunId id, List<MetricSummary> metrics) {
    Sheet<MetricPoint> sheet =
        format.csv()
            ? Sheet.csv(out(), POINT_TITLES, this::csv)
            : Sheet.table(out(), pointTable(new TextTable().names("METRIC")), this::cellsWithName);
    Map<String, MetricPoint> last = new HashMap<>();
    FollowOptions.forEachChange(
        ledger,
        NOTICE_END,
        changes -> {
          // Asked before the points, so that none that came before the end is missed.
          boolean ended = ledger.run(id).map(found -> found.status().isEnd()).orElse(true);
          if (changes.isAll() || changes.runs().contains(id) || ended) {
            for (MetricSummary metric : metrics) {
              Consumer<MetricPoint> print =
                  point -> {
                    sheet.row(point);
                    last.put(metric.name(), point);
                  };
              if (last.containsKey(metric.name())) {
                pointsBehind(ledger, id, last.get(metric.name())).forEach(print);
              } else {
                forEachPoint(ledger, id, metric, print);
              }
            }
            sheet.flush();
          }
          return ended || out().checkError();
        });
  }

  /** Those of the same metric that were logged after a point, also where a resume replaced it. */
  private static List<MetricPoint> pointsBehind(Ledger ledger, RunId id, MetricPoint last) {
    for (int count = FEW_POINTS; ; count *= 4) {
      List<MetricPoint> newest = ledger.lastPoints(id, last.metric(), count);
      int place = newest.indexOf(last);
      if (place >= 0) {
        return newest.subList(place + 1, newest.size());
      }
      if (newest.size() < count) {
        return newest.stream().filter(point -> point.attemptId() > last.attemptId()).toList();
      }
    }
  }

  private void remarkOmitted(List<MetricSummary> metrics) {
    long rows = limit.rows(format, ON_TERMINAL);
    remarkOmitted(
        "points",
        metrics.stream().mapToLong(metric -> Math.min(rows, metric.count())).sum(),
        metrics.stream().mapToLong(MetricSummary::count).sum());
  }

  private void printSummaries(Ledger ledger, RunId id, List<MetricSummary> metrics) {
    if (metrics.isEmpty()) {
      remark("The run has logged no metric.");
      return;
    }
    TextTable table = RunPageText.metricTable();
    Map<String, Curve> curves = ledger.curves(id, metrics.size(), NARROW_CURVE);
    metrics.forEach(metric -> table.row(RunPageText.metricRow(metric, curves)));
    table.print(out());
  }

  private void printPoints(Ledger ledger, RunId id, MetricSummary metric) {
    Curve curve = ledger.curve(id, metric.name(), WIDE_CURVE);
    out().println(Printable.name(metric.name()));
    out()
        .printf(
            "%s%s, min %s, max %s, last %s%n",
            Counted.of(metric.count(), "point"),
            metric.nanCount() > 0 ? " (" + metric.nanCount() + " NaN)" : "",
            metric.min().map(RunCells::at).orElse("-"),
            metric.max().map(RunCells::at).orElse("-"),
            RunCells.at(metric.last()));
    out().println(Sparkline.of(curve));
    out().println();
    Sheet<MetricPoint> sheet = Sheet.table(out(), pointTable(new TextTable()), this::cells);
    forEachPoint(ledger, id, metric, sheet::row);
    sheet.end();
    out().println();
  }

  private TextTable pointTable(TextTable begun) {
    return begun
        .numbers("STEP")
        .numbers("EPOCH")
        .numbers("ELAPSED S")
        .numbers("VALUE")
        .words(zone.times().title("TIME"));
  }

  private List<String> cellsWithName(MetricPoint point) {
    List<String> cells = new ArrayList<>(List.of(Printable.name(point.metric())));
    cells.addAll(cells(point));
    return cells;
  }

  private List<String> cells(MetricPoint point) {
    return List.of(
        Numbers.orDash(point.step()),
        Numbers.epochOrDash(point.epoch()),
        elapsed(point.elapsedSeconds()),
        Numbers.sixDigits(point.value()),
        zone.times().text(point.at()));
  }

  private static String elapsed(OptionalDouble seconds) {
    return seconds.isPresent() ? Numbers.sixDigits(seconds.getAsDouble()) : "-";
  }

  private void printJson(Ledger ledger, Run found, List<MetricSummary> metrics) {
    RunJson json = new RunJson(zone.times());
    try (JsonStream document = new JsonStream(out())) {
      document.object(RunJson.reference(found.id(), found.name())).array("metrics");
      for (MetricSummary metric : metrics) {
        document.object(RunJson.summary(metric));
        if (buckets.isPresent()) {
          document.array("buckets");
          ledger
              .curve(found.id(), metric.name(), buckets.get())
              .buckets()
              .forEach(bucket -> document.add(RunJson.bucket(bucket)));
          document.endArray();
        } else if (!names.isEmpty()) {
          document.array("points");
          forEachPoint(ledger, found.id(), metric, point -> document.add(json.point(point)));
          document.endArray();
        }
        document.endObject();
      }
      document.endArray().endObject();
    }
  }

  private void printCsv(Ledger ledger, RunId id, List<MetricSummary> metrics) {
    if (names.isEmpty()) {
      printSummaryCsv(metrics);
      return;
    }
    if (buckets.isPresent()) {
      printBucketCsv(ledger, id, metrics, buckets.get());
      return;
    }
    Sheet<MetricPoint> sheet = Sheet.csv(out(), POINT_TITLES, this::csv);
    metrics.forEach(metric -> forEachPoint(ledger, id, metric, sheet::row));
    sheet.end();
  }

  private void csv(CsvOutput csv, MetricPoint point) {
    csv.text(point.metric()).number(point.step()).epoch(point.epoch());
    csv.number(point.elapsedSeconds()).number(point.value());
    csv.text(zone.times().text(point.at())).number(point.attemptId());
  }

  private void printBuckets(Ledger ledger, RunId id, MetricSummary metric) {
    TextTable table =
        new TextTable()
            .numbers("FROM STEP")
            .numbers("TO STEP")
            .numbers("POINTS")
            .numbers("NAN")
            .numbers("LOWEST")
            .numbers("HIGHEST")
            .numbers("MEAN");
    for (Curve.Bucket bucket : ledger.curve(id, metric.name(), buckets.orElseThrow()).buckets()) {
      table.row(
          Numbers.orDash(bucket.firstStep()),
          Numbers.orDash(bucket.lastStep()),
          Long.toString(bucket.points()),
          Long.toString(bucket.nanCount()),
          Numbers.sixDigits(bucket.low()),
          Numbers.sixDigits(bucket.high()),
          Numbers.sixDigits(bucket.mean()));
    }
    out().println(Printable.name(metric.name()));
    table.print(out());
    out().println();
  }

  private void printBucketCsv(Ledger ledger, RunId id, List<MetricSummary> metrics, int count) {
    CsvOutput csv =
        new CsvOutput(
            out(),
            "metric_name",
            "first_step",
            "last_step",
            "points",
            "nan_count",
            "lowest",
            "highest",
            "mean");
    for (MetricSummary metric : metrics) {
      for (Curve.Bucket bucket : ledger.curve(id, metric.name(), count).buckets()) {
        csv.text(metric.name()).number(bucket.firstStep()).number(bucket.lastStep());
        csv.number(bucket.points()).number(bucket.nanCount());
        csv.number(bucket.low()).number(bucket.high()).number(bucket.mean()).endRow();
      }
    }
    csv.flush();
  }

  private void printSummaryCsv(List<MetricSummary> metrics) {
    CsvOutput csv =
        new CsvOutput(
            out(),
            "metric_name",
            "count",
            "nan_count",
            "min",
            "min_step",
            "min_epoch",
            "max",
            "max_step",
            "max_epoch",
            "last",
            "last_step",
            "last_epoch");
    for (MetricSummary metric : metrics) {
      csv.text(metric.name()).number(metric.count()).number(metric.nanCount());
      csv.mark(metric.min()).mark(metric.max()).mark(Optional.of(metric.last())).endRow();
    }
    csv.flush();
  }
}
