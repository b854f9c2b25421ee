package io.runledger.check;

import io.runledger.config.Secrets;
import java.util.Locale;
import java.util.Optional;

/**
 * What the check of a component found: that it works, or the cause and what to do. Safe to print:
 * one line each, and without credentials.
 *
 * @param component what was checked, in a word or two
 * @param severity how bad it is
 * @param what a sentence
 * @param remedy a sentence that says what to do; empty where there is nothing to do
 */
public record Finding(String component, Severity severity, String what, Optional<String> remedy) {

  /** How bad a finding is. */
  public enum Severity {
    /** It works. */
    OK,
    /** It works, but may not be what the user wants. */
    WARNING,
    /** It does not work, or loses history. */
    FAILED;

    /** As it is printed. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Finding {
    what = printable(what);
    remedy = remedy.map(Finding::printable);
  }

  /** That it works. */
  public static Finding ok(String component, String what) {
    return new Finding(component, Severity.OK, what, Optional.empty());
  }

  /** That it works, but not as most people want it. */
  public static Finding warning(String component, String what, String remedy) {
    return new Finding(component, Severity.WARNING, what, Optional.of(remedy));
  }

  /** That it does not work. */
  public static Finding failed(String component, String what, String remedy) {
    return new Finding(component, Severity.FAILED, what, Optional.of(remedy));
  }

  /** The same for a failure whose message holds the remedy, as those of our own exceptions do. */
  public static Finding failed(String component, String what) {
    return new Finding(component, Severity.FAILED, what, Optional.empty());
  }

  /** Cause and remedy. */
  public String sentence() {
    return remedy.map(todo -> what + " " + todo).orElse(what);
  }

  private static String printable(String text) {
    String line = Secrets.prose(text.strip().replaceAll("\\s*\\R\\s*", " "));
    return line.matches(".*[.?!]") ? line : line + ".";
  }
}
