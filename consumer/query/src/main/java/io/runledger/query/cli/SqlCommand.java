package io.runledger.query.cli;

import io.runledger.config.ExitCodes;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerException;
import io.runledger.query.SqlRows;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger sql}: one read-only statement, for machines without the sqlite3 shell. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    preprocessor = SqlCommand.LeadingComment.class,
    description = {
      "Run one SQL statement that only reads: SELECT, WITH, VALUES, EXPLAIN, or a PRAGMA that tells"
          + " something. Nothing can be changed, and no file can be written.",
      "Prints a line with the columns' names, then one line a row, columns separated by tabs, NULL as"
          + " an empty text, a BLOB as hexadecimal; tabs and line ends in a text are printed as \\t"
          + " and \\n, other control characters as visible signs."
    },
    footer = {
      "",
      "Examples:",
      "  runledger sql \"SELECT run_name, status FROM runs ORDER BY run_name\"",
      "  runledger sql < question.sql"
    })
public final class SqlCommand extends ReadVerb {

  private static final int PRINTED_AT_ONCE = 8_192;

  /** SQLite stops by itself within a moment of the time limit, when it can. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  @Parameters(
      arity = "0..1",
      paramLabel = "STATEMENT",
      description = "The statement. Without it, or with -, it is read from stdin.")
  private Optional<String> statement = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100000",
      description = "At most N rows; stderr says when there are more. Default: ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "Stop after so many seconds, waiting for whoever reads the output included; the service"
              + " cannot shorten its journal meanwhile. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  @Option(names = "--no-header", description = "Print no line with the columns' names.")
  private boolean noHeader;

  /** Made by picocli. */
  public SqlCommand() {}

  @Override
  void check() {
    atLeastOne("--limit", limit);
    atLeastOne("--timeout", timeout);
  }

  @Override
  Duration timeLimit() {
    return Duration.ofSeconds(timeout);
  }

  @Override
  void answer(Ledger ledger) {
    Printing rows = new Printing();
    String asked = statement.filter(text -> !text.equals("-")).orElseGet(SqlCommand::stdin);
    LastResort lastResort = new LastResort(timeLimit().plus(GRACE), this::giveUp);
    try {
      ledger.sql(asked, rows);
    } catch (LedgerException e) {
      rows.print();
      throw e;
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    } finally {
      lastResort.close();
    }
    rows.print();
    if (rows.cut) {
      say(
          "runledger: Only the first %,d rows are shown; there are more. Give a higher --limit to see them."
              .formatted(limit));
    }
  }

  private void giveUp() {
    say(
        "runledger: The statement was given up after %d s, inside one call of a function; ask for less, or give a longer --timeout."
            .formatted(timeout));
    Runtime.getRuntime().halt(ExitCodes.FAILED);
  }

  private static String stdin() {
    // Not closed: stdin is not ours.
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try {
      return reader.lines().collect(Collectors.joining("\n"));
    } catch (UncheckedIOException e) {
      throw new UncheckedIOException("The statement cannot be read from stdin.", e.getCause());
    }
  }

  private final class Printing implements SqlRows {
    private final StringBuilder lines = new StringBuilder();
    private int shown;
    private boolean cut;

    @Override
    public void columns(List<String> names) {
      if (!noHeader) {
        out().println(names.stream().map(SqlCommand::oneLine).collect(Collectors.joining("\t")));
      }
    }

    @Override
    public boolean row(List<Optional<String>> cells) {
      if (shown == limit) {
        cut = true;
        return false;
      }
      shown++;
      lines
          .append(
              cells.stream()
                  .map(cell -> cell.map(SqlCommand::oneLine).orElse(""))
                  .collect(Collectors.joining("\t")))
          .append(System.lineSeparator());
      return lines.length() < PRINTED_AT_ONCE || print();
    }

    /** Whether somebody still reads it: 'sql ... | head' does not for long. */
    private boolean print() {
      out().print(lines);
      lines.setLength(0);
      return !out().checkError();
    }
  }

  private static String oneLine(String text) {
    return Printable.line(text.replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n"));
  }

  /** A statement that begins with a comment is not an option, although it begins like one. */
  static final class LeadingComment implements IParameterPreprocessor {

    @Override
    @SuppressWarnings("JdkObsolete") // picocli's own type
    public boolean preprocess(
        Stack<String> words, CommandSpec spec, ArgSpec argument, Map<String, Object> info) {
      words.replaceAll(word -> word.matches("(?s)--(\\s.*|[^=\\n]*\\n.*)") ? " " + word : word);
      return false;
    }
  }
}
