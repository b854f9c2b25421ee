package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runledger untag}: removes tags from runs. */
@Command(
    name = "untag",
    mixinStandardHelpOptions = true,
    description = {
      "Remove tags from runs, specified as for 'runledger show' or selected by the filter of 'runledger list'.",
      "Runs selected by a filter are listed first, and changed only with --yes."
    },
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage or no --yes, 3 no such run.",
      "",
      "Examples:",
      "  runledger untag 7/mnist/cnn/s01/-/3 baseline paper",
      "  runledger untag --remove paper --tag paper --yes"
    })
public final class UntagCommand extends TagsVerb {

  @Option(names = "--remove", paramLabel = "TAG", description = "A tag to remove; may be repeated.")
  private List<String> removed = List.of();

  /** For picocli. */
  public UntagCommand() {}

  @Override
  String option() {
    return "--remove";
  }

  @Override
  List<String> optionTags() {
    return removed;
  }

  @Override
  void append(OperatedRun run) throws IOException {
    run.annotate(Optional.empty(), List.of(), tags());
  }

  @Override
  String outcome() {
    return "is no longer tagged " + String.join(", ", tags());
  }

  @Override
  String would() {
    return "no longer tagged " + String.join(", ", tags());
  }
}
