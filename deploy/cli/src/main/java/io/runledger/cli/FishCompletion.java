package io.runledger.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completion for fish, which picocli does not know: a line a verb and option. */
final class FishCompletion {

  private final List<String> lines = new ArrayList<>();

  private FishCompletion() {}

  static String of(CommandLine root) {
    FishCompletion script = new FishCompletion();
    script.lines.add("# Completion of runledger for fish");
    script.lines.add("complete -c runledger -e");
    script.options(root, "__fish_use_subcommand");
    root.getSubcommands()
        .forEach(
            (word, verb) -> {
              script.word(word, verb, "__fish_use_subcommand");
              String typed = "__fish_seen_subcommand_from " + word;
              script.options(verb, typed);
              verb.getSubcommands()
                  .forEach(
                      (inner, command) -> {
                        script.word(inner, command, typed);
                        script.options(
                            command, typed + "; and __fish_seen_subcommand_from " + inner);
                      });
            });
    return String.join("\n", script.lines) + "\n";
  }

  private void word(String word, CommandLine command, String condition) {
    lines.add(
        "complete -c runledger -f -n %s -a %s -d %s"
            .formatted(
                quoted(condition),
                quoted(word),
                quoted(sentence(command.getCommandSpec().usageMessage().description()))));
  }

  private void options(CommandLine command, String condition) {
    // Of an option that a mixin brings twice, once.
    Map<String, OptionSpec> options = new LinkedHashMap<>();
    command.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .forEach(option -> options.put(option.longestName(), option));
    options.values().forEach(option -> option(option, condition));
  }

  private void option(OptionSpec option, String condition) {
    StringBuilder line = new StringBuilder("complete -c runledger -n " + quoted(condition));
    for (String name : option.names()) {
      if (name.startsWith("--")) {
        line.append(" -l ").append(quoted(name.substring(2)));
      } else {
        line.append(name.length() == 2 ? " -s " : " -o ").append(quoted(name.substring(1)));
      }
    }
    if (option.arity().max() > 0) {
      String words =
          option.completionCandidates() == null
              ? ""
              : StreamSupport.stream(option.completionCandidates().spliterator(), false)
                  .collect(Collectors.joining(" "));
      // Without words of its own it may be a file.
      line.append(words.isEmpty() ? " -r" : " -x -a " + quoted(words));
    }
    lines.add(line + " -d " + quoted(sentence(option.description())));
  }

  /** The first one. */
  private static String sentence(String[] description) {
    String all = String.join(" ", description).replace("%n", " ").replace("%%", "%");
    return all.replaceFirst("(?s)^(.*?[.:;])(\\s.*)?$", "$1").replaceFirst("[.:;]$", "");
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
