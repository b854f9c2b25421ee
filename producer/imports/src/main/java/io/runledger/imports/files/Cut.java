package io.runledger.imports.files;

/** Texts of a source in sentences about it. */
public final class Cut {

  private static final int SHOWN = 60;

  private Cut() {}

  /** The beginning of a text, without characters that would change a terminal. */
  public static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= SHOWN ? plain : plain.substring(0, SHOWN) + "...";
  }

  /** What is said where a name stands for two values, of which the last one counts. */
  static String twice(String name) {
    return "'%s' is there twice, and the earlier value is left out".formatted(shown(name));
  }

  /** What is said of a text that is not what is expected in its place. */
  public static String isNot(String text, String expected) {
    return "'%s' is not %s and is left out".formatted(shown(text), expected);
  }
}
