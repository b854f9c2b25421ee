package io.runledger.query.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.Ledger;
import io.runledger.query.MetricSummary;
import io.runledger.query.Run;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runledger list}: the newest runs, one a line. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "List the newest runs, one a line.",
      "The last loss is that of val/loss, else loss, else train/loss, else of the metric with the"
          + " shortest name that has 'loss' in it. Remarks tell what a reader must know: a metric"
          + " whose last value is NaN, events that are missing (known to exist, not arrived) or"
          + " dropped (the job could not store them), a configuration that changed between attempts."
    },
    footer = {
      "",
      "Examples:",
      "  runledger list --limit 20",
      "  runledger list --status failed --since 2d",
      "  runledger list --experiment 7 --csv > runs.csv"
    })
public final class ListCommand extends ReadVerb {

  @Mixin private FilterOptions filter;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "At most N runs; stderr says how many more match. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public ListCommand() {}

  @Override
  void check() {
    atLeastOne("--limit", limit);
  }

  @Override
  void answer(Ledger ledger) {
    List<Run> runs = ledger.listRuns(filter.filter(limit));
    Map<RunId, List<MetricSummary>> metrics =
        ledger.getSummaries(runs.stream().map(Run::id).toList());
    if (format.json()) {
      printJson(runs, metrics);
    } else if (format.csv()) {
      printCsv(runs, metrics);
    } else if (runs.isEmpty()) {
      say("No run matches.");
    } else {
      printText(runs, metrics);
    }
    if (runs.size() == limit) {
      sayHowManyMore("runs", limit, ledger.countRuns(filter.filter(limit)));
    }
  }

  private void printText(List<Run> runs, Map<RunId, List<MetricSummary>> metrics) {
    TextTable table =
        new TextTable()
            .words("ID")
            .names("NAME")
            .words("STATUS")
            .words("STARTED (UTC)")
            .numbers("TOOK")
            .numbers("LAST LOSS")
            .texts("REMARKS");
    for (Run run : runs) {
      List<MetricSummary> own = metrics.getOrDefault(run.id(), List.of());
      table.row(
          run.id().toString(),
          run.name().orElse("-"),
          RunCells.status(run),
          Numbers.minute(run.startedAt()),
          Numbers.between(run.startedAt(), run.finishedAt()),
          RunCells.mainLoss(own).map(loss -> Numbers.sixDigits(loss.last().value())).orElse("-"),
          RunCells.remarks(run, own));
    }
    table.print(out());
  }

  private void printJson(List<Run> runs, Map<RunId, List<MetricSummary>> metrics) {
    JsonStream.print(
        out(),
        Json.object(),
        "runs",
        runs.stream().map(run -> json(run, metrics.getOrDefault(run.id(), List.of()))));
  }

  private static ObjectNode json(Run run, List<MetricSummary> metrics) {
    ObjectNode json = RunJson.run(run);
    ArrayNode summaries = json.putArray("metrics");
    metrics.forEach(summary -> summaries.add(RunJson.summary(summary)));
    return json;
  }

  private void printCsv(List<Run> runs, Map<RunId, List<MetricSummary>> metrics) {
    CsvOutput csv =
        new CsvOutput(
            out(),
            "id",
            "run_id",
            "run_name",
            "project",
            "experiment",
            "dataset",
            "method",
            "subject",
            "cl_info",
            "seed",
            "status",
            "exit_code",
            "attempts",
            "created_at",
            "started_at",
            "finished_at",
            "loss_metric",
            "last_loss",
            "missing_events",
            "dropped_events",
            "config_drift",
            "tags",
            "notes");
    for (Run run : runs) {
      Optional<MetricSummary> loss = RunCells.mainLoss(metrics.getOrDefault(run.id(), List.of()));
      Optional<RunKey> key = run.key();
      csv.text(run.id().toString()).number(run.id().value()).text(run.name()).text(run.project());
      csv.text(key.flatMap(RunKey::experiment)).text(key.flatMap(RunKey::dataset));
      csv.text(key.flatMap(RunKey::method)).text(key.flatMap(RunKey::subject));
      csv.text(key.flatMap(RunKey::clInfo));
      csv.text(key.map(RunKey::seed).map(Json::number).map(String::valueOf));
      csv.text(run.status().word()).number(run.exitCode()).number(run.attempts());
      csv.text(run.createdAt().map(Numbers::text)).text(run.startedAt().map(Numbers::text));
      csv.text(run.finishedAt().map(Numbers::text)).text(loss.map(MetricSummary::name));
      csv.text(loss.map(found -> Double.toString(found.last().value())));
      csv.number(run.missingEvents()).number(run.droppedEvents());
      csv.text(Boolean.toString(run.configDrift())).text(String.join(" ", run.tags()));
      csv.text(run.notes()).endRow();
    }
    csv.end();
  }
}
