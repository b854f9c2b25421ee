package io.runledger.cli;

import io.runledger.config.ExitCodes;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runledger completion SHELL}: what makes a shell complete verbs and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Print a script that makes a shell complete verbs, options and the words that options take."
    },
    footer = {
      "",
      "Examples:",
      "  source <(runledger completion bash)                    # in ~/.bashrc",
      "  source <(runledger completion zsh)                     # in ~/.zshrc",
      "  runledger completion fish | source                     # in ~/.config/fish/config.fish"
    })
final class CompletionCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "SHELL", description = "One of bash, zsh and fish.")
  private String shell;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine root = Main.commandLine(List.of(), false);
    String script =
        switch (shell) {
          // Zsh runs the script for bash, which knows it.
          case "bash", "zsh" -> AutoComplete.bash("runledger", root);
          case "fish" -> FishCompletion.of(root);
          default ->
              throw new ParameterException(
                  spec.commandLine(), "SHELL is one of bash, zsh and fish, not '" + shell + "'.");
        };
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return ExitCodes.OK;
  }
}
