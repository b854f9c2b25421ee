package io.runledger.query.filter;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A field that somebody asked for, by the word that was written.
 *
 * @param word the title of its column
 */
public record NamedField(String word, Field field) {

  /** More than any table or key of a group has. */
  static final int MOST = 500;

  /**
   * Reads fields of the filter language with commas between them.
   *
   * @param what they are, for a message: columns
   * @throws FilterSyntaxException when they cannot be read, or one comes twice, with the place
   */
  public static List<NamedField> list(String what, String text) {
    FieldListParser parser = new FieldListParser(what, text, false);
    List<FieldListParser.Item> items = parser.parse(MOST);
    Set<String> words = new HashSet<>();
    for (FieldListParser.Item item : items) {
      if (!words.add(item.word().text())) {
        throw parser.problem(item.word(), item.word().quoted() + " comes twice.");
      }
    }
    return items.stream().map(item -> new NamedField(item.word().text(), item.field())).toList();
  }

  /** The fields alone. */
  public static List<Field> fields(List<NamedField> named) {
    return named.stream().map(NamedField::field).toList();
  }
}
