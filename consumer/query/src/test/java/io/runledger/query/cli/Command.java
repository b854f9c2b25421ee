package io.runledger.query.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.runledger.options.Failures;
import io.runledger.query.alerts.cli.AlertsListCommand;
import io.runledger.query.export.ExportCommand;
import io.runledger.query.report.ReportCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Runs a verb as the command does, and keeps what it printed. */
record Command(int code, String out, String err) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param location what --db is told
   */
  static Command at(String location, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--db", location));
    return run(all.toArray(String[]::new));
  }

  /** The same on a terminal of that many columns. */
  static Command onTerminal(int columns, String location, String... words) {
    System.setProperty("runledger.columns", Integer.toString(columns));
    try {
      return at(location, words);
    } finally {
      System.clearProperty("runledger.columns");
    }
  }

  static Command run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = run(out, err, words);
    return new Command(code, out.toString(), err.toString());
  }

  /** The same, printed where others see it meanwhile. */
  static int run(Writer out, Writer err, String... words) {
    CommandLine line = new CommandLine(new Root());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(new Failures(false));
    return line.execute(words);
  }

  List<String> lines() {
    return out.lines().toList();
  }

  JsonNode json() {
    try {
      return JSON.readTree(out);
    } catch (JsonProcessingException e) {
      throw new AssertionError("Not JSON: " + out, e);
    }
  }

  List<NamedCsvRecord> csv() {
    return CsvReader.builder().ofNamedCsvRecord(out).stream().toList();
  }

  @CommandLine.Command(
      name = "runledger",
      subcommands = {
        ListCommand.class,
        ShowCommand.class,
        WhyCommand.class,
        MetricsCommand.class,
        CompareCommand.class,
        BestCommand.class,
        ErrorsCommand.class,
        GroupsCommand.class,
        JobsCommand.class,
        SqlCommand.class,
        ExportCommand.class,
        ReportCommand.class,
        Alerts.class
      })
  private static final class Root {}

  @CommandLine.Command(name = "alerts", subcommands = AlertsListCommand.class)
  private static final class Alerts {}
}
