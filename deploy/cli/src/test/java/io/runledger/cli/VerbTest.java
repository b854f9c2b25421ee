package io.runledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.ExitCodes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class VerbTest {

  @ParameterizedTest
  @EnumSource(Verb.class)
  void everyVerbHasItsClassAndExplainsItself(Verb verb) {
    CommandLine command = new CommandLine(verb.command());

    assertThat(command.getCommandName()).isEqualTo(verb.word());
    assertThat(command.getUsageMessage()).containsPattern("Usage: (runledger )?" + verb.word());
    assertThat(command.getCommandSpec().usageMessage().description()).isNotEmpty();
  }

  @Test
  void helpListsEveryVerb() {
    String help = Main.commandLine(List.of("--help"), false).getUsageMessage();

    for (Verb verb : Verb.values()) {
      assertThat(help).containsPattern("(?m)^ +" + verb.word() + " ");
    }
  }

  @Test
  void helpIsAskedForByItsWord() {
    assertThat(Main.asked(List.of("help"))).containsExactly("--help");
    assertThat(Main.asked(List.of("help", "exec"))).containsExactly("exec", "--help");
    assertThat(Main.asked(List.of("help", "slurm", "watch")))
        .containsExactly("slurm", "watch", "--help");
    assertThat(Main.asked(List.of("help", "filter"))).containsExactly("filter", "--help");
    assertThat(Main.asked(List.of("help", "lst"))).containsExactly("lst");
    assertThat(Main.asked(List.of("show", "help"))).containsExactly("show", "help");
  }

  @Test
  void helpOnWhatIsNotAVerbIsAUsageErrorAndNotTheHelpOnAll() {
    assertThat(Main.asked(List.of("lst", "--help"))).containsExactly("lst");
    assertThat(Main.asked(List.of("lst", "-h", "--json"))).containsExactly("lst");
    assertThat(Main.asked(List.of("list", "--help"))).containsExactly("list", "--help");
    assertThat(Main.asked(List.of("--help"))).containsExactly("--help");
  }

  @Test
  void aMistypedVerbIsAUsageErrorThatNamesTheNearOne() {
    Result result = run("lst");

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).contains("There is no verb 'lst'.").contains("list");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void noVerbAtAllIsAUsageError() {
    Result result = run();

    assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(result.err()).contains("Missing verb");
  }

  @Test
  void versionIsPrintedToStdout() {
    Result result = run("version");

    assertThat(result.code()).isEqualTo(ExitCodes.OK);
    assertThat(result.out()).startsWith("runledger ");
    assertThat(result.err()).isEmpty();
  }

  private record Result(int code, String out, String err) {}

  private static Result run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine(List.of(words), false)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(words);
    return new Result(code, out.toString(), err.toString());
  }
}
