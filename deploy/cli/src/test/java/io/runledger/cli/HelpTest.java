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
import picocli.CommandLine.Model.CommandSpec;

/** All help texts speak in one voice, and one way to state a default. */
class HelpTest {

  private static final int WIDTH = 100;

  /** A sentence or several: a capital or a quoted word first, a full stop last. */
  private static final Pattern SENTENCE = Pattern.compile("(?s)[A-Z'`].*[.:]");

  /** The third person, as in "Sends all events". */
  private static final Pattern THIRD_PERSON = Pattern.compile("(?!This|Pass|Process)[A-Z][a-z]+s ");

  private static final Pattern DEFAULT = Pattern.compile("(?i)\\(default|default is|default:");

  private static final Pattern ODD =
      Pattern.compile("\\b(tells?|told|anew|aside|beside|so many|of its own|(is|are) no)\\b");

  static Stream<CommandSpec> commands() {
    return Arrays.stream(Verb.values())
        .map(verb -> new CommandLine(verb.command()).getCommandSpec())
        .flatMap(HelpTest::withSubcommands);
  }

  private static Stream<CommandSpec> withSubcommands(CommandSpec command) {
    return Stream.concat(
        Stream.of(command),
        Set.copyOf(command.subcommands().values()).stream()
            .flatMap(subcommand -> withSubcommands(subcommand.getCommandSpec())));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aVerbIsDescribedInTheImperative(CommandSpec command) {
    String description = String.join(" ", command.usageMessage().description());

    assertThat(description).matches(SENTENCE);
    assertThat(description).doesNotContainPattern("^" + THIRD_PERSON);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void anOptionIsDescribedInSentencesAndStatesItsDefaultInOneWay(CommandSpec command) {
    for (ArgSpec argument : arguments(command)) {
      String description = String.join(" ", argument.description());

      assertThat(description).as(name(command, argument)).matches(SENTENCE);
      assertThat(description.replace("Default: ", ""))
          .as(name(command, argument))
          .doesNotContainPattern(DEFAULT);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpIsPlainEnglishAndFitsATerminal(CommandSpec command) {
    command.usageMessage().width(WIDTH);
    String help = command.commandLine().getUsageMessage();

    assertThat(help).doesNotContainPattern(ODD);
    assertThat(help.lines()).allMatch(line -> line.length() <= WIDTH);
  }

  private static List<ArgSpec> arguments(CommandSpec command) {
    List<ArgSpec> shown = new ArrayList<>(command.args());
    shown.removeIf(ArgSpec::hidden);
    return shown;
  }

  private static String name(CommandSpec command, ArgSpec argument) {
    return command.qualifiedName() + " " + argument.paramLabel() + " " + argument;
  }
}
