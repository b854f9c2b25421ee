package io.runledger.service.cli;

import io.runledger.config.Configuration;
import io.runledger.config.ExitCodes;
import io.runledger.options.LedgerOptions;
import io.runledger.service.rebuild.AcceptGap;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lets the service continue after history that the topics no longer hold. */
@Command(
    name = "accept-gap",
    mixinStandardHelpOptions = true,
    description = {
      "Continue without records that the log no longer holds, after the service refused to start.",
      "What is missing is recorded in the table gaps, and 'show' and 'verify' report it from then on."
    },
    footer = {
      "",
      "Examples:",
      "  runledger accept-gap --all --dry-run    show what is missing",
      "  runledger accept-gap --topic runledger.metrics --partition 2"
    })
public final class AcceptGapCommand implements Callable<Integer> {

  /** One gap, or all of them. */
  static final class Which {
    @ArgGroup(exclusive = false)
    private Place place;

    @Option(names = "--all", description = "Accept every gap found.")
    private boolean all;
  }

  /** Where one gap is. */
  static final class Place {
    @Option(
        names = "--topic",
        paramLabel = "TOPIC",
        required = true,
        description = "Topic of the gap.")
    private String topic;

    @Option(
        names = "--partition",
        paramLabel = "N",
        required = true,
        description = "Partition of the gap.")
    private int partition;
  }

  @ArgGroup(multiplicity = "1")
  private Which which;

  @Option(names = "--dry-run", description = "Show what is missing, without accepting it.")
  private boolean dryRun;

  @Mixin private LedgerOptions options = new LedgerOptions();
  @Mixin private LogOptions log = new LogOptions();
  @Spec private CommandSpec spec;

  /** Made by picocli. */
  public AcceptGapCommand() {}

  @Override
  public Integer call() {
    PrintWriter words = spec.commandLine().getErr();
    Configuration configuration = options.load();
    Optional<Place> place = which.all ? Optional.empty() : Optional.ofNullable(which.place);
    try {
      List<String> missing =
          AcceptGap.run(
              configuration,
              log.of(configuration),
              place.map(one -> one.topic),
              place.map(one -> OptionalInt.of(one.partition)).orElse(OptionalInt.empty()),
              dryRun);
      print(missing, dryRun, words);
      return ExitCodes.OK;
    } finally {
      words.flush();
    }
  }

  static void print(List<String> missing, boolean dryRun, PrintWriter words) {
    missing.forEach(why -> words.println((dryRun ? "Missing: " : "Gap accepted: ") + why));
    words.println(
        dryRun
            ? "Nothing was changed."
            : "%d %s recorded; 'runledger consume' resumes after %s."
                .formatted(
                    missing.size(),
                    missing.size() == 1 ? "gap is" : "gaps are",
                    missing.size() == 1 ? "it" : "them"));
  }
}
