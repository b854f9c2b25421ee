package io.runledger.config;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression for names of secrets that somebody else wrote, maybe into a line of a spool:
 * it takes no longer than a bound, and a name that it cannot decide on in that time is a secret's.
 */
final class SecretPattern {

  private static final int LONGEST_NAME = 1_000;
  private static final int LONGEST_PATTERN = 4_000;

  /** Characters that are looked at for one name: some milliseconds. */
  private static final int MOST_LOOKS = 200_000;

  private final Pattern pattern;

  private SecretPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /** The pattern; empty for an empty text and for one that is not a regular expression. */
  static Optional<SecretPattern> of(String text) {
    if (text.isEmpty() || text.length() > LONGEST_PATTERN) {
      return Optional.empty();
    }
    try {
      return Optional.of(new SecretPattern(Pattern.compile(text)));
    } catch (PatternSyntaxException | StackOverflowError notOne) {
      return Optional.empty();
    }
  }

  boolean matches(String name) {
    try {
      return name.length() > LONGEST_NAME || pattern.matcher(new Bounded(name)).matches();
    } catch (TooManyLooks | StackOverflowError undecided) {
      return true;
    }
  }

  private static final class TooManyLooks extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyLooks() {
      super(null, null, false, false);
    }
  }

  /** A text that stops who looks at it for ever: the engine backtracks without a bound. */
  private static final class Bounded implements CharSequence {
    private final String text;
    private int looks;

    Bounded(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++looks > MOST_LOOKS) {
        throw new TooManyLooks();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
