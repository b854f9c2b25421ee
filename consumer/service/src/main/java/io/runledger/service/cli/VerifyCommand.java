package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.config.ExitCodes;
import io.runledger.options.LedgerOptions;
import io.runledger.service.rebuild.Verify;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Compares the database with one built from the log up to the same positions. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description =
        "Rebuild into a separate file and compare table by table; exit 1 if anything differs.")
public final class VerifyCommand implements Callable<Integer> {

  @Mixin private LedgerOptions options = new LedgerOptions();
  @Mixin private LogOptions log = new LogOptions();
  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public VerifyCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter words = spec.commandLine().getErr();
    PrintWriter data = spec.commandLine().getOut();
    ProgressBar bar = new ProgressBar(words, ProgressBar.isTerminal(), InstantSource.system());
    try {
      Configuration configuration = options.load();
      Verify.Report report = Verify.run(configuration, log.of(configuration), bar);
      bar.end();
      print(report, data, words);
      return report.differences() == 0 ? ExitCodes.OK : ExitCodes.FAILED;
    } finally {
      bar.end();
      words.flush();
    }
  }

  /** The tables go to {@code data}, what is to be known besides to {@code words}. */
  static void print(Verify.Report report, PrintWriter data, PrintWriter words) {
    data.printf("%-20s %12s %12s%n", "table", "rows", "differences");
    report
        .tables()
        .forEach(
            table ->
                data.printf(
                    "%-20s %,12d %,12d%n", table.table(), table.rows(), table.differences()));
    data.flush();
    report.gaps().forEach(gap -> words.println("Accepted gap: " + gap));
    if (!report.gaps().isEmpty() && report.differences() > 0) {
      words.println(
          "The database may hold events that the log has lost since; 'runledger rebuild --accept-gap' drops them.");
    }
    words.printf(
        "%s replayed, %s.%n",
        Counted.of(report.events(), "event"), Counted.of(report.differences(), "difference"));
  }
}
