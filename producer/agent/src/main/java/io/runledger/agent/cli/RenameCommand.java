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
      "Give a run, named as for 'runledger show', another name, by which it is shown and found.",
      "Its id and its run key stay, so that a further attempt of the job belongs to it as before."
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
