package io.runledger.query.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.ExitCodes;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.connection.SqlRows;
import io.runledger.query.failure.LedgerException;
import io.runledger.query.format.CsvOutput;
import io.runledger.query.format.Json;
import io.runledger.query.format.Sheet;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code runledger sql}: one read-only statement, for machines without the sqlite3 shell or psql.
 */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    preprocessor = SqlCommand.LeadingComment.class,
    description = {
      "Run one read-only SQL statement: SELECT, WITH, VALUES, EXPLAIN, or a PRAGMA that returns"
          + " something (on a PostgreSQL server TABLE or SHOW instead). Nothing can be changed, and no"
          + " file can be written.",
      "Print a header line with the column names, then one line per row, columns separated by tabs, NULL as"
          + " an empty string, a BLOB as hexadecimal; tabs and line ends in a string are printed as \\t"
          + " and \\n, other control characters as visible symbols.",
      "Print all rows, or the first 100,000 on a terminal.",
      "In JSON each row is an object; a second column with the same name is called name:1."
    },
    footer = {
      "",
      "Examples:",
      "  runledger sql \"SELECT run_name, status FROM runs ORDER BY run_name\"",
      "  runledger sql < question.sql",
      "  runledger sql --csv \"SELECT * FROM slurm_jobs\" > jobs.csv"
    })
public final class SqlCommand extends ReadVerb {

  private static final int ON_TERMINAL = 100_000;

  /** Rows between two checks that the output is still read: 'sql ... | head' does not for long. */
  private static final int BETWEEN_LOOKS = 500;

  /** The store stops by itself within a moment of the time limit, when it can. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  @Parameters(
      arity = "0..1",
      paramLabel = "STATEMENT",
      description = "The statement. Without it, or with -, it is read from stdin.")
  private Optional<String> statement = Optional.empty();

  @Mixin private LimitOptions limit;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "Stop after this many seconds, including the time that the reader of the output takes; the"
              + " service cannot shorten the write-ahead log of a file meanwhile. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  @Option(names = "--no-header", description = "Omit the header line.")
  private boolean noHeader;

  @Mixin private FormatOptions format;

  /** Made by picocli. */
  public SqlCommand() {}

  @Override
  protected void check() {
    limit.check(this);
    atLeastOne("--timeout", timeout);
  }

  @Override
  Duration timeLimit() {
    return Duration.ofSeconds(timeout);
  }

  @Override
  protected void answer(Ledger ledger) {
    Printing rows = new Printing();
    String asked = statement.filter(text -> !text.equals("-")).orElseGet(SqlCommand::stdin);
    LastResort lastResort = new LastResort(timeLimit().plus(GRACE), this::giveUp);
    try {
      ledger.sql(asked, rows);
    } catch (LedgerException e) {
      // A document of JSON stays open, so that nobody takes it for a whole one.
      if (!format.json()) {
        rows.end();
      }
      throw e;
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    } finally {
      lastResort.close();
      out().flush();
    }
    rows.end();
    if (rows.cut) {
      out().flush();
      remark(
          "%,d rows shown, and there are more; --limit N or --all shows them."
              .formatted(rows.limit));
    }
  }

  private void giveUp() {
    remark(
        "runledger: The statement was abandoned after %d s, inside a single function call; narrow it, or set a longer --timeout."
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

  /** One row, in the order of the columns. */
  private record Row(List<Optional<Object>> cells) {}

  private final class Printing implements SqlRows {
    private final int limit = SqlCommand.this.limit.rows(format, ON_TERMINAL);
    private Optional<Sheet<Row>> sheet = Optional.empty();
    private int shown;
    private boolean cut;

    @Override
    public void columns(List<String> names) {
      sheet = Optional.of(sheet(names));
    }

    private Sheet<Row> sheet(List<String> names) {
      if (format.json()) {
        List<String> fields = distinct(names);
        return Sheet.json(out(), Json.object(), "rows", row -> json(fields, row));
      }
      if (format.csv()) {
        return Sheet.csv(out(), noHeader ? List.of() : names, SqlCommand::csv);
      }
      if (!noHeader) {
        print(names.stream());
      }
      return Sheet.pieces(
          row -> print(row.cells().stream().map(cell -> cell.map(Object::toString).orElse(""))));
    }

    @Override
    public boolean row(List<Optional<Object>> cells) {
      if (shown == limit) {
        cut = true;
        return false;
      }
      shown++;
      sheet.orElseThrow().row(new Row(cells));
      return shown % BETWEEN_LOOKS != 0 || !out().checkError();
    }

    void end() {
      sheet.ifPresent(Sheet::end);
    }
  }

  private void print(Stream<String> cells) {
    out().print(cells.map(SqlCommand::oneLine).collect(Collectors.joining("\t")));
    // Not println, which hands on each line alone.
    out().print(System.lineSeparator());
  }

  /** A second column of a name is name:1, as SQLite names it in a view. */
  private static List<String> distinct(List<String> names) {
    List<String> distinct = new ArrayList<>();
    for (String name : names) {
      String free = name;
      for (int i = 1; distinct.contains(free); i++) {
        free = name + ":" + i;
      }
      distinct.add(free);
    }
    return distinct;
  }

  private static ObjectNode json(List<String> fields, Row row) {
    ObjectNode json = Json.object();
    for (int i = 0; i < fields.size(); i++) {
      json.set(fields.get(i), Json.value(row.cells().get(i)));
    }
    return json;
  }

  private static void csv(CsvOutput csv, Row row) {
    for (Optional<Object> cell : row.cells()) {
      Object value = cell.orElse("");
      if (value instanceof Long number) {
        csv.number(number);
      } else if (value instanceof Double number) {
        csv.number((double) number);
      } else {
        csv.text(value.toString());
      }
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
