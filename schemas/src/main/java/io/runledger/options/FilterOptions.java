package io.runledger.options;

import io.runledger.schemas.RunStatus;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Which runs, in all verbs that choose some. What {@code list} shows is what {@code tag} and {@code
 * delete} change with the same words.
 */
public final class FilterOptions {

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
      description = "Only runs whose newest attempt started since this time: " + Since.HELP + ".")
  private Optional<Instant> since = Optional.empty();

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Only runs that pass this filter, such as \"config.lr < 0.01 and not tag has baseline\";"
              + " 'runledger help filter' shows the language.")
  private Optional<String> filter = Optional.empty();

  /** Made by picocli. */
  public FilterOptions() {}

  /** What was chosen. */
  public RunChoice choice() {
    return new RunChoice(status, experiment, project, tag, since, filter);
  }
}
