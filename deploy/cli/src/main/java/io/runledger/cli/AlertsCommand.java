package io.runledger.cli;

import io.runledger.query.alerts.cli.AlertsListCommand;
import io.runledger.service.cli.AlertsCheckCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code runledger alerts}: rules that tell people, and what they found. */
@Command(
    name = "alerts",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "list | check",
    subcommands = {AlertsListCommand.class, AlertsCheckCommand.class},
    description = {
      "List what rules of alerts found, or check the rules.",
      "The service evaluates them on all that it applies: 'runledger consume --alerts FILE', and in"
          + " the same way 'follow' and 'up'."
    },
    footer = {"", "Example:", "  runledger alerts list --open"})
final class AlertsCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Missing subcommand. Try 'runledger alerts list'.");
  }
}
