package io.runledger.query.cli;

import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Json;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunRow;
import io.runledger.schemas.RunId;
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
          + " loss, error or perplexity, or a word like mse, mae, nll or wer); for all others --mode"
          + " decides. Total epochs are counted from the first epoch logged to the last.",
      "The runs are those that are named, or the newest 100 that --filter and the options next to it choose."
    },
    footer = {
      "",
      "Examples:",
      "  runledger compare 0k3f 2m8q",
      "  runledger compare 7/mnist/cnn/s01/-/3 7/mnist/cnn/s01/-/4 --metric val/loss",
      "  runledger compare 0k3f 2m8q 3xye --csv > comparison.csv",
      "  runledger compare --filter 'experiment = 7 and method in (cnn, mlp)' --metric val/loss"
    })
public final class CompareCommand extends ReadVerb {

  /** More are no comparison that anybody reads, and all of them are in memory. */
  private static final int MOST_CHOSEN = 100;

  @Parameters(arity = "0..*", paramLabel = "RUN", description = RunHelp.RUN)
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

  @Mixin private FilterOptions filter;

  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public CompareCommand() {}

  @Override
  protected void check() {
    forOthers();
    if (runs.isEmpty() == filter.choice().isEmpty()) {
      throw usage(
          runs.isEmpty()
              ? "Missing required parameter: 'RUN', or a filter that chooses some."
              : "Give either runs, or options that choose some.");
    }
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
      return snapshot.compare(
          runs.isEmpty() ? chosen(snapshot) : find(snapshot, runs), forOthers());
    }
  }

  /** The newest of those that match. */
  private List<RunId> chosen(Snapshot snapshot) {
    RunFilter newest = RunFilter.of(filter.choice(), MOST_CHOSEN);
    List<RunId> chosen = snapshot.rows(newest, List.of()).stream().map(RunRow::run).toList();
    if (chosen.isEmpty()) {
      throw new RunNotFoundException("No run matches.");
    }
    long all = chosen.size() < MOST_CHOSEN ? chosen.size() : snapshot.countRuns(newest);
    if (all > chosen.size()) {
      remark(
          "%,d of %,d runs compared, the newest; a narrower filter leaves fewer out."
              .formatted(chosen.size(), all));
    }
    return chosen;
  }
}
