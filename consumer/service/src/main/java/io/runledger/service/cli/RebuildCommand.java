package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.config.Counted;
import io.runledger.options.LedgerOptions;
import io.runledger.service.rebuild.Rebuild;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Rebuilds the database from the first offset and replaces the old one as a whole. */
@Command(
    name = "rebuild",
    mixinStandardHelpOptions = true,
    description = "Rebuild the database from its log and replace the old one as a whole.")
public final class RebuildCommand implements Callable<Integer> {

  @Mixin private LedgerOptions options = new LedgerOptions();
  @Mixin private LogOptions log = new LogOptions();

  @Option(
      names = "--accept-gap",
      description =
          "Continue although the log no longer holds all history; what is missing stays visible in"
              + " the table gaps.")
  private boolean acceptGap;

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public RebuildCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter words = spec.commandLine().getErr();
    ProgressBar bar = new ProgressBar(words, ProgressBar.isTerminal(), InstantSource.system());
    try {
      Configuration configuration = options.load();
      Rebuild.Report report = Rebuild.run(configuration, log.of(configuration), acceptGap, bar);
      bar.end();
      report.oldDatabase().forEach(words::println);
      report.gaps().forEach(gap -> words.println("Gap accepted: " + gap));
      words.printf(
          "Rebuilt %s: %s, %s, %s in %.1f s.%n",
          report.database(),
          Counted.of(report.events(), "event"),
          Counted.of(report.duplicates(), "duplicate"),
          Counted.of(report.deadLetters(), "dead letter"),
          report.took().toMillis() / 1000.0);
      words.flush();
      return 0;
    } finally {
      bar.end();
      words.flush();
    }
  }
}
