package io.runledger.query.alerts.cli;

import io.runledger.options.Since;
import io.runledger.query.Ledger;
import io.runledger.query.alerts.Firing;
import io.runledger.query.alerts.FiringFilter;
import io.runledger.query.cli.FormatOptions;
import io.runledger.query.cli.LimitOptions;
import io.runledger.query.cli.ReadVerb;
import io.runledger.query.cli.RunHelp;
import io.runledger.query.cli.TimeOptions;
import io.runledger.query.format.FiringCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.Sheet;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger alerts list [RUN]}: what rules found. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "List what rules of alerts found, the newest first: all of it, or the first 50 on a terminal.",
      "STATE is open while it holds, as far as is known; what was too old to be delivered is late."
    },
    footer = {
      "",
      "Examples:",
      "  runledger alerts list --open",
      "  runledger alerts list --rule diverged --since 1d --json"
    })
public final class AlertsListCommand extends ReadVerb {

  private static final int ON_TERMINAL = 50;

  @Parameters(index = "0", arity = "0..1", paramLabel = "RUN", description = RunHelp.RUN)
  private Optional<String> run = Optional.empty();

  @Option(names = "--rule", paramLabel = "NAME", description = "Only what this rule found.")
  private Optional<String> rule = Optional.empty();

  @Option(names = "--open", description = "Only what still holds.")
  private boolean open;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = Since.class,
      description = "Only what was found since this time: " + Since.HELP + ".")
  private Optional<Instant> since = Optional.empty();

  @Mixin private LimitOptions limit;
  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public AlertsListCommand() {}

  @Override
  protected void check() {
    limit.check(this);
  }

  @Override
  protected void answer(Ledger ledger) {
    Optional<RunId> id = run.map(typed -> find(ledger, typed));
    FiringFilter filter = new FiringFilter(id, rule, since, open, limit.rows(format, ON_TERMINAL));
    FiringCells cells = new FiringCells(zone.times());
    Sheet<Firing> sheet = sheet(cells);
    ledger.forEachFiring(filter, sheet::row);
    long shown = sheet.end();
    if (shown == 0 && format.isText()) {
      remark("No alert matches.");
    }
    if (shown == filter.limit()) {
      remarkOmitted("alerts", shown, ledger.countFirings(filter));
    }
  }

  private Sheet<Firing> sheet(FiringCells cells) {
    if (format.json()) {
      return Sheet.json(out(), Json.object(), "alerts", cells::json);
    }
    return format.csv()
        ? Sheet.csv(out(), FiringCells.TITLES, cells::csv)
        : Sheet.table(out(), cells.table(), cells::row);
  }
}
