package io.runledger.query.format;

import java.util.OptionalInt;

/** The terminal that stdout is. */
public final class Screen {

  /** Set by the launcher, which can ask whether stdout is a terminal; Java cannot before 22. */
  private static final String COLUMNS = "runledger.columns";

  /** Likewise of stderr. */
  private static final String COLUMNS_OF_STDERR = "runledger.stderr.columns";

  /** A table is not squeezed further than this, however narrow the window. */
  private static final int NARROWEST = 40;

  private Screen() {}

  /** How many columns it has; empty when stdout is a file or a pipe, which take any width. */
  public static OptionalInt columns() {
    return columns(COLUMNS);
  }

  /** How many columns the terminal has that stderr is; empty when it is none. */
  public static OptionalInt columnsOfStderr() {
    return columns(COLUMNS_OF_STDERR);
  }

  private static OptionalInt columns(String property) {
    Integer told = Integer.getInteger(property);
    return told == null || told < 1
        ? OptionalInt.empty()
        : OptionalInt.of(Math.max(NARROWEST, told));
  }
}
