package io.runledger.agent.cli;

import io.runledger.client.OperatedRun;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code runledger delete}: hides runs. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = {
      "Hide runs, so that no read verb shows them any more. Nothing is erased; 'runledger restore' shows them again,"
          + " and so does a new start of the run.",
      "A run is named by its id or the first characters of it, its name, its run key or slurm:JOB; or runs are selected by the filter of 'runledger list', listed first, and hidden only with --yes."
    },
    footer = {
      "",
      "Exit code: 0 stored, 1 failed, 2 usage or no --yes, 3 no such run.",
      "",
      "Examples:",
      "  runledger delete 0k3f --reason 'wrong data set'",
      "  runledger delete --experiment typo --since 2d"
    })
public final class DeleteCommand extends ManyRunsVerb {

  @Parameters(arity = "0..*", paramLabel = "RUN", description = "The runs.")
  private List<String> runs = List.of();

  @Option(names = "--reason", paramLabel = "TEXT", description = "The reason; kept with the event.")
  private Optional<String> reason = Optional.empty();

  /** For picocli. */
  public DeleteCommand() {}

  @Override
  List<String> typed() {
    return runs;
  }

  @Override
  void append(OperatedRun run) throws IOException {
    run.delete(reason);
  }

  @Override
  String outcome() {
    return "is hidden; 'runledger restore' shows it again";
  }

  @Override
  String would() {
    return "hidden";
  }
}
