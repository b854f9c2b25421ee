package io.runledger.query.cli;

import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.format.Json;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.RunComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger compare RUN RUN...}: runs side by side. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compare runs: final and best values of their metrics, the epoch or step of the best one, total"
          + " epochs, and the entries of their configurations that differ.",
      "Best is the smallest value of a metric whose name suggests a loss or an error (it contains"
          + " loss, error or perplexity, or has a word like mse, mae, nll, wer in it), and of any"
          + " other one the value that --mode asks for. Total epochs are counted from the first epoch logged to the last."
    },
    footer = {
      "",
      "Examples:",
      "  runledger compare 0k3f 2m8q",
      "  runledger compare 7/mnist/cnn/s01/-/3 7/mnist/cnn/s01/-/4 --metric val/loss",
      "  runledger compare 0k3f 2m8q 3xye --csv > comparison.csv"
    })
public final class CompareCommand extends ReadVerb {

  @Parameters(arity = "1..*", paramLabel = "RUN", description = RunHelp.RUN)
  private List<String> runs = new ArrayList<>();

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description =
          "Only this metric; may be given several times. Without it, a table leaves out those under"
              + " system/.")
  private List<String> metrics = new ArrayList<>();

  @Option(
      names = "--mode",
      paramLabel = "min|max",
      description =
          "Which value is best for metrics whose name does not suggest a loss. Default: max.")
  private Optional<String> mode = Optional.empty();

  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public CompareCommand() {}

  @Override
  protected void check() {
    forOthers();
  }

  private Optimum forOthers() {
    return mode.map(this::optimum).orElse(Optimum.MAX);
  }

  @Override
  protected void answer(Ledger ledger) {
    ComparisonPage page = new ComparisonPage(comparison(ledger), metrics, zone.times());
    if (format.json()) {
      Json.print(out(), page.json());
    } else if (format.csv()) {
      page.printCsv(out());
    } else {
      page.print(out());
    }
  }

  private RunComparison comparison(Ledger ledger) {
    try (Snapshot snapshot = ledger.snapshot()) {
      return snapshot.compare(find(snapshot, runs), forOthers());
    }
  }
}
