package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.runledger.config.Printable;
import io.runledger.http.Call;
import io.runledger.http.RequestBody;
import io.runledger.schemas.RunId;
import io.runledger.schemas.WellFormedText;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** The JSON of a call, of which names may be in the snake or the camel form of protocol buffers. */
final class CallBody {

  /**
   * A thousand metrics are 16,000 words of JSON, a thousand data sets 40,000; as many keys as a
   * body has room for would take a hundred times its bytes.
   */
  private static final int MOST_WORDS = 200_000;

  private static final int DEEPEST = 100;

  /** Characters of a number that comes as a text: millions of digits would take minutes to read. */
  private static final int LONGEST_NUMBER = 100;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxTokenCount(MOST_WORDS)
                          .maxNestingDepth(DEEPEST)
                          .build())
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  /** Signs that a name may have: those that are the same in a path and in a filter. */
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_\\-./ :]{1,250}");

  /** What programs print of a number: Java reads more, such as 1d and 0x1p3. */
  private static final Pattern REAL =
      Pattern.compile(
          "[+-]?(?:(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity)|NaN");

  private static final long LATEST = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

  private final JsonNode node;

  CallBody(JsonNode node) {
    this.node = node;
  }

  static CallBody of(Call call, RequestBody bodies) throws MlflowException {
    refuseOtherTypes(call);
    byte[] bytes;
    try {
      bytes = bodies.bytes(call);
    } catch (RequestBody.Refused e) {
      throw new MlflowException(
          e.status(),
          e.status() == 503 ? "TEMPORARILY_UNAVAILABLE" : "BAD_REQUEST",
          e.getMessage());
    }
    try {
      JsonNode node = JSON.readTree(bytes);
      if (node != null && node.isObject()) {
        refuseHalfPairs(node);
        return new CallBody(node);
      }
    } catch (StreamConstraintsException e) {
      throw new MlflowException(
          400,
          "BAD_REQUEST",
          "The body is more JSON than is read here: at most %d levels, %,d values and names, and 1,000 digits of a number."
              .formatted(DEEPEST, MOST_WORDS));
    } catch (JsonProcessingException e) {
      throw new MlflowException(
          400,
          "BAD_REQUEST",
          "The body is not JSON, as line %d shows at column %d."
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
    } catch (IOException e) {
      throw new IllegalStateException("Reading from memory cannot fail.", e);
    }
    throw new MlflowException(400, "BAD_REQUEST", "The body is not a JSON object.");
  }

  /** MLflow's rule, which no form on the page of another site can keep. */
  private static void refuseOtherTypes(Call call) throws MlflowException {
    String type =
        call.header("Content-Type")
            .orElseThrow(
                () -> MlflowException.invalid("Bad Request. Content-Type header is missing."));
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw MlflowException.invalid(
          "Bad Request. Content-Type must be one of ['application/json'].");
    }
  }

  /** A text without a UTF-8 form would come back from a file as another one, or not at all. */
  private static void refuseHalfPairs(JsonNode node) throws MlflowException {
    if (node.isTextual()) {
      refuseHalfPairs(node.textValue());
    }
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      refuseHalfPairs(member.getKey());
    }
    for (JsonNode child : node) {
      refuseHalfPairs(child);
    }
  }

  private static void refuseHalfPairs(String text) throws MlflowException {
    if (!WellFormedText.is(text)) {
      throw MlflowException.invalid(
          "The text '%s' has half of a surrogate pair, so it cannot be stored as UTF-8."
              .formatted(Printable.word(text)));
    }
  }

  JsonNode node() {
    return node;
  }

  /** The text; empty when it is not there, null or an empty text. */
  Optional<String> text(String name) throws MlflowException {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return Optional.empty();
    }
    if (value.isTextual()) {
      return Optional.of(value.textValue()).filter(text -> !text.isEmpty());
    }
    if (value.isNumber() || value.isBoolean()) {
      return Optional.of(value.asText());
    }
    throw MlflowException.invalid("The parameter '%s' must be a text.".formatted(name));
  }

  /** A text that may be empty, but must be there. */
  String value(String name) throws MlflowException {
    JsonNode value = node.path(name);
    if (value.isTextual() || value.isNumber() || value.isBoolean()) {
      return value.asText();
    }
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    throw MlflowException.invalid("The parameter '%s' must be a text.".formatted(name));
  }

  String needed(String name) throws MlflowException {
    return text(name).orElseThrow(() -> MlflowException.lacking(name));
  }

  /** A name of a parameter, metric or tag. */
  String name() throws MlflowException {
    String name = needed("key");
    if (!NAME.matcher(name).matches()) {
      throw MlflowException.invalid(
          "Invalid name '%s': a name has at most 250 letters, digits, spaces and signs of _-./:."
              .formatted(Printable.word(name)));
    }
    return name;
  }

  /** A whole number of 64 bits, which may come as a text. */
  OptionalLong number(String name) throws MlflowException {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return OptionalLong.empty();
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return OptionalLong.of(value.longValue());
    }
    if (isShort(value) && (value.isTextual() || value.isFloatingPointNumber())) {
      try {
        return OptionalLong.of(new BigDecimal(value.asText()).longValueExact());
      } catch (ArithmeticException | NumberFormatException e) {
        // The sentence below says what it must be.
      }
    }
    throw MlflowException.invalid(
        "The parameter '%s' must be a whole number of 64 bits, not '%s'."
            .formatted(name, Printable.word(value.asText())));
  }

  private static boolean isShort(JsonNode number) {
    return number.asText().length() <= LONGEST_NUMBER;
  }

  /** Milliseconds since 1970. */
  OptionalLong millis(String name) throws MlflowException {
    OptionalLong millis = number(name);
    if (millis.isPresent() && (millis.getAsLong() < 0 || millis.getAsLong() > LATEST)) {
      throw MlflowException.invalid(
          "The parameter '%s' must be milliseconds since 1970, not %d."
              .formatted(name, millis.getAsLong()));
    }
    return millis;
  }

  /** Any double; NaN and infinities come as texts. */
  double real(String name) throws MlflowException {
    JsonNode value = node.path(name);
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isTextual() && isShort(value) && REAL.matcher(value.textValue().strip()).matches()) {
      return Double.parseDouble(value.textValue().strip());
    }
    throw MlflowException.invalid(
        "The parameter '%s' must be a number, NaN, Infinity or -Infinity, not '%s'."
            .formatted(name, Printable.word(value.asText())));
  }

  /** The objects of a list; none when it is not there. */
  List<CallBody> list(String name, int most) throws MlflowException {
    JsonNode list = node.path(name);
    if (list.isMissingNode() || list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      throw MlflowException.invalid("The parameter '%s' must be a list.".formatted(name));
    }
    if (list.size() > most) {
      throw MlflowException.invalid(
          "A batch may contain at most %d %s. Got %d. Please split up the content into multiple batches and try again."
              .formatted(most, name, list.size()));
    }
    List<CallBody> objects = new ArrayList<>();
    for (JsonNode one : list) {
      if (!one.isObject()) {
        throw MlflowException.invalid(
            "The parameter '%s' must be a list of objects.".formatted(name));
      }
      objects.add(new CallBody(one));
    }
    return objects;
  }

  /** The run that the call is about. */
  RunId run() throws MlflowException {
    Optional<String> older = text("run_uuid");
    return runOf(text("run_id").isEmpty() && older.isPresent() ? older.get() : needed("run_id"));
  }

  /** The run that a call without a body is about. */
  static RunId runOf(Call call) throws MlflowException {
    return runOf(
        call.parameter("run_id")
            .or(() -> call.parameter("run_uuid"))
            .orElseThrow(() -> MlflowException.lacking("run_id")));
  }

  static RunId runOf(String id) throws MlflowException {
    try {
      return RunId.parse(id);
    } catch (IllegalArgumentException e) {
      throw MlflowException.missing("Run with id=%s not found".formatted(Printable.word(id)));
    }
  }
}
