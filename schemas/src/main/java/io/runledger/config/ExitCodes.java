package io.runledger.config;

/** What the exit code of a verb means; the same for all verbs. */
public final class ExitCodes {

  public static final int OK = 0;

  /** It could not do what it was asked, or found what it looks for: differences, findings. */
  public static final int FAILED = 1;

  /** The command line or a setting is wrong; nothing was done. */
  public static final int USAGE = 2;

  /** The database, run, metric or dead letter that was named is not there. */
  public static final int NOT_FOUND = 3;

  private ExitCodes() {}
}
