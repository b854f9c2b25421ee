package io.runledger.schemas;

import java.util.Locale;

/**
 * Writes 63-bit ids as 13 characters of Crockford's base 32 in lower case, most significant first:
 * no i, l, o or u, and the order of the texts is the order of the numbers.
 */
public final class Base32 {

  /** Characters of an id: 13 x 5 bits hold 63. */
  public static final int LENGTH = 13;

  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private Base32() {}

  /** The text of a number that is not negative. */
  public static String encode(long value) {
    char[] text = new char[LENGTH];
    long rest = value;
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = ALPHABET.charAt((int) (rest & 31));
      rest >>>= 5;
    }
    return new String(text);
  }

  /**
   * The number of a text of 13 characters, in either case.
   *
   * @throws IllegalArgumentException when the text is no such number
   */
  public static long decode(String text) {
    if (text.length() != LENGTH) {
      throw new IllegalArgumentException(
          "An id has " + LENGTH + " characters, not " + text.length() + ": '" + text + "'.");
    }
    return decodePrefix(text);
  }

  /** Whether it is the text of an id as {@link #encode} spells it. */
  public static boolean isEncoded(String text) {
    if (text.length() != LENGTH || text.charAt(0) > '7') {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      if (ALPHABET.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The smallest id whose text begins with {@code prefix}; an id of 13 characters is its own
   * prefix.
   *
   * @throws IllegalArgumentException when no id begins so
   */
  public static long lowest(String prefix) {
    return decodePrefix(prefix + "0".repeat(Math.max(0, LENGTH - prefix.length())));
  }

  /** The largest id whose text begins with {@code prefix}. */
  public static long highest(String prefix) {
    if (prefix.isEmpty()) {
      // The first character holds 3 bits only, so the largest of all does not begin with z.
      return Long.MAX_VALUE;
    }
    return decodePrefix(prefix + "z".repeat(Math.max(0, LENGTH - prefix.length())));
  }

  private static long decodePrefix(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    long value = 0;
    for (int i = 0; i < lower.length(); i++) {
      int digit = ALPHABET.indexOf(lower.charAt(i));
      if (digit < 0 || (i == 0 && digit > 7) || i >= LENGTH) {
        throw new IllegalArgumentException(
            "'"
                + text
                + "' is not a valid id: it needs 13 of the characters "
                + ALPHABET
                + ", the first one 0 to 7.");
      }
      value = value << 5 | digit;
    }
    return value;
  }
}
