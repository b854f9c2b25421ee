package io.runledger.web.mlflow;

import io.runledger.config.Printable;
import io.runledger.web.mlflow.SearchClause.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads MLflow's filter language: tests with {@code and} between them, such as {@code metrics.loss
 * < 1 and params.model = 'cnn' and tags.`my team` LIKE 'a%'}.
 */
final class SearchParser {

  private static final int LONGEST = 100_000;
  private static final int MOST_CLAUSES = 200;

  /** Longer ones first. */
  private static final List<String> SIGNS =
      List.of("<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ",", ".");

  /** As in JSON: what programs print of a number, and no word for what is not one. */
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?");

  private record Token(String kind, String text) {}

  private final Searched searched;
  private final String filter;
  private final List<Token> tokens;
  private int next;

  private SearchParser(Searched searched, String filter, List<Token> tokens) {
    this.searched = searched;
    this.filter = filter;
    this.tokens = tokens;
  }

  /** The tests, of which all must hold; none for an empty filter. */
  static List<SearchClause> parse(Searched searched, String filter) {
    if (filter.length() > LONGEST) {
      throw MlflowProblem.invalid("A filter has at most %,d characters.".formatted(LONGEST));
    }
    if (filter.indexOf('\0') >= 0) {
      // No text of a run has one, and not every store can ask for it.
      throw MlflowProblem.invalid("Invalid filter string: it has a character U+0000.");
    }
    SearchParser parser = new SearchParser(searched, filter, tokens(filter));
    List<SearchClause> clauses = new ArrayList<>();
    while (parser.next < parser.tokens.size()) {
      if (!clauses.isEmpty()) {
        parser.expectWord("AND");
      }
      clauses.add(parser.clause());
      if (clauses.size() > MOST_CLAUSES) {
        throw MlflowProblem.invalid("A filter has at most %d tests.".formatted(MOST_CLAUSES));
      }
    }
    return clauses;
  }

  private static List<Token> tokens(String filter) {
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < filter.length()) {
      if (Character.isWhitespace(filter.charAt(at))) {
        at++;
        continue;
      }
      Token token = token(filter, at);
      tokens.add(token);
      at += token.text().length();
    }
    return tokens;
  }

  private static Token token(String filter, int at) {
    char first = filter.charAt(at);
    if (first == '\'' || first == '"' || first == '`') {
      int end = first == '\'' ? endOfText(filter, at) : filter.indexOf(first, at + 1);
      if (end < 0) {
        throw MlflowProblem.invalid(
            "Invalid filter string '%s': a quote is not closed.".formatted(Printable.word(filter)));
      }
      return new Token(first == '\'' ? "text" : "quoted", filter.substring(at, end + 1));
    }
    Optional<String> sign = SIGNS.stream().filter(one -> filter.startsWith(one, at)).findFirst();
    if (sign.isPresent()) {
      return new Token("sign", sign.get());
    }
    int end = at + 1;
    while (end < filter.length() && isOfWord(filter.charAt(end))) {
      end++;
    }
    return new Token("word", filter.substring(at, end));
  }

  /** A quote in a text is doubled, or behind a backslash. */
  private static int endOfText(String filter, int at) {
    for (int i = at + 1; i < filter.length(); i++) {
      char c = filter.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '\'') {
        if (i + 1 == filter.length() || filter.charAt(i + 1) != '\'') {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  private static boolean isOfWord(char c) {
    return !Character.isWhitespace(c) && "'\"`<>=!(),.".indexOf(c) < 0;
  }

  private SearchClause clause() {
    List<String> parts = new ArrayList<>();
    Kind kind = Kind.ATTRIBUTE;
    parts.add(part());
    while (is("sign", ".")) {
      next++;
      parts.add(part());
    }
    if (parts.size() > 1) {
      Optional<Kind> named = kind(parts.get(0));
      if (named.isEmpty()) {
        throw problem(
            "'%s' is none of metrics, params, tags, attributes and datasets"
                .formatted(parts.get(0)));
      }
      kind = named.get();
      parts = parts.subList(1, parts.size());
    }
    String name = String.join(".", parts);
    if (!searched.has(kind)) {
      throw problem("there are no %ss to search by here".formatted(word(kind)));
    }
    if (!searched.has(kind, name)) {
      throw MlflowProblem.invalid(
          "Invalid %s key '%s' specified.".formatted(word(kind), Printable.word(name)));
    }
    return compared(kind, name);
  }

  private static Optional<Kind> kind(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "metric", "metrics" -> Optional.of(Kind.METRIC);
      case "param", "params", "parameter", "parameters" -> Optional.of(Kind.PARAMETER);
      case "tag", "tags" -> Optional.of(Kind.TAG);
      case "attr", "attribute", "attributes", "run" -> Optional.of(Kind.ATTRIBUTE);
      case "dataset", "datasets" -> Optional.of(Kind.DATASET);
      default -> Optional.empty();
    };
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private SearchClause compared(Kind kind, String name) {
    Token token = take();
    if (token.kind().equals("sign") && !List.of("(", ")", ",", ".").contains(token.text())) {
      String operator = token.text().equals("<>") ? "!=" : token.text();
      return checked(new SearchClause(kind, name, operator, List.of(value(kind, name))));
    }
    String word = token.text().toUpperCase(Locale.ROOT);
    return switch (word) {
      case "LIKE", "ILIKE" ->
          checked(new SearchClause(kind, name, word, List.of(value(kind, name))));
      case "IN" -> checked(new SearchClause(kind, name, word, list()));
      case "NOT" -> {
        expectWord("IN");
        yield checked(new SearchClause(kind, name, "NOT IN", list()));
      }
      case "IS" -> {
        boolean isNot = is("word", "NOT");
        next += isNot ? 1 : 0;
        expectWord("NULL");
        yield new SearchClause(kind, name, isNot ? "IS NOT NULL" : "IS NULL", List.of());
      }
      default -> throw problem("'%s' is not an operator".formatted(token.text()));
    };
  }

  private SearchClause checked(SearchClause clause) {
    boolean isNumber = searched.isNumber(clause.kind(), clause.name());
    boolean isOrder = List.of("<", "<=", ">", ">=").contains(clause.operator());
    boolean isEquality = List.of("=", "!=").contains(clause.operator());
    if (isNumber ? !isOrder && !isEquality : isOrder) {
      throw problem("%s is not compared by %s".formatted(clause.name(), clause.operator()));
    }
    return clause;
  }

  private List<String> list() {
    if (!is("sign", "(")) {
      throw problem("a list in brackets is missing");
    }
    next++;
    List<String> values = new ArrayList<>();
    while (!is("sign", ")")) {
      if (!values.isEmpty()) {
        if (!is("sign", ",")) {
          throw problem("a comma is missing in a list");
        }
        next++;
      }
      values.add(text());
    }
    next++;
    if (values.isEmpty()) {
      throw problem("a list is empty");
    }
    return values;
  }

  /** A number for what has numbers, and a text in quotes for all else. */
  private String value(Kind kind, String name) {
    return searched.isNumber(kind, name) ? number(name) : text();
  }

  private String number(String name) {
    StringBuilder number = new StringBuilder(take().text());
    while (is("sign", ".") || (number.toString().endsWith(".") && is("word"))) {
      number.append(take().text());
    }
    String text = number.toString();
    if (!NUMBER.matcher(text).matches()) {
      throw problem("%s is compared with a number, not with %s".formatted(name, text));
    }
    return text;
  }

  private String text() {
    Token token = take();
    String raw = token.text();
    if (token.kind().equals("text")) {
      return raw.substring(1, raw.length() - 1).replace("''", "'").replace("\\'", "'");
    }
    if (token.kind().equals("quoted")) {
      return raw.substring(1, raw.length() - 1);
    }
    throw problem("a text must be in quotes: " + raw);
  }

  private String part() {
    Token token = take();
    if (token.kind().equals("quoted")) {
      return token.text().substring(1, token.text().length() - 1);
    }
    if (!token.kind().equals("word")) {
      throw problem("a name is missing");
    }
    return token.text();
  }

  private void expectWord(String word) {
    if (!is("word", word)) {
      throw problem(word + " is missing");
    }
    next++;
  }

  private boolean is(String kind) {
    return next < tokens.size() && tokens.get(next).kind().equals(kind);
  }

  private boolean is(String kind, String text) {
    return is(kind) && tokens.get(next).text().equalsIgnoreCase(text);
  }

  private Token take() {
    if (next >= tokens.size()) {
      throw problem("it ends too early");
    }
    return tokens.get(next++);
  }

  private MlflowProblem problem(String what) {
    return MlflowProblem.invalid(
        "Invalid filter string '%s': %s.".formatted(Printable.word(filter), Printable.word(what)));
  }
}
