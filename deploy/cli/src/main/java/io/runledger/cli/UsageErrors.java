package io.runledger.cli;

import io.runledger.config.ExitCodes;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Reports a wrong command line: one sentence, a similar verb if there is one, and where to find
 * help.
 */
final class UsageErrors implements IParameterExceptionHandler {

  /** Typing errors that still leave a verb recognizable. */
  private static final int NEAR = 2;

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
    return inPlainWords(mistake.getMessage());
  }

  /** What picocli reports, without the names of Java types and of picocli's parts. */
  private static String inPlainWords(String said) {
    String plain =
        said.replaceFirst("^Error: ", "")
            .replaceFirst(
                "^Unmatched argument(s?) (?:at|from) index \\d+: ", "Unexpected argument$1: ")
            .replaceFirst("is not an int$", "is not a whole number up to " + Integer.MAX_VALUE)
            .replaceFirst("is not a long$", "is not a whole number up to " + Long.MAX_VALUE)
            .replaceFirst("is not a double$", "is not a number")
            .replaceFirst(
                "(?s)^Value for option option (\\S+) \\((.*?)\\) should be .* but was (.*)$",
                "Invalid value for option $1: '$3' is not $2")
            .replaceFirst(
                "^(.*) are mutually exclusive \\(specify only one\\)$", "Give only one of: $1")
            .replaceFirst(
                "^Missing required argument \\(specify one of these\\): \\((.*)\\)$",
                "Specify one of these: $1");
    return plain.matches("(?s).*[.?!]") ? plain : plain + ".";
  }

  private static List<String> suggestions(ParameterException mistake) {
    if (!(mistake instanceof UnmatchedArgumentException unmatched)) {
      return List.of();
    }
    if (mistake.getCommandLine().getParent() == null && !unmatched.isUnknownOption()) {
      String mistyped = unmatched.getUnmatched().get(0);
      return Arrays.stream(Verb.values())
          .map(Verb::word)
          .filter(word -> distance(word, mistyped) <= NEAR)
          .sorted(Comparator.comparingInt(word -> distance(word, mistyped)))
          .toList();
    }
    return unmatched.getSuggestions();
  }

  /** Letters to add, remove or change to turn one word into the other (Levenshtein, 1965). */
  private static int distance(String one, String other) {
    int[] row = IntStream.rangeClosed(0, other.length()).toArray();
    for (int i = 1; i <= one.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[other.length()];
  }
}
