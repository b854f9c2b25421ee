package io.runledger.query.filter;

import io.runledger.options.Since;
import io.runledger.query.failure.NearNames;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import io.runledger.schemas.RunStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Reads what a field is compared with, as the kind of the field wants it. */
final class Values {

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?");
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]{1,19}");
  private static final Pattern INFINITY = Pattern.compile("([+-]?)inf(inity)?");

  /** One or more of: a number and a unit. */
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}(\\.[0-9]{1,9})?[smhdw])+");

  private static final Pattern DURATION_PART = Pattern.compile("([0-9.]+)([smhdw])");

  private final String filter;
  private final Since since;

  Values(String filter, Clock clock) {
    this.filter = filter;
    this.since = new Since(clock);
  }

  /**
   * What a value may mean: one thing, or several where the field can be of several kinds.
   *
   * @throws FilterSyntaxException when a field of this kind is never such a value
   */
  List<Value> of(Field field, Operator operator, Token token) {
    String text = token.text();
    if (operator == Operator.CONTAINS) {
      return List.of(new Text(text));
    }
    return switch (field.kind()) {
      case TEXT -> List.of(new Text(text(field, operator, token)));
      case NUMBER -> List.of(number(field, operator, token));
      case INSTANT -> List.of(moment(token));
      case DURATION -> List.of(seconds(token));
      case TRUTH ->
          List.of(truth(text).orElseThrow(() -> problem(token, "this field is true or false.")));
      case ANY -> any(operator, token);
    };
  }

  private String text(Field field, Operator operator, Token token) {
    if (field == Attribute.STATUS && operator == Operator.EQUAL) {
      List<String> words = Arrays.stream(RunStatus.values()).map(RunStatus::word).toList();
      String word = token.text().toLowerCase(Locale.ROOT);
      if (!words.contains(word)) {
        throw problem(token, token.quoted() + " is not a status" + NearNames.hint(word, words));
      }
      return word;
    }
    return token.text();
  }

  private Value number(Field field, Operator operator, Token token) {
    Optional<Value> number = number(token.text());
    if (number.isEmpty()) {
      throw problem(token, "this field is a number, and " + token.quoted() + " is not one.");
    }
    boolean isOfMetric = field instanceof Field.MetricValue;
    if (number.get() instanceof NotANumber && (operator.isOrder() || !isOfMetric)) {
      throw problem(
          token,
          isOfMetric
              ? "nan is in no order with any number; compare with =."
              : "only values of metrics are nan.");
    }
    return number.get();
  }

  private static Optional<Value> number(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (WHOLE.matcher(text).matches()) {
      try {
        return Optional.of(new Whole(Long.parseLong(text)));
      } catch (NumberFormatException tooLarge) {
        return Optional.of(new Real(Double.parseDouble(text)));
      }
    }
    if (NUMBER.matcher(text).matches()) {
      return Optional.of(new Real(Double.parseDouble(text)));
    }
    Matcher infinity = INFINITY.matcher(lower);
    if (infinity.matches()) {
      boolean isNegative = infinity.group(1).equals("-");
      return Optional.of(
          new Real(isNegative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY));
    }
    return lower.equals("nan") ? Optional.of(new NotANumber()) : Optional.empty();
  }

  private Value moment(Token token) {
    try {
      return new Moment(since.convert(token.text()).truncatedTo(ChronoUnit.SECONDS));
    } catch (TypeConversionException e) {
      throw problem(token, "this field is a time: " + Since.HELP + ", not " + token.quoted() + ".");
    }
  }

  private Value seconds(Token token) {
    String text = token.text();
    if (DURATION.matcher(text).matches()) {
      double seconds = 0;
      Matcher part = DURATION_PART.matcher(text);
      while (part.find()) {
        Duration unit = Since.duration(1, part.group(2).charAt(0));
        seconds += Double.parseDouble(part.group(1)) * unit.toSeconds();
      }
      return new Real(seconds);
    }
    if (NUMBER.matcher(text).matches()) {
      return new Real(Double.parseDouble(text));
    }
    throw problem(
        token, "this field is a duration, such as 90s, 1h30m or 2d, not " + token.quoted() + ".");
  }

  private static Optional<Value> truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes" -> Optional.of(new Truth(true));
      case "false", "no" -> Optional.of(new Truth(false));
      default -> Optional.empty();
    };
  }

  /** In quotes it is a text and nothing else. */
  private List<Value> any(Operator operator, Token token) {
    List<Value> meant = new ArrayList<>();
    if (token.kind() != Token.Kind.QUOTED) {
      number(token.text()).filter(number -> !(number instanceof NotANumber)).ifPresent(meant::add);
      if (token.text().equals("true") || token.text().equals("false")) {
        meant.add(new Truth(token.text().equals("true")));
      }
    }
    // Of what can be a number, the order is that of numbers.
    if (meant.isEmpty() || !operator.isOrder()) {
      meant.add(new Text(token.text()));
    }
    return meant;
  }

  private FilterSyntaxException problem(Token token, String sentence) {
    return FilterSyntaxException.at(token, sentence, filter);
  }
}
