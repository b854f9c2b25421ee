package io.runledger.query.cli;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Text for people, or one of two forms for programs. */
public final class FormatOptions {

  @ArgGroup(exclusive = true)
  private Choice choice = new Choice();

  private static final class Choice {
    @Option(
        names = "--json",
        description =
            "Print one JSON document. NaN, Infinity and -Infinity are strings, ids are decimal strings.")
    private boolean json;

    @Option(
        names = "--csv",
        description =
            "Print CSV with a header line. Text that looks like a formula is prefixed with '.")
    private boolean csv;
  }

  /** Made by picocli. */
  public FormatOptions() {}

  /** Whether it is text for people. */
  public boolean isText() {
    return !choice.json && !choice.csv;
  }

  public boolean json() {
    return choice.json;
  }

  public boolean csv() {
    return choice.csv;
  }
}
