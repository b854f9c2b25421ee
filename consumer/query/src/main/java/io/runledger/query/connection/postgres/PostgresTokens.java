package io.runledger.query.connection.postgres;

import io.runledger.query.connection.TypedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first statement of a text, cut at its semicolon, as PostgreSQL's scanner would cut it:
 * comments, which nest, and quoted texts of all kinds are recognized as such.
 */
final class PostgresTokens {

  private static final Pattern SPACE = Pattern.compile("[ \\t\\n\\r\\f\\x0B]+");
  private static final Pattern DOLLARS =
      Pattern.compile("\\$([A-Za-z_\\x80-\\uffff][A-Za-z0-9_\\x80-\\uffff]*)?\\$");
  private static final Pattern WORD =
      Pattern.compile("[A-Za-z_\\x80-\\uffff][A-Za-z0-9_$\\x80-\\uffff]*");
  private static final Pattern PLAIN_TEXT = Pattern.compile("'(?:[^']|'')*+'?");
  private static final Pattern ESCAPED_TEXT =
      Pattern.compile("[eE]'(?:[^'\\\\]|''|\\\\.)*+'?", Pattern.DOTALL);
  private static final Pattern NAME = Pattern.compile("\"(?:[^\"]|\"\")*+\"?");

  private PostgresTokens() {}

  /** Its words: those in double quotes too, in upper case, and ' for a quoted text. */
  static TypedStatement of(String text) {
    List<String> words = new ArrayList<>();
    int begin = 0;
    int end = text.length();
    boolean ended = false;
    for (int i = 0; i < text.length(); ) {
      int next = afterSpace(text, i);
      if (next > i) {
        i = next;
      } else if (text.charAt(i) == ';') {
        // An empty statement before the first one is none.
        if (!ended) {
          ended = !words.isEmpty();
          begin = ended ? begin : i + 1;
          end = ended ? i : end;
        }
        i++;
      } else if (ended) {
        return new TypedStatement(text.substring(begin, end), List.copyOf(words), true);
      } else {
        i = addWord(text, i, words);
      }
    }
    return new TypedStatement(
        words.isEmpty() ? "" : text.substring(begin, end), List.copyOf(words), false);
  }

  /** Behind white space or a comment; the same place when there is none. */
  private static int afterSpace(String text, int at) {
    Matcher space = SPACE.matcher(text).region(at, text.length());
    if (space.lookingAt()) {
      return space.end();
    }
    if (text.startsWith("--", at)) {
      int line = text.indexOf('\n', at);
      return line < 0 ? text.length() : line + 1;
    }
    return text.startsWith("/*", at) ? afterComment(text, at) : at;
  }

  private static int afterComment(String text, int at) {
    int depth = 0;
    for (int i = at; i < text.length() - 1; ) {
      if (text.startsWith("/*", i)) {
        depth++;
        i += 2;
      } else if (text.startsWith("*/", i)) {
        depth--;
        i += 2;
        if (depth == 0) {
          return i;
        }
      } else {
        i++;
      }
    }
    return text.length();
  }

  /** Adds what begins there; returns the place behind it. */
  private static int addWord(String text, int at, List<String> words) {
    Matcher name = at(NAME, text, at);
    if (name.lookingAt()) {
      words.add(text.substring(at + 1, Math.max(at + 1, name.end() - 1)).toUpperCase(Locale.ROOT));
      return name.end();
    }
    for (Pattern quoted : List.of(PLAIN_TEXT, ESCAPED_TEXT)) {
      Matcher matcher = at(quoted, text, at);
      if (matcher.lookingAt()) {
        words.add("'");
        return matcher.end();
      }
    }
    Matcher dollars = at(DOLLARS, text, at);
    if (dollars.lookingAt()) {
      words.add("'");
      int close = text.indexOf(dollars.group(), dollars.end());
      return close < 0 ? text.length() : close + dollars.group().length();
    }
    if (text.regionMatches(true, at, "U&\"", 0, 3) || text.regionMatches(true, at, "U&'", 0, 3)) {
      // A name or a text in which any letter may be written as a number.
      words.add("U&");
      return at + 2;
    }
    Matcher word = at(WORD, text, at);
    int end = word.lookingAt() ? word.end() : at + 1;
    words.add(text.substring(at, end).toUpperCase(Locale.ROOT));
    return end;
  }

  private static Matcher at(Pattern pattern, String text, int at) {
    return pattern.matcher(text).region(at, text.length());
  }
}
