package io.runledger.agent.cli;

import io.runledger.agent.KnownRuns.Known;
import io.runledger.client.OperatedRun;
import io.runledger.config.Configuration;
import io.runledger.config.Printable;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code runledger rename}: gives a run another name. */
@Command(
    name = "rename",
    mixinStandardHelpOptions = true,
    description = {
      "Rename a run, specified as for 'runledger show'; it is shown and found by the new name.",
      "Its id and its run key do not change, so a later attempt of the job still belongs to it."
    },
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage, 3 no such run.",
      "",
      "Example:",
      "  runledger rename 0k3f 'baseline, lr 0.1'"
    })
public final class RenameCommand extends OperatorVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = "The run.")
  private String run = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "Its new name.")
  private String name = "";

  /** For picocli. */
  public RenameCommand() {}

  @Override
  void check() {
    if (name.isBlank()) {
      throw usage("A name must not be empty.");
    }
  }

  @Override
  List<Known> meant(Configuration configuration) {
    return List.of(find(run, configuration));
  }

  @Override
  void append(OperatedRun operated) throws IOException {
    operated.rename(name);
  }

  @Override
  String outcome() {
    return "is named '" + Printable.line(name) + "'";
  }
}
