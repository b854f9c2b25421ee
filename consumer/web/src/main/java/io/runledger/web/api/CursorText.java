package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.runledger.query.format.Json;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.table.TableCursor;
import io.runledger.schemas.RunId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** A place in a table as a client carries it from one page to the next. */
final class CursorText {

  private CursorText() {}

  static String of(TableCursor cursor) {
    ArrayNode json = Json.array();
    json.add(cursor.run().firstAttemptId()).add(cursor.run().run().value());
    cursor.value().ifPresent(value -> json.add(Json.value(Optional.of(value))));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(json));
  }

  /**
   * Reads what {@link #of} wrote.
   *
   * @throws BadRequestException when it did not write this
   */
  static TableCursor read(String text) {
    try {
      JsonNode json =
          Json.parsed(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
      if (json.isArray() && json.path(0).isIntegralNumber() && json.path(1).isIntegralNumber()) {
        return new TableCursor(
            json.size() < 3 ? Optional.empty() : Optional.of(value(json.get(2))),
            new RunCursor(json.get(0).longValue(), new RunId(json.get(1).longValue())));
      }
    } catch (IllegalArgumentException e) {
      // Not in base 64, or the id is none; the sentence below says what to do.
    }
    throw new BadRequestException(
        "The parameter cursor is not the next of an earlier answer; begin without it.");
  }

  private static Object value(JsonNode json) {
    if (json.isIntegralNumber()) {
      return json.longValue();
    }
    return switch (json.asText()) {
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> json.isNumber() ? (Object) json.doubleValue() : json.asText();
    };
  }
}
