package io.runledger.query.filter;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.PathPart;
import io.runledger.query.filter.Field.SummaryValue;
import io.runledger.query.filter.Filter.And;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;
import io.runledger.query.filter.Filter.Not;
import io.runledger.query.filter.Filter.Or;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** What a filter means, as plainly as it can be said, for what the statements are held against. */
final class NaiveFilter {

  /**
   * What a run has.
   *
   * @param metrics values in the order of logging
   */
  record Facts(
      Map<Attribute, Object> attributes,
      Map<Fact, List<String>> facts,
      JsonNode config,
      Map<String, JsonNode> summary,
      Map<String, List<Double>> metrics) {}

  private NaiveFilter() {}

  static boolean passes(Filter filter, Facts run) {
    if (filter instanceof And and) {
      return and.parts().stream().allMatch(part -> passes(part, run));
    }
    if (filter instanceof Or or) {
      return or.parts().stream().anyMatch(part -> passes(part, run));
    }
    if (filter instanceof Not not) {
      return !passes(not.part(), run);
    }
    if (filter instanceof Missing missing) {
      return values(missing.field(), run).isEmpty();
    }
    Compared test = (Compared) filter;
    if (test.operator() == Operator.HAS && test.field() instanceof ConfigValue config) {
      return found(config, run)
          .filter(JsonNode::isArray)
          .map(
              list ->
                  StreamSupport.stream(list.spliterator(), false).anyMatch(one -> is(one, test)))
          .orElse(false);
    }
    return values(test.field(), run).stream().anyMatch(value -> is(value, test));
  }

  static List<?> values(Field field, Facts run) {
    if (field instanceof Attribute attribute) {
      return Optional.ofNullable(run.attributes().get(attribute)).stream().toList();
    }
    if (field instanceof Fact fact) {
      return run.facts().getOrDefault(fact, List.of());
    }
    if (field instanceof SummaryValue summary) {
      return Optional.ofNullable(run.summary().get(summary.name()))
          .filter(value -> !value.isNull())
          .stream()
          .toList();
    }
    if (field instanceof MetricValue metric) {
      return Optional.ofNullable(run.metrics().get(metric.metric()))
          .map(points -> number(points, metric.aggregate()))
          .stream()
          .toList();
    }
    return found((ConfigValue) field, run).stream().toList();
  }

  private static Optional<JsonNode> found(ConfigValue value, Facts run) {
    JsonNode at = run.config();
    for (PathPart part : value.path()) {
      at =
          at.isArray() && part.isPlace()
              ? at.path(Integer.parseInt(part.name()))
              : at.path(part.name());
    }
    if (at.isMissingNode() && value.path().stream().noneMatch(PathPart::isQuoted)) {
      at =
          run.config()
              .path(value.path().stream().map(PathPart::name).collect(Collectors.joining(".")));
    }
    return Optional.of(at).filter(found -> !found.isMissingNode() && !found.isNull());
  }

  private static Object number(List<Double> points, Aggregate aggregate) {
    double[] numbers =
        points.stream().filter(point -> !point.isNaN()).mapToDouble(one -> one).toArray();
    return switch (aggregate) {
      case LAST -> points.get(points.size() - 1);
      case MIN -> Arrays.stream(numbers).min().orElse(Double.NaN);
      case MAX -> Arrays.stream(numbers).max().orElse(Double.NaN);
      case COUNT -> (long) points.size();
      case NAN_COUNT -> (long) (points.size() - numbers.length);
      default -> throw new IllegalArgumentException(aggregate.word());
    };
  }

  private static boolean is(Object stored, Compared test) {
    Object value = stored instanceof JsonNode node ? plain(node) : stored;
    if (test.operator() == Operator.CONTAINS) {
      boolean hasText =
          value instanceof String || (stored instanceof JsonNode node && node.isContainerNode());
      return hasText && lower(value.toString()).contains(lower(((Text) test.value()).text()));
    }
    if (test.value() instanceof NotANumber) {
      return value instanceof Double number && number.isNaN();
    }
    if (test.value() instanceof Truth truth) {
      return value.equals(
          test.field() instanceof SummaryValue ? truth.truth() + "" : truth.truth());
    }
    Optional<Integer> order = order(value, test.value());
    return order.isPresent()
        && switch (test.operator()) {
          case LESS -> order.get() < 0;
          case AT_MOST -> order.get() <= 0;
          case GREATER -> order.get() > 0;
          case AT_LEAST -> order.get() >= 0;
          default -> order.get() == 0;
        };
  }

  static Object plain(JsonNode node) {
    if (node.isTextual()) {
      return node.textValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    return node.isNumber() ? node.numberValue() : node;
  }

  /** Less than, equal to or greater than zero; empty for values of two kinds. */
  private static Optional<Integer> order(Object stored, Value value) {
    if (stored instanceof String text) {
      return value instanceof Text other
          ? Optional.of(
              Arrays.compareUnsigned(
                  text.getBytes(StandardCharsets.UTF_8),
                  other.text().getBytes(StandardCharsets.UTF_8)))
          : Optional.empty();
    }
    if (!(stored instanceof Number number) || !(value instanceof Whole || value instanceof Real)) {
      return Optional.empty();
    }
    double left = number.doubleValue();
    double right = value instanceof Whole whole ? whole.number() : ((Real) value).number();
    if (Double.isNaN(left)) {
      return Optional.empty();
    }
    if (Double.isInfinite(left) || Double.isInfinite(right)) {
      return Optional.of(Double.compare(left, right));
    }
    BigDecimal exact =
        value instanceof Whole whole ? BigDecimal.valueOf(whole.number()) : new BigDecimal(right);
    BigDecimal own =
        number instanceof Long || number instanceof Integer
            ? BigDecimal.valueOf(number.longValue())
            : new BigDecimal(left);
    return Optional.of(own.compareTo(exact));
  }

  private static String lower(String text) {
    StringBuilder lower = new StringBuilder(text);
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        lower.setCharAt(i, (char) (c + 'a' - 'A'));
      }
    }
    return lower.toString();
  }
}
