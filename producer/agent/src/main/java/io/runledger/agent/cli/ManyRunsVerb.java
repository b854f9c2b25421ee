package io.runledger.agent.cli;

import io.runledger.agent.KnownRuns.Known;
import io.runledger.config.Configuration;
import io.runledger.config.NotFoundException;
import io.runledger.config.Printable;
import io.runledger.options.FilterOptions;
import io.runledger.options.RunChoice;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A verb that changes several runs: those that were named, or those that a filter chooses, which
 * works as in {@code list}. The user first sees which runs the filter chooses.
 */
abstract class ManyRunsVerb extends OperatorVerb {

  private static final int SHOWN = 50;

  @Mixin private FilterOptions filter;

  @Option(
      names = {"-y", "--yes"},
      description =
          "Apply the change to the runs that the filter selects; without it they are only listed. Not needed for named runs.")
  private boolean yes;

  /** The runs as they were typed. */
  abstract List<String> typed();

  /** What the verb does to some runs, as in "3 runs would be hidden". */
  abstract String would();

  /** Whether a filter chooses among those that are deleted. */
  boolean isForDeleted() {
    return false;
  }

  final boolean isFiltered() {
    return !filter.choice().isEmpty();
  }

  @Override
  void check() {
    if (typed().isEmpty() && !isFiltered()) {
      throw usage("Specify the runs, or select them by a filter such as --tag or --status.");
    }
    if (!typed().isEmpty() && isFiltered()) {
      throw usage("Specify the runs or select them by a filter, but not both.");
    }
  }

  @Override
  final List<Known> meant(Configuration configuration) {
    if (!isFiltered()) {
      return typed().stream().map(text -> find(text, configuration)).distinct().toList();
    }
    List<Known> chosen = chosen(filter.choice(), configuration);
    if (yes) {
      return chosen;
    }
    for (Known run : chosen.subList(0, Math.min(SHOWN, chosen.size()))) {
      out().printf("%s  %-9s  %s%n", run.run(), run.status(), Printable.line(run.name()));
    }
    out().flush();
    if (chosen.size() > SHOWN) {
      err().printf("... and %,d more.%n", chosen.size() - SHOWN);
    }
    err()
        .printf(
            "%s would be %s. Nothing was changed; repeat with --yes to do it.%n",
            chosen.size() == 1 ? "This run" : "These %,d runs".formatted(chosen.size()), would());
    err().flush();
    return List.of();
  }

  private List<Known> chosen(RunChoice choice, Configuration configuration) {
    List<Known> chosen =
        knownRuns()
            .choose(choice, isForDeleted(), configuration)
            .orElseThrow(
                () ->
                    new NotFoundException(
                        "There is no database at %s to select runs from; specify them by their full ids or keys."
                            .formatted(configuration.database())));
    if (chosen.isEmpty()) {
      throw new NotFoundException(isForDeleted() ? "No deleted run matches." : "No run matches.");
    }
    return chosen;
  }
}
