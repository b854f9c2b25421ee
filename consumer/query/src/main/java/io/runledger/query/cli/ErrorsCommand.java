package io.runledger.query.cli;

import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.RunError;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
      "List the last errors of all runs, one a line; or those of one run with their tracebacks in full."
    },
    footer = {
      "",
      "Examples:",
      "  runledger errors --since 2d",
      "  runledger errors 7/mnist/cnn/s01/-/3 --limit 1"
    })
public final class ErrorsCommand extends ReadVerb {

  @Parameters(index = "0", arity = "0..1", paramLabel = "RUN", description = RunHelp.RUN)
  private Optional<String> run = Optional.empty();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = Since.class,
      description = "Only errors since then: " + Since.HELP + ".")
  private Optional<Instant> since = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "At most N, the newest; stderr says how many more match. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public ErrorsCommand() {}

  @Override
  void check() {
    atLeastOne("--limit", limit);
  }

  @Override
  void answer(Ledger ledger) {
    Optional<RunId> id = run.map(typed -> find(ledger, typed));
    List<RunError> errors = ledger.getErrors(id, since, limit);
    if (format.json()) {
      JsonStream.print(out(), Json.object(), "errors", errors.stream().map(RunJson::error));
    } else if (format.csv()) {
      printCsv(errors);
    } else if (errors.isEmpty()) {
      say("No error was logged.");
    } else if (id.isPresent()) {
      errors.forEach(this::printInFull);
    } else {
      printTable(errors);
    }
    if (errors.size() == limit) {
      sayHowManyMore("errors", limit, ledger.countErrors(id, since));
    }
  }

  private void printTable(List<RunError> errors) {
    TextTable table =
        new TextTable()
            .words("TIME (UTC)")
            .words("RUN")
            .names("NAME")
            .texts("ERROR")
            .texts("MESSAGE");
    for (RunError error : errors) {
      table.row(
          Numbers.orUnknown(error.at()),
          error.runId().toString(),
          error.runName().orElse("-"),
          error.exceptionType(),
          error.message().orElse(""));
    }
    table.print(out());
  }

  private void printInFull(RunError error) {
    String step = error.step().isPresent() ? ", step " + error.step().getAsLong() : "";
    out()
        .println(
            Printable.line(
                "%s  %s (%s)%s"
                    .formatted(
                        Numbers.orUnknown(error.at()),
                        error.runName().orElse("-"),
                        error.runId(),
                        step)));
    String message = error.message().map(text -> ": " + text).orElse("");
    String traceback =
        error
            .traceback()
            .filter(text -> !text.isBlank())
            .orElseGet(() -> error.exceptionType() + message);
    out().println(Printable.lines(traceback.stripTrailing()));
    if (error.truncatedBytes() > 0) {
      out().println("(" + error.truncatedBytes() + " bytes were cut out)");
    }
    out().println();
  }

  private void printCsv(List<RunError> errors) {
    CsvOutput csv =
        new CsvOutput(
            out(),
            "id",
            "run_id",
            "run_name",
            "created_at",
            "exception_type",
            "message",
            "step",
            "traceback");
    for (RunError error : errors) {
      csv.text(error.runId().toString()).number(error.runId().value()).text(error.runName());
      csv.text(error.at().map(Numbers::text)).text(error.exceptionType()).text(error.message());
      csv.number(error.step()).text(error.traceback()).endRow();
    }
    csv.end();
  }
}
