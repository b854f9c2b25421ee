package io.runledger.service.alert;

import io.runledger.config.InvalidConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The words of one line of a file of rules, taken one after the other. Not thread-safe. */
final class Words {

  /**
   * A word.
   *
   * @param column where it begins, from 1
   * @param isQuoted whether it was in quotes, and so is never a keyword
   */
  record Word(String text, int column, boolean isQuoted) {}

  private final String place;
  private final List<Word> words;
  private final int end;
  private int next;

  private Words(String place, List<Word> words, int end) {
    this.place = place;
    this.words = words;
    this.end = end;
  }

  /**
   * Splits a line at its blanks. What begins with {@code #} is a comment; what is between double
   * quotes is one word, in which a backslash takes the character behind it as it is.
   *
   * @param place the file and the number of the line
   */
  static Words of(String place, String line) {
    List<Word> words = new ArrayList<>();
    int i = 0;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (Character.isWhitespace(c)) {
        i++;
      } else if (c == '#') {
        break;
      } else if (c == '"') {
        i = quoted(place, line, i, words);
      } else {
        int begin = i;
        while (i < line.length() && !Character.isWhitespace(line.charAt(i))) {
          i++;
        }
        words.add(new Word(line.substring(begin, i), begin + 1, false));
      }
    }
    return new Words(place, words, line.length() + 1);
  }

  private static int quoted(String place, String line, int begin, List<Word> words) {
    StringBuilder text = new StringBuilder();
    for (int i = begin + 1; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        words.add(new Word(text.toString(), begin + 1, true));
        return i + 1;
      }
      if (c == '\\' && i + 1 < line.length()) {
        i++;
      }
      text.append(line.charAt(i));
    }
    throw new InvalidConfigurationException(
        "%s:%d: The quote is not closed.".formatted(place, begin + 1));
  }

  boolean isEmpty() {
    return next == words.size();
  }

  /** The next word, which stays. */
  Optional<Word> peek() {
    return isEmpty() ? Optional.empty() : Optional.of(words.get(next));
  }

  /**
   * The next word.
   *
   * @param what what it must be, after "Expected"
   */
  Word take(String what) {
    if (isEmpty()) {
      throw wrong("Expected " + what + ".");
    }
    return words.get(next++);
  }

  /** Takes these words, if they come next. */
  boolean takeIf(String... keywords) {
    if (words.size() - next < keywords.length) {
      return false;
    }
    for (int i = 0; i < keywords.length; i++) {
      Word word = words.get(next + i);
      if (word.isQuoted() || !word.text().equals(keywords[i])) {
        return false;
      }
    }
    next += keywords.length;
    return true;
  }

  /** Complains when there are more words. */
  void requireEnd() {
    peek()
        .ifPresent(
            word -> {
              throw wrong("'%s' is not expected here.".formatted(word.text()));
            });
  }

  /** What is wrong with the next word, or with the end of the line. */
  InvalidConfigurationException wrong(String sentence) {
    return wrong(peek().map(Word::column).orElse(end), sentence);
  }

  /** What is wrong with a word that was taken. */
  InvalidConfigurationException wrong(Word word, String sentence) {
    return wrong(word.column(), sentence);
  }

  private InvalidConfigurationException wrong(int column, String sentence) {
    return new InvalidConfigurationException("%s:%d: %s".formatted(place, column, sentence));
  }
}
