package io.runledger.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** A mistyped command line: one sentence, the near word if there is one, and where help is. */
final class UsageErrors implements IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException mistake, String[] arguments) {
    CommandLine command = mistake.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("runledger: " + sentence(mistake));
    List<String> near = suggestions(mistake);
    if (!near.isEmpty()) {
      err.println("Did you mean: " + String.join(" or ", near) + "?");
    }
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCodes.USAGE;
  }

  private static String sentence(ParameterException mistake) {
    if (mistake instanceof UnmatchedArgumentException unmatched
        && mistake.getCommandLine().getParent() == null
        && !unmatched.isUnknownOption()) {
      return "There is no verb '" + unmatched.getUnmatched().get(0) + "'.";
    }
    return mistake.getMessage();
  }

  private static List<String> suggestions(ParameterException mistake) {
    return mistake instanceof UnmatchedArgumentException unmatched
        ? unmatched.getSuggestions()
        : List.of();
  }
}
