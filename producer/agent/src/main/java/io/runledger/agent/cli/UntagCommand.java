package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code runledger untag}: removes tags from a run. */
@Command(
    name = "untag",
    mixinStandardHelpOptions = true,
    description = "Removes tags from a run, named as for 'runledger show'.",
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage, 3 no such run.",
      "",
      "Example:",
      "  runledger untag 7/mnist/cnn/s01/-/3 baseline paper"
    })
public final class UntagCommand extends OperatorVerb {

  @Parameters(index = "0", paramLabel = "RUN", description = "The run.")
  private String run = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TAG", description = "The tags.")
  private List<String> tags = List.of();

  /** For picocli. */
  public UntagCommand() {}

  @Override
  void check() {
    if (tags.stream().anyMatch(String::isBlank)) {
      throw usage("A tag must not be empty.");
    }
  }

  @Override
  List<String> typed() {
    return List.of(run);
  }

  @Override
  void say(OperatedRun operated) throws IOException {
    operated.annotate(Optional.empty(), List.of(), tags);
  }

  @Override
  String said() {
    return "is no longer tagged " + String.join(", ", tags);
  }
}
