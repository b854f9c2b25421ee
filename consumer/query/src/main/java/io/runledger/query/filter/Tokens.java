package io.runledger.query.filter;

import io.runledger.query.filter.Token.Kind;
import io.runledger.query.filter.Token.Part;
import java.util.ArrayList;
import java.util.List;

/** Cuts a filter into tokens. */
final class Tokens {

  private static final String QUOTES = "\"'`";
  private static final String OPERATOR_SIGNS = "=!<>~";
  private static final List<String> OPERATORS =
      List.of("==", "!=", "!~", "<=", ">=", "=", "<", ">", "~");

  private final String text;
  private int at;

  private Tokens(String text) {
    this.text = text;
  }

  /**
   * All tokens, the last of which is the end.
   *
   * @throws FilterSyntaxException when a quote is not closed, or a sign is none of an operator
   */
  static List<Token> of(String text) {
    return new Tokens(text).all();
  }

  private List<Token> all() {
    List<Token> tokens = new ArrayList<>();
    while (true) {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        tokens.add(new Token(Kind.END, "", List.of(), at, at));
        return tokens;
      }
      tokens.add(next());
    }
  }

  private Token next() {
    char first = text.charAt(at);
    return switch (first) {
      case '(' -> sign(Kind.OPEN, "(");
      case ')' -> sign(Kind.CLOSE, ")");
      case ',' -> sign(Kind.COMMA, ",");
      default -> OPERATOR_SIGNS.indexOf(first) >= 0 ? operator() : word();
    };
  }

  private Token sign(Kind kind, String sign) {
    at += sign.length();
    return new Token(kind, sign, List.of(), at - sign.length(), at);
  }

  private Token operator() {
    for (String operator : OPERATORS) {
      if (text.startsWith(operator, at)) {
        return sign(Kind.OPERATOR, operator);
      }
    }
    throw FilterSyntaxException.at(
        at, at + 1, "a '!' belongs to '!=' or '!~'; the opposite of a test is 'not'.", text);
  }

  private Token word() {
    int start = at;
    List<Part> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean isQuoted = false;
    int endOfQuoteAtStart = -1;
    while (at < text.length() && isOfWord(text.charAt(at))) {
      char c = text.charAt(at);
      if (QUOTES.indexOf(c) >= 0) {
        boolean isAtStart = at == start;
        part.append(quoted());
        isQuoted = true;
        endOfQuoteAtStart = isAtStart ? at : endOfQuoteAtStart;
      } else if (c == '.') {
        parts.add(new Part(part.toString(), isQuoted));
        part.setLength(0);
        isQuoted = false;
        at++;
      } else {
        part.append(c);
        at++;
      }
    }
    parts.add(new Part(part.toString(), isQuoted));
    return endOfQuoteAtStart == at
        ? new Token(Kind.QUOTED, parts.get(0).text(), parts, start, at)
        : new Token(Kind.WORD, text.substring(start, at), parts, start, at);
  }

  private String quoted() {
    int start = at;
    char quote = text.charAt(at++);
    StringBuilder content = new StringBuilder();
    while (at < text.length() && text.charAt(at) != quote) {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      content.append(text.charAt(at++));
    }
    if (at >= text.length()) {
      throw FilterSyntaxException.at(
          start, text.length(), "the quote that begins here is not closed.", text);
    }
    at++;
    return content.toString();
  }

  private static boolean isOfWord(char c) {
    return !isSpace(c) && "(),".indexOf(c) < 0 && OPERATOR_SIGNS.indexOf(c) < 0;
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }
}
