package io.runledger.query.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.BestRun;
import io.runledger.query.Ledger;
import io.runledger.query.Optimum;
import java.util.List;
import java.util.Optional;
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
      "Rank runs by the best value that they ever logged of a metric. NaN is never best.",
      "Without --mode the smallest value is best where the name looks like a loss or an error (it"
          + " contains loss, error or perplexity, or has a word like mse, mae, nll, wer in it), the"
          + " largest for all others. Of equal values the oldest run comes first."
    },
    footer = {
      "",
      "Examples:",
      "  runledger best val/loss",
      "  runledger best val/accuracy --mode max --experiment 7 --limit 1 --json"
    })
public final class BestCommand extends ReadVerb {

  @Parameters(index = "0", paramLabel = "METRIC", description = "Name of the metric.")
  private String metric;

  @Option(names = "--mode", paramLabel = "min|max", description = "Which end is the good one.")
  private Optional<String> mode = Optional.empty();

  @Mixin private FilterOptions filter;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "5",
      description = "At most N runs. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public BestCommand() {}

  @Override
  void check() {
    atLeastOne("--limit", limit);
    optimum();
  }

  @Override
  void answer(Ledger ledger) {
    Optimum optimum = optimum();
    List<BestRun> best = ledger.bestRuns(metric, optimum, filter.filter(limit));
    if (format.json()) {
      printJson(optimum, best);
    } else if (format.csv()) {
      printCsv(best);
    } else if (best.isEmpty()) {
      say("No run that matches has a value of it other than NaN.");
    } else {
      printText(optimum, best);
    }
  }

  private Optimum optimum() {
    return mode.map(this::optimum).orElseGet(() -> Optimum.of(metric));
  }

  private void printText(Optimum optimum, List<BestRun> best) {
    TextTable table =
        new TextTable()
            .numbers("")
            .words("ID")
            .names("NAME")
            .words("STATUS")
            .numbers(metric + " (" + optimum.word() + ")")
            .numbers("STEP")
            .numbers("EPOCH")
            .texts("REMARKS");
    for (int i = 0; i < best.size(); i++) {
      BestRun one = best.get(i);
      table.row(
          Integer.toString(i + 1),
          one.run().id().toString(),
          one.run().name().orElse("-"),
          RunCells.status(one.run()),
          Numbers.sixDigits(one.best().value()),
          Numbers.orDash(one.best().step()),
          Numbers.epochOrDash(one.best().epoch()),
          RunCells.remarks(one.run(), List.of()));
    }
    table.print(out());
  }

  private void printJson(Optimum optimum, List<BestRun> best) {
    ObjectNode document = Json.object().put("metric_name", metric).put("mode", optimum.word());
    JsonStream.print(
        out(),
        document,
        "runs",
        best.stream()
            .map(one -> RunJson.run(one.run()).<ObjectNode>set("best", Json.mark(one.best()))));
  }

  private void printCsv(List<BestRun> best) {
    CsvOutput csv =
        new CsvOutput(
            out(),
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
    for (int i = 0; i < best.size(); i++) {
      BestRun one = best.get(i);
      csv.number(i + 1).text(one.run().id().toString()).number(one.run().id().value());
      csv.text(one.run().name()).text(one.run().status().word()).text(one.metric());
      csv.text(one.optimum().word()).mark(Optional.of(one.best())).endRow();
    }
    csv.end();
  }
}
