package io.runledger.query.filter;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads fields with commas between them:
 *
 * <pre>
 * list = [ item { "," item } ]
 * item = field                            in columns and groups
 *      | ["-"] field | field ("asc" | "desc")   in an order
 * </pre>
 */
final class FieldListParser {

  private static final String DESCENDING = "-";

  private final String what;
  private final String text;
  private final boolean isOrder;
  private final List<Token> tokens;
  private int at;

  /** A field, as it was written. */
  record Item(Token word, Field field, boolean isDescending) {}

  /**
   * @throws FilterSyntaxException when it is too long, or not made of tokens
   */
  FieldListParser(String what, String text, boolean isOrder) {
    this.what = what;
    this.text = text;
    this.isOrder = isOrder;
    if (text.length() > FilterParser.MOST_CHARACTERS) {
      throw FilterSyntaxException.at(
              FilterParser.MOST_CHARACTERS,
              text.length(),
              "at most %,d characters are read.".formatted(FilterParser.MOST_CHARACTERS),
              text)
          .of(what);
    }
    try {
      this.tokens = Tokens.of(text);
    } catch (FilterSyntaxException e) {
      throw e.of(what);
    }
  }

  List<Item> parse(int most) {
    List<Item> items = new ArrayList<>();
    if (next().kind() == Token.Kind.END) {
      return items;
    }
    while (true) {
      if (items.size() == most) {
        throw problem(next(), "at most " + most + " fields are read.");
      }
      items.add(item());
      if (next().kind() == Token.Kind.END) {
        return items;
      }
      if (next().kind() != Token.Kind.COMMA) {
        throw problem(
            next(),
            isOrder
                ? "'asc', 'desc' or a ',' is expected behind the field."
                : "a ',' is expected between two fields.");
      }
      at++;
    }
  }

  private Item item() {
    Token word = next();
    if (word.kind() != Token.Kind.WORD) {
      throw problem(word, "the name of a field is expected, such as started or config.lr.");
    }
    at++;
    boolean hasMinus = isOrder && word.text().startsWith(DESCENDING);
    Token name = hasMinus ? word.behind(DESCENDING.length()) : word;
    Field field;
    try {
      field = Fields.of(name, text);
    } catch (FilterSyntaxException e) {
      throw e.of(what);
    }
    if (!isOrder || hasMinus) {
      return new Item(name, field, hasMinus);
    }
    boolean isDescending = next().isKeyword("desc");
    if (isDescending || next().isKeyword("asc")) {
      at++;
    }
    return new Item(name, field, isDescending);
  }

  private Token next() {
    return tokens.get(at);
  }

  FilterSyntaxException problem(Token token, String sentence) {
    return FilterSyntaxException.at(token, sentence, text).of(what);
  }
}
