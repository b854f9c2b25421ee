package io.runledger.query.format;

import java.util.OptionalInt;

/** The terminal that stdout is. */
public final class Screen {

  /** Set by the launcher, which can ask whether stdout is a terminal; Java cannot before 22. */
  private static final String COLUMNS = "runledger.columns";

  /** A table is not squeezed further than this, however narrow the window. */
  private static final int NARROWEST = 40;

  private Screen() {}

  /** How many columns it has; empty when stdout is a file or a pipe, which take any width. */
  public static OptionalInt columns() {
    Integer told = Integer.getInteger(COLUMNS);
    return told == null || told < 1
        ? OptionalInt.empty()
        : OptionalInt.of(Math.max(NARROWEST, told));
  }
}
