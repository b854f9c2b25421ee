package io.runledger.query.format;

import io.runledger.schemas.RunStatus;

/** The colours of statuses on a terminal, of its own palette, so that they suit light and dark. */
public final class StatusColors {

  private static final String NONE = "\033[0m";
  private static final String RED = "\033[31m";
  private static final String GREEN = "\033[32m";
  private static final String YELLOW = "\033[33m";
  private static final String CYAN = "\033[36m";
  private static final String FAINT = "\033[2m";

  private StatusColors() {}

  /** The text, its first word in colour where that is a status. */
  public static String of(String text) {
    String word = text.split("[ ,]", 2)[0];
    return RunStatus.ofWord(word)
        .map(status -> color(status) + word + NONE + text.substring(word.length()))
        .orElse(text);
  }

  private static String color(RunStatus status) {
    return switch (status) {
      case PENDING -> FAINT;
      case RUNNING -> CYAN;
      case COMPLETED -> GREEN;
      case FAILED -> RED;
      case TIMEOUT -> YELLOW;
    };
  }
}
