package io.runledger.query.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Printable;
import io.runledger.options.FilterOptions;
import io.runledger.query.Ledger;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.NamedField;
import io.runledger.query.format.GroupCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.Sheet;
import io.runledger.query.groups.RunGroup;
import io.runledger.query.groups.RunValue;
import io.runledger.query.groups.RunValue.OfSummary;
import io.runledger.query.groups.XAxis;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.RunFilter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code runledger groups --by FIELDS --metric NAME}: a metric over the seeds of each method. */
@Command(
    name = "groups",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Sum up a metric over groups of runs, such as the seeds of each method and dataset: mean, standard deviation,"
          + " 95 %% confidence interval of the mean (Student's t), median, smallest and largest value.",
      "A group is all runs that match and have the same values of the fields of --by. RUNS is how many there are,"
          + " FAILED how many of them failed or timed out, N how many values count: NaN, infinities and runs without"
          + " a value do not, and the REMARKS column says how many there are. A run with several tags is in the group"
          + " of each."
    },
    footer = {
      "",
      "Examples:",
      "  runledger groups --by method,dataset --metric val/loss",
      "  runledger groups --by config.optimizer.lr --metric val/accuracy --value best --experiment 7",
      "  runledger groups --by method --metric val/loss --value at:1000 --csv > groups.csv",
      "  runledger groups --by method --metric val/loss --curves 200 > curves.json"
    })
public final class GroupsCommand extends ReadVerb {

  @Option(
      names = "--by",
      paramLabel = "FIELDS",
      required = true,
      description =
          "Fields of the filter language that the runs of a group have in common, such as"
              + " method,dataset or config.lr.")
  private String by;

  @Option(names = "--metric", paramLabel = "NAME", required = true, description = "The metric.")
  private String metric;

  @Option(
      names = "--value",
      paramLabel = "last|min|max|best|at:STEP",
      description =
          "Which value stands for a run; at:STEP is the newest one of that step or a lower one."
              + " Default: last.")
  private String value = Aggregate.LAST.word();

  @Option(
      names = "--mode",
      paramLabel = "min|max",
      description =
          "Which value is best. Default: min where the name suggests a loss or an error, as in"
              + " 'best', else max.")
  private Optional<String> mode = Optional.empty();

  @Option(
      names = "--curves",
      paramLabel = "N",
      description =
          "Print the curves of the groups in at most N places instead, as JSON: mean, deviation and"
              + " interval of the runs that have got that far.")
  private Optional<Integer> curves = Optional.empty();

  @Option(
      names = "--x",
      paramLabel = "step|epoch|elapsed",
      description = "What the curves are drawn over. Default: step.")
  private String x = XAxis.STEP.word();

  @Mixin private FilterOptions filter;

  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public GroupsCommand() {}

  @Override
  protected void check() {
    value();
    axis();
    curves.ifPresent(places -> atLeastOne("--curves", places));
    if (curves.isPresent() && format.csv()) {
      throw usage("--curves prints JSON, not CSV.");
    }
  }

  @Override
  protected void answer(Ledger ledger) {
    List<NamedField> fields = NamedField.list("list of fields", by);
    GroupCells cells = new GroupCells(fields, zone.times());
    RunFilter runs = RunFilter.of(filter.choice(), Integer.MAX_VALUE);
    if (curves.isPresent()) {
      printCurves(ledger, runs, fields, cells);
      return;
    }
    Sheet<RunGroup> sheet = sheet(cells);
    ledger.groups(runs, NamedField.fields(fields), metric, value()).forEach(sheet::row);
    if (sheet.end() == 0 && format.isText()) {
      remark("No run matches.");
    }
  }

  private void printCurves(
      Ledger ledger, RunFilter runs, List<NamedField> fields, GroupCells cells) {
    ObjectNode head = Json.object().put("metric_name", metric).put("x", axis().word());
    Sheet<ObjectNode> sheet = Sheet.json(out(), head, "groups", curve -> curve);
    ledger
        .groupCurves(
            runs,
            NamedField.fields(fields),
            metric,
            axis(),
            curves.orElseThrow(),
            Integer.MAX_VALUE)
        .forEach(curve -> sheet.row(cells.json(curve, axis().word())));
    sheet.end();
  }

  private Sheet<RunGroup> sheet(GroupCells cells) {
    if (format.json()) {
      ObjectNode head = Json.object().put("metric_name", metric).put("value", value().word());
      return Sheet.json(out(), head, "groups", cells::json);
    }
    return format.csv()
        ? Sheet.csv(out(), cells.titles(), cells::csv)
        : Sheet.table(out(), cells.table(), cells::texts);
  }

  private XAxis axis() {
    try {
      return XAxis.ofWord(x);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private RunValue value() {
    try {
      RunValue typed = RunValue.parse(value);
      boolean isBest = typed.equals(new OfSummary(Aggregate.BEST));
      if (mode.isPresent() && !isBest) {
        throw usage(
            "--mode says which value is best; it goes with --value best, not "
                + Printable.word(value)
                + ".");
      }
      Optimum optimum = mode.map(this::optimum).orElseGet(() -> Optimum.of(metric));
      return isBest ? RunValue.best(optimum) : typed;
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }
}
