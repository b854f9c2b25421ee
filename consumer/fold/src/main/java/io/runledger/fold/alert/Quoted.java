package io.runledger.fold.alert;

import java.util.regex.Pattern;

/** A word as it is written in a file of rules. */
final class Quoted {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+@%:-]+");

  private Quoted() {}

  static String word(String text) {
    return PLAIN.matcher(text).matches()
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
