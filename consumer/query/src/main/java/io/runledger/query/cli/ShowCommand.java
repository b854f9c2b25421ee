package io.runledger.query.cli;

import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunDocument;
import io.runledger.query.runs.RunDetails;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger show RUN}: all about one run but its points. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show one run: its status and where that comes from, its attempts, configuration, metrics, results,"
          + " artifacts and errors, and whether events of it are missing.",
    },
    footer = {
      "",
      "Examples:",
      "  runledger show 7/mnist/cnn/s01/-/3    by run key",
      "  runledger show 0k3f                   by the first characters of its id",
      "  runledger show slurm:4711             by SLURM job, or slurm:4700_3"
    })
public final class ShowCommand extends ReadVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = RunHelp.RUN)
  private String run;

  @Option(
      names = "--json",
      description =
          "Print one JSON document. NaN, Infinity and -Infinity are strings, ids are decimal strings.")
  private boolean json;

  @Mixin private TimeOptions zone;

  /** Made by picocli. */
  public ShowCommand() {}

  @Override
  protected void answer(Ledger ledger) {
    if (json) {
      RunDocument form = new RunDocument(zone.times());
      Json.print(out(), form.whole(details(ledger), spool()::whereabouts, Instant.now()));
    } else {
      new RunPageText(out(), spool(), zone.times()).print(page(ledger));
    }
  }

  private RunDetails details(Ledger ledger) {
    try (Snapshot snapshot = ledger.snapshot()) {
      return snapshot.details(find(snapshot, run));
    }
  }

  private RunPage page(Ledger ledger) {
    try (Snapshot snapshot = ledger.snapshot()) {
      return RunPage.of(snapshot, find(snapshot, run));
    }
  }
}
