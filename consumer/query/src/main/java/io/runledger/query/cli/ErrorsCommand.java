package io.runledger.query.cli;

import io.runledger.config.Printable;
import io.runledger.options.Since;
import io.runledger.query.Ledger;
import io.runledger.query.filter.Filter;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.ErrorCells;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunCells;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Sheet;
import io.runledger.query.format.TextTable;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunError.Ending;
import io.runledger.schemas.RunId;
import io.runledger.schemas.StatusSource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger errors [RUN]}: what went wrong. */
@Command(
    name = "errors",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "List the errors of all runs, one per line and the newest first; or those of one run with their tracebacks in"
          + " full. All of them, or the first 20 on a terminal.",
      "An attempt that failed without logging an error, because a signal, SLURM or its exit code ended"
          + " it, also has one row, of the kind 'end', which says in parentheses how it ended."
    },
    footer = {
      "",
      "Examples:",
      "  runledger errors --since 2d",
      "  runledger errors --last > tracebacks.txt",
      "  runledger errors --filter 'tag has grid and config.lr > 0.1'",
      "  runledger errors 7/mnist/cnn/s01/-/3 --limit 1"
    })
public final class ErrorsCommand extends ReadVerb {

  private static final int ON_TERMINAL = 20;

  private static final List<String> TITLES =
      List.of(
          "id",
          "run_id",
          "run_name",
          "created_at",
          "kind",
          "exception_type",
          "message",
          "step",
          "traceback",
          "status",
          "exit_code",
          "status_reason",
          "status_source");

  @Parameters(index = "0", arity = "0..1", paramLabel = "RUN", description = RunHelp.RUN)
  private Optional<String> run = Optional.empty();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = Since.class,
      description = "Only errors since this time: " + Since.HELP + ".")
  private Optional<Instant> since = Optional.empty();

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Only errors of runs that pass this filter, such as \"project = vision and host ~ node1\";"
              + " 'runledger help filter' shows the language.")
  private Optional<String> filter = Optional.empty();

  @Option(
      names = "--last",
      description = "Show only the last error of each run, with its full traceback.")
  private boolean last;

  @Mixin private LimitOptions limit;
  @Mixin private TimeOptions zone;
  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public ErrorsCommand() {}

  @Override
  protected void check() {
    limit.check(this);
    if (last && run.isPresent()) {
      throw usage("--last applies to all runs; for one run, use --limit 1.");
    }
  }

  @Override
  protected void answer(Ledger ledger) {
    Optional<RunId> id = run.map(typed -> find(ledger, typed));
    Filter where = filter.map(Filter::parse).orElse(Filter.EVERY_RUN);
    ErrorFilter errors = new ErrorFilter(id, since, where, last, limit.rows(format, ON_TERMINAL));
    Sheet<RunError> sheet = sheet(id);
    ledger.forEachError(errors, sheet::row);
    long shown = sheet.end();
    if (shown == 0 && format.isText()) {
      remark(
          filter.isEmpty()
              ? "Nothing failed: no error was logged, and no attempt ended abnormally."
              : "Nothing failed in the runs that match.");
    }
    if (shown == errors.limit()) {
      remarkOmitted("errors", shown, ledger.countErrors(errors));
    }
  }

  private Sheet<RunError> sheet(Optional<RunId> id) {
    if (format.json()) {
      return Sheet.json(out(), Json.object(), "errors", new RunJson(zone.times())::error);
    }
    if (format.csv()) {
      return Sheet.csv(out(), TITLES, this::csv);
    }
    return last || id.isPresent()
        ? Sheet.pieces(this::printInFull)
        : Sheet.table(out(), table(), this::cells);
  }

  private TextTable table() {
    return new TextTable()
        .words(zone.times().title("TIME"))
        .words("RUN")
        .names("NAME")
        .texts("ERROR")
        .texts("MESSAGE");
  }

  private List<String> cells(RunError error) {
    return List.of(
        zone.times().orUnknown(error.at()),
        error.runId().toString(),
        RunCells.name(error.runName()),
        ErrorCells.what(error),
        ErrorCells.message(error));
  }

  private void printInFull(RunError error) {
    String step = error.step().isPresent() ? ", step " + error.step().getAsLong() : "";
    out()
        .println(
            Printable.line(
                "%s  %s (%s)%s"
                    .formatted(
                        zone.times().orUnknown(error.at()),
                        RunCells.name(error.runName()),
                        error.runId(),
                        step)));
    String traceback =
        error.traceback().filter(text -> !text.isBlank()).orElseGet(() -> ErrorCells.line(error));
    out().println(Printable.lines(traceback.stripTrailing()));
    if (error.truncatedBytes() > 0) {
      out().println("(" + error.truncatedBytes() + " bytes were cut out)");
    }
    out().println();
  }

  private void csv(CsvOutput csv, RunError error) {
    csv.text(error.runId().toString()).number(error.runId().value()).text(error.runName());
    csv.text(error.at().map(zone.times()::text)).text(ErrorCells.kind(error));
    csv.text(error.exceptionType()).text(error.message()).number(error.step());
    csv.text(error.traceback()).text(error.ending().map(end -> end.status().word()));
    csv.number(error.ending().map(Ending::exitCode).orElse(OptionalInt.empty()));
    csv.text(error.ending().flatMap(Ending::reason));
    csv.text(error.ending().flatMap(Ending::source).map(StatusSource::word));
  }
}
