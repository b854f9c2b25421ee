package io.runledger.query.connection.sqlite;

import io.runledger.query.connection.TypedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The first statement of a text, cut at its semicolon, as SQLite's tokenizer would cut it: comments
 * and quoted text are recognized as such.
 */
final class SqliteTokens {

  private SqliteTokens() {}

  /** Its words: what is in quotes is one sign, the quote that begins it. */
  static TypedStatement of(String text) {
    List<String> words = new ArrayList<>();
    int begin = 0;
    int end = text.length();
    boolean ended = false;
    for (int i = 0; i < text.length(); ) {
      int next = afterSpace(text, i);
      if (next > i) {
        i = next;
      } else if (ended) {
        if (text.charAt(i) != ';') {
          return new TypedStatement(text.substring(begin, end), words, true);
        }
        i++;
      } else if (text.charAt(i) == ';') {
        // An empty statement before the first one is none.
        ended = !words.isEmpty();
        begin = ended ? begin : i + 1;
        end = ended ? i : end;
        i++;
      } else {
        next = afterWord(text, i);
        words.add(word(text, i, next));
        i = next;
      }
    }
    return new TypedStatement(
        words.isEmpty() ? "" : text.substring(begin, end), List.copyOf(words), false);
  }

  private static String word(String text, int from, int to) {
    return isQuote(text.charAt(from))
        ? text.substring(from, from + 1)
        : text.substring(from, to).toUpperCase(Locale.ROOT);
  }

  /** Behind white space or a comment; the same place when there is none. */
  private static int afterSpace(String text, int at) {
    char c = text.charAt(at);
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
      return at + 1;
    }
    if (text.startsWith("--", at)) {
      return orEnd(text, text.indexOf('\n', at), 1);
    }
    return text.startsWith("/*", at) ? orEnd(text, text.indexOf("*/", at + 2), 2) : at;
  }

  private static int afterWord(String text, int at) {
    char c = text.charAt(at);
    if (isQuote(c)) {
      return afterQuoted(text, at, c == '[' ? ']' : c);
    }
    int end = at;
    while (end < text.length() && isOfWord(text.charAt(end))) {
      end++;
    }
    return Math.max(end, at + 1);
  }

  private static int afterQuoted(String text, int at, char close) {
    for (int i = at + 1; i < text.length(); i++) {
      if (text.charAt(i) == close) {
        boolean doubled = close != ']' && i + 1 < text.length() && text.charAt(i + 1) == close;
        if (!doubled) {
          return i + 1;
        }
        i++;
      }
    }
    return text.length();
  }

  private static int orEnd(String text, int found, int length) {
    return found < 0 ? text.length() : found + length;
  }

  private static boolean isQuote(char c) {
    return c == '\'' || c == '"' || c == '`' || c == '[';
  }

  private static boolean isOfWord(char c) {
    return c == '_' || c == '$' || c >= 0x80 || Character.isLetterOrDigit(c);
  }
}
