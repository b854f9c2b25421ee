package io.runledger.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.schemas.WellFormedText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the fields of a JSON object that somebody else wrote. A field that is not there and one
 * that is null are the same.
 */
final class LineFields {

  private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal LAST_MICROS = BigDecimal.valueOf(Long.MAX_VALUE);

  private final JsonNode object;
  private final String where;

  /**
   * @param where what the object is, for the sentences of complaint
   */
  LineFields(JsonNode object, String where) throws BadLineException {
    if (!object.isObject()) {
      throw new BadLineException(where + " is no JSON object");
    }
    this.object = object;
    this.where = where;
  }

  boolean has(String name) {
    return object.hasNonNull(name);
  }

  JsonNode node(String name) {
    return object.path(name);
  }

  LineFields object(String name) throws BadLineException {
    return new LineFields(object.path(name), "'" + name + "'");
  }

  /** A text, or null. */
  String text(String name) throws BadLineException {
    if (!has(name)) {
      return null;
    }
    if (!object.get(name).isTextual()) {
      throw wrong(name, "a text");
    }
    return WellFormedText.of(object.get(name).textValue());
  }

  String requiredText(String name) throws BadLineException {
    String text = text(name);
    if (text == null) {
      throw new BadLineException(where + " has no '" + name + "'");
    }
    return text;
  }

  /** A whole number, or null; 3.0 is one. */
  Long whole(String name) throws BadLineException {
    if (!has(name)) {
      return null;
    }
    JsonNode node = object.get(name);
    double value = node.isNumber() ? node.doubleValue() : Double.NaN;
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    if (value != Math.rint(value) || Math.abs(value) > 1L << 53) {
      throw wrong(name, "a whole number of at most 63 bits");
    }
    return (long) value;
  }

  /** A whole number from a range, or null. */
  Integer small(String name, int lowest, int highest) throws BadLineException {
    Long value = whole(name);
    if (value == null) {
      return null;
    }
    if (value < lowest || value > highest) {
      throw wrong(name, "between " + lowest + " and " + highest);
    }
    return value.intValue();
  }

  /** A number, or null; the words NaN, Infinity and -Infinity are numbers. */
  Double number(String name) throws BadLineException {
    if (!has(name)) {
      return null;
    }
    return number(name, object.get(name));
  }

  static Double number(String name, JsonNode node) throws BadLineException {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    return switch (node.isTextual() ? node.textValue() : "") {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> throw new BadLineException("'" + name + "' is no number");
    };
  }

  Boolean flag(String name) throws BadLineException {
    if (!has(name)) {
      return null;
    }
    if (!object.get(name).isBoolean()) {
      throw wrong(name, "true or false");
    }
    return object.get(name).booleanValue();
  }

  /** The texts of an array; none when it is not there. */
  List<String> texts(String name) throws BadLineException {
    List<String> texts = new ArrayList<>();
    if (has(name)) {
      if (!object.get(name).isArray()) {
        throw wrong(name, "an array of texts");
      }
      for (JsonNode each : object.get(name)) {
        if (!each.isTextual()) {
          throw wrong(name, "an array of texts");
        }
        texts.add(WellFormedText.of(each.textValue()));
      }
    }
    return texts;
  }

  /** Seconds since 1970 or an ISO 8601 text with an offset, to the microsecond; or null. */
  Instant instant(String name) throws BadLineException {
    if (!has(name)) {
      return null;
    }
    JsonNode node = object.get(name);
    try {
      if (node.isTextual()) {
        return OffsetDateTime.parse(node.textValue()).toInstant().truncatedTo(ChronoUnit.MICROS);
      }
      double seconds = node.isNumber() ? node.doubleValue() : Double.NaN;
      if (Double.isFinite(seconds) && seconds >= 0) {
        BigDecimal micros =
            BigDecimal.valueOf(seconds).multiply(MICROS).setScale(0, RoundingMode.HALF_UP);
        if (micros.compareTo(LAST_MICROS) <= 0) {
          return Instant.EPOCH.plus(micros.longValueExact(), ChronoUnit.MICROS);
        }
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw wrong(name, "a time: " + e.getMessage());
    }
    throw wrong(name, "seconds since 1970, or a text such as 2026-11-23T17:04:05Z");
  }

  private BadLineException wrong(String name, String expected) {
    return new BadLineException("'" + name + "' of " + where + " is not " + expected);
  }
}
