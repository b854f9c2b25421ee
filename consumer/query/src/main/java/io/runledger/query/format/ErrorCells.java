package io.runledger.query.format;

import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunError.Ending;
import io.runledger.schemas.RunStatus;

/** What went wrong, in a table's cells. */
public final class ErrorCells {

  /** Exit codes above it are of signals. */
  private static final int OF_A_SIGNAL = 128;

  private static final int LAST_SIGNAL = 64;

  private ErrorCells() {}

  /** {@code error} was logged; {@code end} is how an attempt failed that logged none. */
  public static String kind(RunError error) {
    return error.ending().isPresent() ? "end" : "error";
  }

  /** {@code ValueError}, {@code (exit 3)}, {@code (signal 9)}, {@code (timeout)}. */
  public static String what(RunError error) {
    return error.exceptionType().or(() -> error.ending().map(ErrorCells::how)).orElse("-");
  }

  private static String how(Ending ending) {
    int code = ending.exitCode().orElse(0);
    if (ending.status() == RunStatus.TIMEOUT || code == 0) {
      return "(" + ending.status().word() + ")";
    }
    return code > OF_A_SIGNAL && code <= OF_A_SIGNAL + LAST_SIGNAL
        ? "(signal " + (code - OF_A_SIGNAL) + ")"
        : "(exit " + code + ")";
  }

  /** What was said of it. */
  public static String message(RunError error) {
    return error.message().or(() -> error.ending().map(ErrorCells::said)).orElse("");
  }

  /** {@code OUT_OF_MEMORY, reported by the scheduler}. */
  private static String said(Ending ending) {
    String who = ending.source().map(source -> "reported by the " + source.word()).orElse("");
    return ending.reason().map(why -> who.isEmpty() ? why : why + ", " + who).orElse(who);
  }

  /** Both in one line. */
  public static String line(RunError error) {
    String message = message(error);
    return what(error) + (message.isEmpty() ? "" : ": " + message);
  }
}
