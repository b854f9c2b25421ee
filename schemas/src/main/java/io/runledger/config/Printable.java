package io.runledger.config;

/**
 * Makes text that came from jobs harmless to show: what could move a cursor, colour a terminal or
 * turn the reading direction is replaced by a visible sign. ESC becomes ␛.
 */
public final class Printable {

  /** Enough to know one's own word by; paths and names of metrics are shorter. */
  private static final int LONGEST_WORD = 200;

  private static final char REPLACEMENT = '\uFFFD';

  private Printable() {}

  /** The text on one line: line ends and tabs become signs too. */
  public static String line(String text) {
    return harmless(text, false);
  }

  /** What somebody typed, as a sentence quotes it: on one line, and the beginning of a long one. */
  public static String word(String text) {
    if (text.length() <= LONGEST_WORD) {
      return line(text);
    }
    boolean isWithinPair = Character.isHighSurrogate(text.charAt(LONGEST_WORD - 1));
    return line(text.substring(0, isWithinPair ? LONGEST_WORD - 1 : LONGEST_WORD)) + "...";
  }

  /** A name on one line, in quotes where it would look like none: "", "-", " ". */
  public static String name(String name) {
    boolean visible = !name.isEmpty() && !name.equals("-") && name.equals(name.strip());
    return visible ? line(name) : '"' + line(name) + '"';
  }

  /** The text with its lines; tabs become four spaces. */
  public static String lines(String text) {
    return harmless(text.replace("\r\n", "\n"), true);
  }

  private static String harmless(String text, boolean keepLines) {
    StringBuilder shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (keepLines && c == '\n') {
        shown.append(c);
      } else if (keepLines && c == '\t') {
        shown.append("    ");
      } else if (c < 0x20) {
        // U+2400 and on are the pictures of the control characters
        shown.append((char) (0x2400 + c));
      } else if (c == 0x7f) {
        shown.append('\u2421');
      } else if (isTreacherous(c) || isUnpaired(text, i)) {
        shown.append(REPLACEMENT);
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }

  private static boolean isTreacherous(char c) {
    boolean controls = c >= 0x80 && c <= 0x9f;
    boolean separators = c == 0x2028 || c == 0x2029;
    boolean directions =
        c == 0x061c
            || (c >= 0x200e && c <= 0x200f)
            || (c >= 0x202a && c <= 0x202e)
            || (c >= 0x2066 && c <= 0x2069);
    return controls || separators || directions;
  }

  private static boolean isUnpaired(String text, int i) {
    char c = text.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
  }
}
