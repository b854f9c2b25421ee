package io.runledger.web.mlflow;

import io.runledger.config.Printable;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of an order in MLflow's words, such as {@code metrics.`my loss` DESC}.
 *
 * @param kind what stands before the first dot, in lower case; {@code attributes} where there is
 *     none
 * @param name the rest, without quotes
 * @param isDescending whether the largest comes first
 * @param text as it was written
 */
record SearchOrder(String kind, String name, boolean isDescending, String text) {

  private static final int LONGEST = 1_000;

  /** More would be more columns than a database sorts by. */
  private static final int MOST = 10;

  private static final Pattern PART =
      Pattern.compile(
          "\\s*((?:`[^`]*+`|\"[^\"]*+\"|[^\\s`\"]++)+)(?:\\s+(asc|desc))?\\s*",
          Pattern.CASE_INSENSITIVE);

  static List<SearchOrder> parse(List<String> texts) {
    if (texts.size() > MOST) {
      throw MlflowProblem.invalid(
          "Invalid order_by: it has %d parts, and at most %d.".formatted(texts.size(), MOST));
    }
    return texts.stream().map(SearchOrder::parse).toList();
  }

  private static SearchOrder parse(String text) {
    Matcher matcher = PART.matcher(text);
    if (text.length() > LONGEST || text.indexOf('\0') >= 0 || !matcher.matches()) {
      throw MlflowProblem.invalid(
          "Invalid order_by clause '%s'. Could not be parsed.".formatted(Printable.word(text)));
    }
    String field = matcher.group(1);
    boolean isDescending = "desc".equalsIgnoreCase(matcher.group(2));
    int dot = field.charAt(0) == '`' || field.charAt(0) == '"' ? -1 : field.indexOf('.');
    return new SearchOrder(
        dot < 0 ? "attributes" : field.substring(0, dot).toLowerCase(Locale.ROOT),
        unquoted(field.substring(dot + 1)),
        isDescending,
        text);
  }

  private static String unquoted(String name) {
    boolean isQuoted =
        name.length() > 1
            && (name.charAt(0) == '`' || name.charAt(0) == '"')
            && name.charAt(name.length() - 1) == name.charAt(0);
    return isQuoted ? name.substring(1, name.length() - 1) : name;
  }

  boolean isAttribute() {
    return List.of("attr", "attribute", "attributes", "run").contains(kind);
  }

  MlflowProblem refused() {
    return MlflowProblem.invalid(
        "Invalid order_by clause '%s': there is no order by it.".formatted(Printable.word(text)));
  }
}
