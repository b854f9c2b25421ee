package io.runledger.query.format;

import java.util.OptionalInt;

/** The terminal that stdout is. */
public final class Screen {

  /** Set by the launcher, which can ask whether stdout is a terminal; Java cannot before 22. */
  private static final String COLUMNS = "runledger.columns";

  /** Likewise of stderr. */
  private static final String COLUMNS_OF_STDERR = "runledger.stderr.columns";

  /** Set by the launcher where stdout is a terminal; how many lines it has. */
  private static final String LINES = "runledger.lines";

  /** Set by the launcher where stdout is a terminal whose user did not set NO_COLOR. */
  private static final String COLORS = "runledger.colors";

  private static final String HOME = "\033[H";
  private static final String CLEAR_LINE_BEHIND = "\033[K";
  private static final String CLEAR_BELOW = "\033[J";

  /** A table is not squeezed further than this, however narrow the window. */
  private static final int NARROWEST = 40;

  private static final int FEWEST_LINES = 5;
  private static final int USUAL_LINES = 24;

  private Screen() {}

  /** How many columns it has; empty when stdout is a file or a pipe, which take any width. */
  public static OptionalInt columns() {
    return columns(COLUMNS);
  }

  /** How many columns the terminal has that stderr is; empty when it is none. */
  public static OptionalInt columnsOfStderr() {
    return columns(COLUMNS_OF_STDERR);
  }

  /** How many lines it has; at least a few. */
  public static int lines() {
    return Math.max(FEWEST_LINES, Integer.getInteger(LINES, USUAL_LINES));
  }

  /** Whether colours may be used on stdout. */
  public static boolean hasColors() {
    return Boolean.getBoolean(COLORS);
  }

  /** What replaces all that is on a terminal by a text, without a flicker. */
  public static String redrawn(String text) {
    return HOME + text.replace("\n", CLEAR_LINE_BEHIND + "\n") + CLEAR_LINE_BEHIND + CLEAR_BELOW;
  }

  private static OptionalInt columns(String property) {
    Integer told = Integer.getInteger(property);
    return told == null || told < 1
        ? OptionalInt.empty()
        : OptionalInt.of(Math.max(NARROWEST, told));
  }
}
