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

/** A mistyped command line: one sentence, the near word if there is one, and where help is. */
final class UsageErrors implements IParameterExceptionHandler {

  /** Slips of the keyboard that still leave a verb recognizable. */
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
    // Picocli begins some of its sentences so, but not all.
    return mistake.getMessage().replaceFirst("^Error: ", "");
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

  /** Letters to add, leave out or change to make one word of the other (Levenshtein, 1965). */
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
