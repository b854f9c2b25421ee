package io.runledger.query.connection;

import io.runledger.config.Printable;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The first statement of a text that a user typed, as the tokenizer of a store cuts it.
 *
 * @param statement the first statement with its comments; empty when there is none
 * @param words its words in upper case and its other signs, without comments
 * @param more whether another statement follows
 */
public record TypedStatement(String statement, List<String> words, boolean more) {

  /** Words that a refusal shows. */
  private static final int SHOWN = 3;

  /**
   * Reads a text that must be one statement that only reads.
   *
   * @param tokenizer cuts the text
   * @param onlyReads tells by its words, of which there is at least one
   * @param allowed what may be typed instead, as the end of a sentence
   * @throws IllegalArgumentException when it is none, several, or not one that only reads
   */
  public static TypedStatement requireOne(
      String text,
      Function<String, TypedStatement> tokenizer,
      Predicate<List<String>> onlyReads,
      String allowed) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("A statement must not contain a NUL character.");
    }
    TypedStatement typed = tokenizer.apply(text);
    if (typed.words().isEmpty()) {
      throw new IllegalArgumentException(
          "There is no statement; write one, for example \"SELECT run_name, status FROM runs\".");
    }
    if (typed.more()) {
      throw new IllegalArgumentException(
          "There is a second statement after the semicolon; nothing was run. Run one at a time.");
    }
    if (!onlyReads.test(typed.words())) {
      throw new IllegalArgumentException(
          "'%s' is not a read-only statement; use %s."
              .formatted(Printable.word(typed.beginning()), allowed));
    }
    return typed;
  }

  private String beginning() {
    return String.join(" ", words.subList(0, Math.min(SHOWN, words.size())));
  }
}
