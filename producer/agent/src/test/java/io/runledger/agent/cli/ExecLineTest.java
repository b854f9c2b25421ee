package io.runledger.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Plain words mean the same with and without picocli. */
class ExecLineTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-- python train.py --lr 0.1",
        "python --seed 3 -- x",
        "--experiment 7 --dataset=mnist --method cnn --subject s01 --cl-info c --seed 3 -- a",
        "--project p --name=n --set lr=0.1 --set=a=b=c --set empty= --tag x --tag=y -- a b",
        "--notes word --resumed-from-step 500 --usage-seconds=0 --config /etc/x -- a",
        "--skip-if-completed --seed -- -- a",
        "--skip-if-completed a --skip-if-completed",
      })
  void plainWordsMeanTheSame(String words) {
    List<String> all = List.of(words.split(" "));
    // What looks like an option is a mistake to the parser, which then has to say so.
    boolean isMistake = words.contains("--seed --");

    Optional<ExecLine> read = ExecLine.read(all);

    if (isMistake) {
      assertThat(read).isEmpty();
    } else {
      assertThat(read).contains(parsed(all));
    }
  }

  @Test
  void everyOptionIsKnownAndMeansTheSame() {
    List<OptionSpec> options = new CommandLine(new ExecCommand()).getCommandSpec().options();

    assertThat(options).hasSizeGreaterThan(14);
    for (OptionSpec option : options) {
      if (option.usageHelp() || option.versionHelp()) {
        continue;
      }
      List<String> words = new ArrayList<>(List.of(option.longestName()));
      if (option.arity().max() > 0) {
        words.add(option.isMultiValue() && option.longestName().equals("--set") ? "a=1" : "5");
      }
      words.addAll(List.of("--", "true"));

      assertThat(ExecLine.read(words)).as(option.longestName()).contains(parsed(words));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "",
        "--",
        "--seed 1",
        "--sede 1 -- a",
        "--seed x -- a",
        "--seed 1 --seed 2 -- a",
        "--set a -- a",
        "--set a=1 --set a=2 -- a",
        "--usage-seconds soon -- a",
        "--resumed-from-step -1 -- a",
        "--notes @file -- a",
        "--cl_info c -- a",
        "@file",
        "--skip-if-completed=true -- a",
        "--skip-if-completed --skip-if-completed a",
        "-V",
      })
  void whatIsNotPlainIsLeftToTheParser(String words) {
    assertThat(ExecLine.read(words.isEmpty() ? List.of() : List.of(words.split(" ")))).isEmpty();
  }

  private static ExecLine parsed(List<String> words) {
    ExecCommand command = new ExecCommand();
    new CommandLine(command).setStopAtPositional(true).parseArgs(words.toArray(String[]::new));
    return command.line();
  }
}
