package io.runledger.query.cli;

import io.runledger.query.format.Screen;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * How many rows: those that were asked for; else as many as a terminal shows, and all elsewhere.
 */
public final class LimitOptions {

  @ArgGroup(exclusive = true)
  private Choice choice = new Choice();

  private static final class Choice {
    @Option(
        names = "--limit",
        paramLabel = "N",
        description =
            "Show at most N rows. Default: all of them in files, pipes, --json and --csv, and as many as"
                + " stated above on a terminal. Stderr reports what is left out.")
    private Optional<Integer> limit = Optional.empty();

    @Option(names = "--all", description = "Show all rows, even on a terminal.")
    private boolean all;
  }

  /** Made by picocli. */
  public LimitOptions() {}

  /** Complains of a limit that leaves nothing. */
  public void check(ReadVerb verb) {
    choice.limit.ifPresent(number -> verb.atLeastOne("--limit", number));
  }

  boolean isGiven() {
    return choice.limit.isPresent();
  }

  /** The maximum number of rows; the largest number for all. */
  public int rows(FormatOptions format, int onTerminal) {
    if (choice.limit.isPresent()) {
      return choice.limit.get();
    }
    return format.isText() && Screen.columns().isPresent() && !choice.all
        ? onTerminal
        : Integer.MAX_VALUE;
  }
}
