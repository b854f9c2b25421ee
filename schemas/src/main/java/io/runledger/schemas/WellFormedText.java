package io.runledger.schemas;

/** Text that has a UTF-8 form: unpaired surrogates replaced by U+FFFD. */
public final class WellFormedText {

  private WellFormedText() {}

  /** Whether the text has a UTF-8 form. */
  public static boolean is(String text) {
    return unpairedSurrogate(text, 0) < 0;
  }

  /** The text itself where it is well formed, else a copy with each unpaired surrogate replaced. */
  public static String of(String text) {
    int firstBad = unpairedSurrogate(text, 0);
    if (firstBad < 0) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text);
    for (int bad = firstBad; bad >= 0; bad = unpairedSurrogate(text, bad + 1)) {
      repaired.setCharAt(bad, '\uFFFD');
    }
    return repaired.toString();
  }

  private static int unpairedSurrogate(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean highAlone =
          Character.isHighSurrogate(c)
              && (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1)));
      boolean lowAlone =
          Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
      if (highAlone || lowAlone) {
        return i;
      }
    }
    return -1;
  }
}
