package io.runledger.query.filter;

import io.runledger.query.filter.Field.Kind;
import io.runledger.query.filter.Filter.And;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;
import io.runledger.query.filter.Filter.Not;
import io.runledger.query.filter.Filter.Or;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads a filter by its grammar, from the left to the right:
 *
 * <pre>
 * filter = and { "or" and }
 * and    = part { "and" part }
 * part   = "not" part | "(" filter ")" | test
 * test   = field operator value
 *        | field ["not"] "in" "(" value { "," value } ")"
 *        | field "is" ["not"] "null"
 * </pre>
 */
final class FilterParser {

  /** Longer ones are no questions of people. */
  static final int MOST_CHARACTERS = 20_000;

  /** Values in all tests together. */
  static final int MOST_VALUES = 1_000;

  /** Brackets and negations, one in the other. */
  static final int MOST_LEVELS = 50;

  private static final Set<String> KEYWORDS = Set.of("and", "or", "not", "in", "is", "has");

  private final String filter;
  private final Values values;
  private final List<Token> tokens;
  private int at;
  private int levels;
  private int compared;

  /**
   * @throws FilterSyntaxException when it is too long, or not made of tokens
   */
  FilterParser(String filter, Clock clock) {
    if (filter.length() > MOST_CHARACTERS) {
      throw FilterSyntaxException.at(
          MOST_CHARACTERS,
          filter.length(),
          "a filter has at most %,d characters.".formatted(MOST_CHARACTERS),
          filter);
    }
    this.filter = filter;
    this.values = new Values(filter, clock);
    this.tokens = Tokens.of(filter);
  }

  Filter parse() {
    if (next().kind() == Token.Kind.END) {
      return Filter.EVERY_RUN;
    }
    Filter all = or();
    if (next().kind() != Token.Kind.END) {
      throw problem(
          next(),
          next().kind() == Token.Kind.CLOSE
              ? "nothing was opened that this ')' closes."
              : "'and' or 'or' is expected between two tests.");
    }
    return all;
  }

  private Filter or() {
    List<Filter> parts = new ArrayList<>(List.of(and()));
    while (isTaken("or")) {
      parts.add(and());
    }
    return parts.size() == 1 ? parts.get(0) : new Or(parts);
  }

  private Filter and() {
    List<Filter> parts = new ArrayList<>(List.of(part()));
    while (isTaken("and")) {
      parts.add(part());
    }
    return parts.size() == 1 ? parts.get(0) : new And(parts);
  }

  private Filter part() {
    if (++levels > MOST_LEVELS) {
      throw problem(next(), "at most " + MOST_LEVELS + " brackets may be open at a time.");
    }
    Filter part;
    Token first = next();
    if (isTaken("not")) {
      part = new Not(part());
    } else if (first.kind() == Token.Kind.OPEN) {
      at++;
      part = or();
      if (next().kind() != Token.Kind.CLOSE) {
        throw problem(
            next(),
            "a ')' is missing that closes the '(' at character " + (first.start() + 1) + ".");
      }
      at++;
    } else {
      part = test();
    }
    levels--;
    return part;
  }

  private Filter test() {
    Token name = next();
    if (name.kind() != Token.Kind.WORD || isKeyword(name)) {
      throw problem(
          name,
          name.kind() == Token.Kind.QUOTED
              ? "a name in quotes needs what it is a name of, as in config."
                  + filter.substring(name.start(), name.end())
                  + "."
              : "the name of a field is expected, such as status or config.lr.");
    }
    at++;
    Field field = Fields.of(name, filter);
    Token operator = next();
    at++;
    if (operator.isKeyword("is")) {
      boolean isNot = isTaken("not");
      if (!isTaken("null")) {
        throw problem(
            next(), "'is' is followed by 'null' or 'not null'; a value is compared with '='.");
      }
      return isNot ? new Not(new Missing(field)) : new Missing(field);
    }
    if (operator.isKeyword("not") && isTaken("in")) {
      return new Not(in(field));
    }
    if (operator.isKeyword("in")) {
      return in(field);
    }
    return compared(field, operator);
  }

  private Filter compared(Field field, Token sign) {
    if (sign.isKeyword("has")) {
      return one(field, Operator.HAS, sign);
    }
    if (sign.kind() != Token.Kind.OPERATOR) {
      throw problem(
          sign, "an operator is expected behind the field: = != < <= > >= ~ !~ has in is.");
    }
    return switch (sign.text()) {
      case "=", "==" -> one(field, Operator.EQUAL, sign);
      case "!=" -> new Not(one(field, Operator.EQUAL, sign));
      case "~" -> one(field, Operator.CONTAINS, sign);
      case "!~" -> new Not(one(field, Operator.CONTAINS, sign));
      case "<" -> one(field, Operator.LESS, sign);
      case "<=" -> one(field, Operator.AT_MOST, sign);
      case ">" -> one(field, Operator.GREATER, sign);
      default -> one(field, Operator.AT_LEAST, sign);
    };
  }

  private Filter in(Field field) {
    Token in = tokens.get(at - 1);
    if (next().kind() != Token.Kind.OPEN) {
      throw problem(
          next(), "'in' is followed by values in brackets, as in status in (failed, timeout).");
    }
    List<Filter> parts = new ArrayList<>();
    do {
      at++;
      parts.add(one(field, Operator.EQUAL, in));
    } while (next().kind() == Token.Kind.COMMA);
    if (next().kind() != Token.Kind.CLOSE) {
      throw problem(next(), "a ',' or the ')' of the values is expected.");
    }
    at++;
    return new Or(parts);
  }

  /** A value of one of several kinds equals each of them: a bare 7 is a number, and a text. */
  private Filter one(Field field, Operator operator, Token sign) {
    Token value = next();
    if ((value.kind() != Token.Kind.WORD && value.kind() != Token.Kind.QUOTED)
        || isKeyword(value)) {
      throw problem(
          value,
          isKeyword(value)
              ? "a value is expected; write the text " + value.quoted() + " in quotes."
              : "a value is expected.");
    }
    if (value.kind() == Token.Kind.WORD && value.parts().stream().anyMatch(Token.Part::isQuoted)) {
      throw problem(value, "a value is in quotes as a whole, or not at all.");
    }
    if (++compared > MOST_VALUES) {
      throw problem(value, "a filter has at most %,d values.".formatted(MOST_VALUES));
    }
    checkOperator(field, operator, sign);
    at++;
    List<Filter> parts =
        values.of(field, operator, value).stream()
            .<Filter>map(meant -> new Compared(field, operator, meant))
            .toList();
    return parts.size() == 1 ? parts.get(0) : new Or(parts);
  }

  private void checkOperator(Field field, Operator operator, Token sign) {
    Kind kind = field.kind();
    boolean isSet = field instanceof Field.Fact;
    if (operator == Operator.CONTAINS && kind != Kind.TEXT && kind != Kind.ANY) {
      throw problem(sign, "only a text contains another; compare with = < or >.");
    }
    if (operator == Operator.HAS && !isSet && kind != Kind.ANY) {
      throw problem(sign, "this field is one value and has no parts; compare with = or ~.");
    }
    if (operator.isOrder() && kind == Kind.TRUTH) {
      throw problem(sign, "true and false are in no order; compare with =.");
    }
  }

  private static boolean isKeyword(Token token) {
    return KEYWORDS.stream().anyMatch(token::isKeyword);
  }

  private Token next() {
    return tokens.get(Math.min(at, tokens.size() - 1));
  }

  private boolean isTaken(String keyword) {
    boolean isNext = next().isKeyword(keyword);
    if (isNext) {
      at++;
    }
    return isNext;
  }

  private FilterSyntaxException problem(Token token, String sentence) {
    return FilterSyntaxException.at(token, sentence, filter);
  }
}
