package io.runledger.web.cli;

import io.runledger.options.Failures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine;

/** Runs the verbs of this room as the command does, and keeps what they printed. */
record VerbRun(int code, String out, String err) {

  static VerbRun of(String... words) {
    return of(new StringWriter(), words);
  }

  /**
   * The same, for one that others look at while it runs.
   *
   * @param out what it prints
   */
  static VerbRun of(Writer out, String... words) {
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(new Root());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(new Failures(false));
    int code = line.execute(words);
    return new VerbRun(code, out.toString(), err.toString());
  }

  List<String> lines() {
    return out.lines().toList();
  }

  @CommandLine.Command(
      name = "runledger",
      subcommands = {ServeCommand.class, TokenCommand.class})
  private static final class Root {}
}
