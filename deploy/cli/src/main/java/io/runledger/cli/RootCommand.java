package io.runledger.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code runledger} itself: lists the verbs. */
@Command(
    name = "runledger",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    synopsisSubcommandLabel = "VERB",
    header = "Track ML training runs.",
    description = {
      "",
      "Jobs append events to files; a sender brings them to Kafka; a service folds them into a SQLite"
          + " file, which all reading verbs read.",
      ""
    },
    commandListHeading = "%nVerbs:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  runledger up                          a broker, a registry and the service",
      "  runledger list --limit 20             the newest runs",
      "  runledger show 7/mnist/cnn/s01/-/3    one run, by its run key",
      "  runledger best val/loss --limit 5     the best runs by a metric",
      "  runledger rebuild --db FILE           a new database, from the topics",
      "",
      "Data goes to stdout, messages go to stderr. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found.",
      "With --debug (or RUNLEDGER_DEBUG=1) a failure also prints its stack trace.",
      "'runledger VERB --help' explains one verb, 'runledger help filter' the language of --filter."
    })
final class RootCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "Missing verb. Try 'runledger list'; --help lists all verbs.");
  }
}
