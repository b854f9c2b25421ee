package io.runledger.cli;

/** What a verb tells its caller by its exit code; the same for all verbs. */
final class ExitCodes {

  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int NOT_FOUND = 3;

  private ExitCodes() {}
}
