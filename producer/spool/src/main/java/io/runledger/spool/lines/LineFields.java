package io.runledger.spool.lines;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.schemas.WellFormedText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Reads the fields of a JSON object that somebody else wrote. A field that is not there and one
 * that is null are the same; one that cannot be what it should is counted and left out.
 */
final class LineFields {

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
    Optional<Instant> time = LineTimes.of(object.get(name));
    if (time.isEmpty()) {
      lost(name, "seconds since 1970, or a string such as 2026-11-23T17:04:05Z");
    }
    return time.orElse(null);
  }

  /** Leaves the part out, and counts it. */
  void lost(String name, String expected) {
    // What the reader of the JSON had to leave out is counted already.
    if (!(object.get(name) instanceof LineTree.Lost)) {
      parts.add("'%s' of %s is not %s: %s".formatted(name, where, expected, object.path(name)));
    }
  }
}
