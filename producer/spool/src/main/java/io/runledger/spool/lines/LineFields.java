package io.runledger.spool.lines;

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
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Reads the fields of a JSON object that somebody else wrote. A field that is not there and one
 * that is null are the same; one that cannot be what it should is counted and left out.
 */
final class LineFields {

  /** Seconds up to the year 5138; a larger number is in a smaller unit. */
  private static final BigDecimal MOST_SECONDS = BigDecimal.valueOf(100_000_000_000L);

  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1_000);
  private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
  private static final int LAST_YEAR = 9_999;

  private final JsonNode object;
  private final String where;
  private final BadParts parts;

  /**
   * @param where what the object is, for error messages
   * @param parts receives what cannot be read
   */
  LineFields(JsonNode object, String where, BadParts parts) throws BadLineException {
    this(where, object, parts);
    if (!object.isObject()) {
      throw new BadLineException(where + " is not a JSON object");
    }
  }

  private LineFields(String where, JsonNode object, BadParts parts) {
    this.object = object;
    this.where = where;
    this.parts = parts;
  }

  boolean has(String name) {
    return object.hasNonNull(name);
  }

  JsonNode node(String name) {
    return object.path(name);
  }

  BadParts parts() {
    return parts;
  }

  LineFields object(String name) throws BadLineException {
    return new LineFields(object.path(name), "'" + name + "'", parts);
  }

  /** The fields of a node that is known to be an object. */
  LineFields inside(String name) {
    return new LineFields("'" + name + "'", object.path(name), parts);
  }

  /** A text, or null; a whole number is the text of its digits. */
  String text(String name) {
    if (!has(name)) {
      return null;
    }
    JsonNode node = object.get(name);
    if (node.isTextual() || node.isIntegralNumber()) {
      return WellFormedText.of(node.asText());
    }
    lost(name, "a string");
    return null;
  }

  String requiredText(String name) throws BadLineException {
    String text = text(name);
    if (text == null) {
      throw new BadLineException(where + " has no '" + name + "'");
    }
    return text;
  }

  /** A whole number, or null. */
  Long whole(String name) {
    if (!has(name)) {
      return null;
    }
    OptionalLong whole = LineNumbers.whole(object.get(name));
    if (whole.isEmpty()) {
      lost(name, "a 64-bit integer");
      return null;
    }
    return whole.getAsLong();
  }

  /** A whole number from a range, or null. */
  Integer small(String name, int lowest, int highest) {
    Long value = whole(name);
    if (value == null) {
      return null;
    }
    if (value < lowest || value > highest) {
      lost(name, "between " + lowest + " and " + highest);
      return null;
    }
    return value.intValue();
  }

  /** A finite number, or null. */
  Double finite(String name) {
    if (!has(name)) {
      return null;
    }
    OptionalDouble number = LineNumbers.number(object.get(name));
    if (number.isEmpty() || !Double.isFinite(number.getAsDouble()) || node(name).isBoolean()) {
      lost(name, "a finite number");
      return null;
    }
    return number.getAsDouble();
  }

  Boolean flag(String name) {
    if (!has(name)) {
      return null;
    }
    if (!object.get(name).isBoolean()) {
      lost(name, "true or false");
      return null;
    }
    return object.get(name).booleanValue();
  }

  /** The texts of an array; none when it is not there. */
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    JsonNode node = object.path(name);
    if (node.isTextual()) {
      texts.add(WellFormedText.of(node.textValue()));
    } else if (node.isArray()) {
      for (JsonNode each : node) {
        if (each.isTextual() || each.isIntegralNumber()) {
          texts.add(WellFormedText.of(each.asText()));
        } else {
          parts.add(
              "'%s' of %s holds an element that is not a string: %s".formatted(name, where, each));
        }
      }
    } else if (has(name)) {
      parts.add("'%s' of %s is not an array of strings".formatted(name, where));
    }
    return texts;
  }

  /**
   * A time with microseconds: seconds, milliseconds, microseconds or nanoseconds since 1970, told
   * apart by the size of the number, or an ISO 8601 text with an offset; or null.
   */
  Instant instant(String name) {
    if (!has(name)) {
      return null;
    }
    JsonNode node = object.get(name);
    try {
      OptionalDouble number = LineNumbers.number(node);
      if (number.isPresent()
          && !node.isBoolean()
          && Double.isFinite(number.getAsDouble())
          && number.getAsDouble() >= 0) {
        BigDecimal seconds =
            node.isNumber() ? node.decimalValue() : new BigDecimal(node.asText().strip());
        for (int i = 0; i < 3 && seconds.compareTo(MOST_SECONDS) >= 0; i++) {
          seconds = seconds.divide(THOUSAND);
        }
        if (seconds.compareTo(MOST_SECONDS) < 0) {
          long micros = seconds.multiply(MICROS).setScale(0, RoundingMode.HALF_UP).longValueExact();
          return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        }
      } else if (node.isTextual()) {
        OffsetDateTime time = OffsetDateTime.parse(iso(node.textValue().strip()));
        if (time.getYear() >= 1970 && time.getYear() <= LAST_YEAR) {
          return time.toInstant().truncatedTo(ChronoUnit.MICROS);
        }
      }
    } catch (DateTimeException | ArithmeticException notOne) {
      // said below
    }
    lost(name, "seconds since 1970, or a string such as 2026-11-23T17:04:05Z");
    return null;
  }

  /** Also what {@code date} prints: a blank for the T, a comma in the seconds, +0100. */
  private static String iso(String text) {
    return text.replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T")
        .replace(',', '.')
        .replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2");
  }

  /** Leaves the part out, and counts it. */
  void lost(String name, String expected) {
    // What the reader of the JSON had to leave out is counted already.
    if (!(object.get(name) instanceof LineTree.Lost)) {
      parts.add("'%s' of %s is not %s: %s".formatted(name, where, expected, object.path(name)));
    }
  }
}
