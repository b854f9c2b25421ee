package io.runledger.agent;

import java.util.Optional;

/** What {@code lib/exec.sh} reports of the command that it runs, one line each. */
sealed interface LauncherLine {

  /** The command runs. */
  record Started(long pid) implements LauncherLine {}

  /**
   * A signal reached the launcher.
   *
   * @param withheld whether it was kept from the command, which would have been killed by it
   */
  record Signalled(String name, boolean withheld) implements LauncherLine {}

  /** The command ended; 128+n where signal n ended it. */
  record Ended(int code) implements LauncherLine {}

  /** The command could not be started; nothing ran. */
  record Missing(int code) implements LauncherLine {}

  /** Reads a line; empty for any other, which a newer launcher may send. */
  static Optional<LauncherLine> of(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 2) {
      return Optional.empty();
    }
    try {
      return switch (words[0]) {
        case "started" -> Optional.of(new Started(Long.parseLong(words[1])));
        case "signal" -> Optional.of(new Signalled(words[1], false));
        case "withheld" -> Optional.of(new Signalled(words[1], true));
        case "ended" -> Optional.of(new Ended(Integer.parseInt(words[1])));
        case "missing" -> Optional.of(new Missing(Integer.parseInt(words[1])));
        default -> Optional.empty();
      };
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
