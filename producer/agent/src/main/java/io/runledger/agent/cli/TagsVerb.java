package io.runledger.agent.cli;

import java.util.List;
import picocli.CommandLine.Parameters;

/** {@code tag} and {@code untag}: one run and tags, or tags by an option and any runs. */
abstract class TagsVerb extends ManyRunsVerb {

  @Parameters(
      paramLabel = "RUN TAG",
      description = "A run and its tags; or only runs, if an option gives the tags.")
  private List<String> words = List.of();

  /** The option that tags may follow. */
  abstract String option();

  /** The tags that follow it. */
  abstract List<String> optionTags();

  @Override
  final void check() {
    if (optionTags().isEmpty() && isFiltered()) {
      throw usage("With a filter, pass the tags with " + option() + ".");
    }
    if (optionTags().isEmpty() && words.size() < 2) {
      throw usage(
          "Specify a run and at least one tag (RUN TAG...), or %s TAG and any number of runs."
              .formatted(option()));
    }
    if (tags().stream().anyMatch(String::isBlank)) {
      throw usage("A tag must not be empty.");
    }
    super.check();
  }

  @Override
  final List<String> typed() {
    return optionTags().isEmpty() && !words.isEmpty() ? words.subList(0, 1) : words;
  }

  final List<String> tags() {
    return optionTags().isEmpty() ? words.subList(1, words.size()) : optionTags();
  }
}
