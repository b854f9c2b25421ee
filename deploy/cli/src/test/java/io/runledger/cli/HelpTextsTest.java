package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Help texts of all commands, subcommands included, read alike. */
class HelpTextsTest {

  private static final int WIDTH = 100;

  /** Imperatives that end in an s. */
  private static final Set<String> IMPERATIVES_IN_S =
      Set.of("Access", "Bypass", "Compress", "Discuss", "Pass", "Process");

  private static final Pattern ODD_WORDS =
      Pattern.compile("\\b(told|anew|aside|so many|(?<!there )is no)\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern STATED_DEFAULT =
      Pattern.compile("\\bdefaults?\\b", Pattern.CASE_INSENSITIVE);

  /** A default is a sentence of its own. */
  private static final Pattern DEFAULT_SENTENCE = Pattern.compile("(?:^|[.)] )Default: \\S.*\\.$");

  static Stream<CommandLine> commands() {
    return Stream.concat(
            Stream.of(Verb.values()).map(verb -> new CommandLine(verb.command())),
            Stream.of(new CommandLine(new FilterHelp())))
        .flatMap(HelpTextsTest::withSubcommands);
  }

  private static Stream<CommandLine> withSubcommands(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream()
            .distinct()
            .flatMap(HelpTextsTest::withSubcommands));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandSaysWhatItDoesInTheImperative(CommandLine command) {
    String description = joined(command.getCommandSpec().usageMessage().description());

    assertThat(description).matches("(?s)\\p{Lu}.*\\.");
    String first = description.split("\\W", 2)[0];
    assertThat(first.endsWith("s") && !IMPERATIVES_IN_S.contains(first))
        .as("'%s' is an imperative", first)
        .isFalse();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyOptionIsDescribedInSentences(CommandLine command) {
    List<String> faults = new ArrayList<>();
    for (ArgSpec argument : described(command)) {
      String description = joined(argument.description());
      if (!description.matches("(?s)(\\p{Lu}|').*\\.")) {
        faults.add(named(argument) + ": " + description);
      }
    }

    assertThat(faults).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aDefaultIsStatedInOneWay(CommandLine command) {
    List<String> faults = new ArrayList<>();
    for (ArgSpec argument : described(command)) {
      String description = joined(argument.description());
      if (STATED_DEFAULT.matcher(description).find()
          && !DEFAULT_SENTENCE.matcher(description).find()) {
        faults.add(named(argument) + ": " + description);
      }
    }

    assertThat(faults).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void usageFitsItsWidthAndUsesPlainWords(CommandLine command) {
    String usage = command.setUsageHelpWidth(WIDTH).getUsageMessage();

    assertThat(usage.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(WIDTH));
    assertThat(usage.replaceAll("\\s+", " ")).doesNotContainPattern(ODD_WORDS);
  }

  private static List<ArgSpec> described(CommandLine command) {
    return command.getCommandSpec().args().stream().filter(argument -> !argument.hidden()).toList();
  }

  private static String joined(String[] lines) {
    return String.join(" ", lines).replace("%n", " ").strip();
  }

  private static String named(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? Arrays.toString(option.names())
        : argument.paramLabel();
  }
}
