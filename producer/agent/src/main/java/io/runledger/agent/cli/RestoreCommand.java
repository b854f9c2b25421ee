package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger restore}: shows deleted runs again. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Show deleted runs again.",
      "A run is named by its id or the first characters of it, its name, its run key or slurm:JOB; or deleted runs are selected by the filter of 'runledger list', listed first, and restored only with --yes."
    },
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage or no --yes, 3 no such run.",
      "",
      "Examples:",
      "  runledger restore 7/mnist/cnn/s01/-/3",
      "  runledger restore --experiment typo --yes"
    })
public final class RestoreCommand extends ManyRunsVerb {

  @Parameters(arity = "0..*", paramLabel = "RUN", description = "The runs.")
  private List<String> runs = List.of();

  @Option(names = "--reason", paramLabel = "TEXT", description = "The reason; kept with the event.")
  private Optional<String> reason = Optional.empty();

  /** For picocli. */
  public RestoreCommand() {}

  @Override
  boolean isForDeleted() {
    return true;
  }

  @Override
  List<String> typed() {
    return runs;
  }

  @Override
  void append(OperatedRun run) throws IOException {
    run.restore(reason);
  }

  @Override
  String outcome() {
    return "is shown again";
  }

  @Override
  String would() {
    return "shown again";
  }
}
