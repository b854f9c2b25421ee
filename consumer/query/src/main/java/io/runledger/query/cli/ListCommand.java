package io.runledger.query.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Filter;
import io.runledger.query.filter.NamedField;
import io.runledger.query.filter.Operator;
import io.runledger.query.filter.Order;
import io.runledger.query.filter.Value;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.Json;
import io.runledger.query.format.Numbers;
import io.runledger.query.format.RowSheets;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Screen;
import io.runledger.query.format.Sheet;
import io.runledger.query.format.TextTable;
import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunRow;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runledger list}: the newest runs, one per line. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "List the newest runs, one per line: all of them, or the first 50 on a terminal.",
      "The last loss is that of val/loss, else loss, else train/loss, else of the metric with the"
          + " shortest name that contains 'loss'. The REMARKS column flags what a reader must know: a metric"
          + " whose last value is NaN, events that are missing (known to exist, not arrived) or"
          + " dropped (the job could not store them), a configuration that changed between attempts.",
      "TOOK is how long it took, or how long it has been running. STEP is the step of the last value. For a run"
          + " that is still running, VALUE AGE and BEAT AGE show how long ago its last value and heartbeat arrived."
          + " A narrow terminal does not show all columns; --csv and --json do."
    },
    footer = {
      "",
      "Examples:",
      "  runledger list --limit 20",
      "  runledger list --status failed --since 2d",
      "  runledger list --experiment 7 --csv > runs.csv",
      "  runledger list --filter 'status = running' --follow",
      "  runledger list --order metric.val/loss.min --columns id,method,seed,config.lr,metric.val/loss.min"
    })
public final class ListCommand extends ReadVerb {

  private static final int ON_TERMINAL = 50;

  /** Runs whose metrics are asked for together. */
  private static final int AT_ONCE = 100;

  /** Without a change, how long it takes for the ages on a screen to be out of date. */
  private static final Duration AGES_GROW = Duration.ofSeconds(2);

  private static final List<String> TITLES =
      List.of(
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
          "notes",
          "age_seconds",
          "last_value_at",
          "last_value_step",
          "last_value_epoch",
          "last_value_age_seconds",
          "last_heartbeat_at",
          "heartbeat_interval_seconds",
          "last_heartbeat_age_seconds");

  private record Row(
      Run run, List<MetricSummary> metrics, Optional<LastValue> lastValue, Instant now) {}

  /** A sheet, and what prints the runs that match into it. */
  private record Rows(Sheet<?> sheet, Consumer<RunFilter> print) {}

  @Mixin private FilterOptions filter;

  @Option(
      names = "--order",
      paramLabel = "FIELDS",
      description =
          "Order the runs by fields of the filter language, such as \"metric.val/loss.min, started"
              + " desc\"; a value that is missing or NaN comes last. Default: the newest first.")
  private Optional<String> order = Optional.empty();

  @Option(
      names = "--columns",
      paramLabel = "FIELDS",
      description =
          "Show these fields of the filter language instead, such as"
              + " \"id,status,config.lr,metric.val/loss.min\".")
  private Optional<String> columns = Optional.empty();

  @Mixin private FollowOptions follow;
  @Mixin private LimitOptions limit;
  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public ListCommand() {}

  @Override
  protected void check() {
    limit.check(this);
    follow.check(this, format);
  }

  @Override
  protected void answer(Ledger ledger) {
    RunFilter runs =
        RunFilter.of(filter.choice(), limit.rows(format, ON_TERMINAL))
            .inOrder(order.map(Order::parse).orElse(Order.NEWEST_FIRST));
    if (follow.isGiven()) {
      follow(ledger, runs);
      return;
    }
    long shown = print(ledger, runs, out());
    if (shown == 0 && format.isText()) {
      remark("No run matches.");
    }
    if (shown == runs.limit()) {
      remarkOmitted("runs", shown, ledger.countRuns(runs));
    }
  }

  /** A terminal shows the first runs as they are; elsewhere a run that changed is a further row. */
  private void follow(Ledger ledger, RunFilter runs) {
    if (Screen.columns().isPresent() && format.isText()) {
      RunFilter fitting = runs.limited(Math.min(runs.limit(), Screen.lines() - 2));
      FollowOptions.forEachChange(ledger, AGES_GROW, changes -> redraw(ledger, fitting));
      return;
    }
    Rows rows = rows(ledger, out());
    FollowOptions.forEachChange(
        ledger,
        AGES_GROW,
        changes -> {
          if (!changes.isEmpty()) {
            rows.print().accept(changes.isAll() ? runs : runs.where(oneOf(changes.runs())));
            rows.sheet().flush();
          }
          return out().checkError();
        });
  }

  private boolean redraw(Ledger ledger, RunFilter runs) {
    StringWriter page = new StringWriter();
    if (print(ledger, runs, new PrintWriter(page)) == 0) {
      page.append("No run matches.\n");
    }
    out().print(Screen.redrawn(page.toString()));
    return out().checkError();
  }

  private static Filter oneOf(Set<RunId> runs) {
    return new Filter.Or(
        runs.stream()
            .<Filter>map(
                run ->
                    new Filter.Compared(
                        Attribute.ID, Operator.EQUAL, new Value.Text(run.toString())))
            .toList());
  }

  private long print(Ledger ledger, RunFilter runs, PrintWriter out) {
    Rows rows = rows(ledger, out);
    rows.print().accept(runs);
    return rows.sheet().end();
  }

  private Rows rows(Ledger ledger, PrintWriter out) {
    if (columns.isEmpty()) {
      Sheet<Row> sheet = sheet(out);
      return new Rows(sheet, runs -> print(ledger, runs, sheet));
    }
    List<NamedField> chosen = NamedField.list("list of columns", columns.get());
    if (chosen.isEmpty()) {
      throw usage("--columns needs at least one field, such as id.");
    }
    RowSheets sheets = new RowSheets(out, chosen, zone.times());
    Sheet<RunRow> sheet =
        format.json() ? sheets.json() : format.csv() ? sheets.csv() : sheets.table();
    return new Rows(sheet, runs -> ledger.forEachRow(runs, NamedField.fields(chosen), sheet::row));
  }

  private static void print(Ledger ledger, RunFilter runs, Sheet<Row> sheet) {
    List<Run> some = new ArrayList<>();
    ledger.forEachRun(
        runs,
        run -> {
          some.add(run);
          if (some.size() == AT_ONCE) {
            print(ledger, some, sheet);
          }
        });
    print(ledger, some, sheet);
  }

  /** With their metrics, which are asked for together. */
  private static void print(Ledger ledger, List<Run> runs, Sheet<Row> sheet) {
    Map<RunId, List<MetricSummary>> metrics = ledger.summaries(runs.stream().map(Run::id).toList());
    Map<RunId, LastValue> last = ledger.lastValues(runs.stream().map(Run::id).toList());
    Instant now = Instant.now();
    runs.forEach(
        run ->
            sheet.row(
                new Row(
                    run,
                    metrics.getOrDefault(run.id(), List.of()),
                    Optional.ofNullable(last.get(run.id())),
                    now)));
    runs.clear();
  }

  private Sheet<Row> sheet(PrintWriter out) {
    if (format.json()) {
      return Sheet.json(out, Json.object(), "runs", this::json);
    }
    return format.csv()
        ? Sheet.csv(out, TITLES, this::csv)
        : Sheet.table(out, table(), this::cells);
  }

  private TextTable table() {
    return new TextTable()
        .words("ID")
        .names("NAME")
        .statuses("STATUS")
        .words(zone.times().title("STARTED"))
        .spare(1)
        .numbers("TOOK")
        .numbers("STEP")
        .spare(5)
        .numbers("LAST LOSS")
        .spare(4)
        .numbers("VALUE AGE")
        .spare(3)
        .numbers("BEAT AGE")
        .spare(2)
        .texts("REMARKS")
        .spare(6);
  }

  private List<String> cells(Row row) {
    Run run = row.run();
    return List.of(
        run.id().toString(),
        RunCells.name(run.name()),
        RunCells.status(run),
        zone.times().minute(run.startedAt()),
        RunCells.took(run, row.now()),
        row.lastValue().map(RunCells::step).orElse("-"),
        RunCells.mainLoss(row.metrics())
            .map(loss -> Numbers.sixDigits(loss.last().value()))
            .orElse("-"),
        age(run, row.lastValue().map(LastValue::at), row.now()),
        age(run, run.lastHeartbeatAt(), row.now()),
        RunCells.remarks(run, row.metrics()));
  }

  /** Of a run that ended there is nothing to wait for. */
  private static String age(Run run, Optional<Instant> at, Instant now) {
    return run.status().isEnd() ? "-" : at.map(since -> Numbers.age(since, now)).orElse("-");
  }

  private ObjectNode json(Row row) {
    RunJson form = new RunJson(zone.times());
    ObjectNode json = form.run(row.run());
    form.progress(json, row.run(), row.lastValue(), row.now());
    ArrayNode summaries = json.putArray("metrics");
    row.metrics().forEach(summary -> summaries.add(RunJson.summary(summary)));
    return json;
  }

  private void csv(CsvOutput csv, Row row) {
    Run run = row.run();
    Optional<MetricSummary> loss = RunCells.mainLoss(row.metrics());
    Optional<RunKey> key = run.key();
    csv.text(run.id().toString()).number(run.id().value()).text(run.name()).text(run.project());
    csv.text(key.flatMap(RunKey::experiment)).text(key.flatMap(RunKey::dataset));
    csv.text(key.flatMap(RunKey::method)).text(key.flatMap(RunKey::subject));
    csv.text(key.flatMap(RunKey::clInfo));
    csv.text(key.map(RunKey::seed).map(Json::number).map(String::valueOf));
    csv.text(run.status().word()).number(run.exitCode()).number(run.attempts());
    csv.text(run.createdAt().map(zone.times()::text)).text(run.startedAt().map(zone.times()::text));
    csv.text(run.finishedAt().map(zone.times()::text)).text(loss.map(MetricSummary::name));
    csv.text(loss.map(found -> Double.toString(found.last().value())));
    csv.number(run.missingEvents()).number(run.droppedEvents());
    csv.text(Boolean.toString(run.configDrift())).text(String.join(" ", run.tags()));
    csv.text(run.notes()).number(RunCells.age(run, run.startedAt(), row.now()));
    csv.text(row.lastValue().map(last -> zone.times().text(last.at())));
    csv.number(row.lastValue().map(LastValue::step).orElse(OptionalLong.empty()));
    csv.epoch(row.lastValue().map(LastValue::epoch).orElse(OptionalDouble.empty()));
    csv.number(RunCells.age(run, row.lastValue().map(LastValue::at), row.now()));
    csv.text(run.lastHeartbeatAt().map(zone.times()::text)).number(run.heartbeatSeconds());
    csv.number(RunCells.age(run, run.lastHeartbeatAt(), row.now()));
  }
}
