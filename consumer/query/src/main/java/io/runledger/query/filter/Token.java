package io.runledger.query.filter;

import io.runledger.config.Printable;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a filter.
 *
 * @param text as it was written; of a quoted text, what is in the quotes
 * @param parts of a word: what its dots separate
 * @param start index of its first character
 * @param end index after its last one
 */
record Token(Kind kind, String text, List<Part> parts, int start, int end) {

  enum Kind {
    /** A name, a keyword or a value without quotes; parts of it may be in quotes. */
    WORD,
    /** A text that is in quotes as a whole. */
    QUOTED,
    OPERATOR,
    OPEN,
    CLOSE,
    COMMA,
    END
  }

  /** The same word without its first characters, which are in no quotes. */
  Token behind(int characters) {
    Part first = new Part(parts.get(0).text().substring(characters), parts.get(0).isQuoted());
    List<Part> rest = new ArrayList<>(parts);
    rest.set(0, first);
    return new Token(kind, text.substring(characters), rest, start + characters, end);
  }

  /** A piece of a word. */
  record Part(String text, boolean isQuoted) {}

  /** As a sentence quotes it. */
  String quoted() {
    return "'" + Printable.word(text) + "'";
  }

  /** Whether it is this keyword, in letters of any case. */
  boolean isKeyword(String keyword) {
    return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
  }
}
