package io.runledger.query.cli;

import io.runledger.query.RunFilter;
import io.runledger.schemas.RunStatus;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which runs. */
final class FilterOptions {

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "Only runs with this status: ${COMPLETION-CANDIDATES}.",
      converter = StatusWord.class,
      completionCandidates = StatusWord.class)
  private Optional<RunStatus> status = Optional.empty();

  @Option(
      names = "--experiment",
      paramLabel = "TEXT",
      description = "Only runs of this experiment, the first part of the run key.")
  private Optional<String> experiment = Optional.empty();

  @Option(names = "--project", paramLabel = "TEXT", description = "Only runs of this project.")
  private Optional<String> project = Optional.empty();

  @Option(names = "--tag", paramLabel = "TEXT", description = "Only runs with this tag.")
  private Optional<String> tag = Optional.empty();

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      converter = Since.class,
      description = "Only runs whose newest attempt started since then: " + Since.HELP + ".")
  private Optional<Instant> since = Optional.empty();

  RunFilter filter(int limit) {
    return new RunFilter(status, experiment, project, tag, since, limit);
  }
}
