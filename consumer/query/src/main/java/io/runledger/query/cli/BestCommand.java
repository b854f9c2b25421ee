package io.runledger.query.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.Json;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Sheet;
import io.runledger.query.format.TextTable;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.BestRun;
import io.runledger.query.runs.RunFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger best METRIC}: the runs that did best. */
@Command(
    name = "best",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Rank runs by the best value of a metric that they ever logged: all of them, or the first 5 on a terminal."
          + " NaN is never best.",
      "Without --mode the smallest value is best if the name suggests a loss or an error (it"
          + " contains loss, error or perplexity, or a word like mse, mae, nll or wer), the"
          + " largest for all others. Among equal values the oldest run comes first."
    },
    footer = {
      "",
      "Examples:",
      "  runledger best val/loss",
      "  runledger best val/accuracy --mode max --experiment 7 --limit 1 --json"
    })
public final class BestCommand extends ReadVerb {

  private static final int ON_TERMINAL = 5;

  private static final List<String> TITLES =
      List.of(
          "rank",
          "id",
          "run_id",
          "run_name",
          "status",
          "metric_name",
          "mode",
          "best",
          "best_step",
          "best_epoch");

  @Parameters(index = "0", paramLabel = "METRIC", description = "Name of the metric.")
  private String metric;

  @Option(
      names = "--mode",
      paramLabel = "min|max",
      description = "Whether the smallest or the largest value is best.")
  private Optional<String> mode = Optional.empty();

  @Mixin private FilterOptions filter;

  @Mixin private LimitOptions limit;
  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public BestCommand() {}

  @Override
  protected void check() {
    limit.check(this);
    optimum();
  }

  @Override
  protected void answer(Ledger ledger) {
    Optimum optimum = optimum();
    RunFilter runs = RunFilter.of(filter.choice(), limit.rows(format, ON_TERMINAL));
    Sheet<BestRun> sheet = sheet(optimum);
    ledger.forEachBest(metric, optimum, runs, sheet::row);
    long shown = sheet.end();
    if (shown == 0 && format.isText()) {
      remark("No matching run has a value of it other than NaN.");
    }
    if (shown == runs.limit()) {
      remarkOmitted("runs", shown, ledger.countBest(metric, runs));
    }
  }

  private Optimum optimum() {
    return mode.map(this::optimum).orElseGet(() -> Optimum.of(metric));
  }

  private Sheet<BestRun> sheet(Optimum optimum) {
    if (format.json()) {
      ObjectNode head = Json.object().put("metric_name", metric).put("mode", optimum.word());
      return Sheet.json(out(), head, "runs", this::json);
    }
    AtomicInteger rank = new AtomicInteger();
    return format.csv()
        ? Sheet.csv(out(), TITLES, (csv, one) -> csv(csv, rank.incrementAndGet(), one))
        : Sheet.table(out(), table(optimum), one -> cells(rank.incrementAndGet(), one));
  }

  private TextTable table(Optimum optimum) {
    return new TextTable()
        .numbers("")
        .words("ID")
        .names("NAME")
        .statuses("STATUS")
        .numbers(Printable.name(metric) + " (" + optimum.word() + ")")
        .numbers("STEP")
        .spare(2)
        .numbers("EPOCH")
        .spare(1)
        .texts("REMARKS")
        .spare(3);
  }

  private static List<String> cells(int rank, BestRun one) {
    return List.of(
        Integer.toString(rank),
        one.run().id().toString(),
        RunCells.name(one.run().name()),
        RunCells.status(one.run()),
        Numbers.sixDigits(one.best().value()),
        Numbers.orDash(one.best().step()),
        Numbers.epochOrDash(one.best().epoch()),
        RunCells.remarks(one.run(), List.of()));
  }

  private JsonNode json(BestRun one) {
    return new RunJson(zone.times()).run(one.run()).set("best", Json.mark(one.best()));
  }

  private static void csv(CsvOutput csv, int rank, BestRun one) {
    csv.number(rank).text(one.run().id().toString()).number(one.run().id().value());
    csv.text(one.run().name()).text(one.run().status().word()).text(one.metric());
    csv.text(one.optimum().word()).mark(Optional.of(one.best()));
  }
}
