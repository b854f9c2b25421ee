package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runledger tag}: adds tags to runs. */
@Command(
    name = "tag",
    mixinStandardHelpOptions = true,
    description = {
      "Add tags to runs, specified as for 'runledger show' or selected by the filter of 'runledger list'.",
      "Runs selected by a filter are listed first, and tagged only with --yes."
    },
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage or no --yes, 3 no such run.",
      "",
      "Examples:",
      "  runledger tag 7/mnist/cnn/s01/-/3 baseline paper",
      "  runledger tag --add paper 0k3f 0k4g 0k5h",
      "  runledger tag --add paper --experiment 7 --status completed --yes"
    })
public final class TagCommand extends TagsVerb {

  @Option(names = "--add", paramLabel = "TAG", description = "A tag to add; may be repeated.")
  private List<String> added = List.of();

  /** For picocli. */
  public TagCommand() {}

  @Override
  String option() {
    return "--add";
  }

  @Override
  List<String> optionTags() {
    return added;
  }

  @Override
  void append(OperatedRun run) throws IOException {
    run.annotate(Optional.empty(), tags(), List.of());
  }

  @Override
  String outcome() {
    return "is tagged " + String.join(", ", tags());
  }

  @Override
  String would() {
    return "tagged " + String.join(", ", tags());
  }
}
