package io.runledger.query.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.metrics.MetricSummary.Mark;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * JSON for programs: absent is null, NaN and infinities are texts, characters beyond ASCII are
 * escaped so that any terminal's encoding carries them.
 */
public final class Json {

  /**
   * What is in a database may be as deep as its parser allows, and is nested a few levels deep
   * here.
   */
  private static final int DEEPEST = 1_100;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamWriteConstraints(
                      StreamWriteConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          // 100.0 stays 100.0 and does not become 1E+2
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private static final ObjectWriter LINES =
      MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static void print(PrintWriter out, JsonNode document) {
    out.println(pretty(document));
  }

  /** All of it on one line. */
  public static String line(JsonNode document) {
    return new String(bytes(document), StandardCharsets.UTF_8);
  }

  /** All of it on one line, in UTF-8. */
  public static byte[] bytes(JsonNode document) {
    try {
      return LINES.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of texts and numbers always has a JSON form.", e);
    }
  }

  /** Writes as {@link #print} does, a piece at a time, and leaves {@code out} open. */
  static JsonGenerator generator(PrintWriter out) {
    try {
      return MAPPER
          .writerWithDefaultPrettyPrinter()
          .createGenerator(out)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    } catch (IOException e) {
      throw new UncheckedIOException("The output cannot be written.", e);
    }
  }

  private static String pretty(JsonNode document) {
    try {
      return MAPPER.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of texts and numbers always has a JSON form.", e);
    }
  }

  /**
   * What a job gave as JSON, indented for people; unchanged when it is not JSON (it was truncated).
   */
  public static String indented(String json) {
    JsonNode node = parsed(json);
    return node.isTextual() ? json : node.toPrettyString();
  }

  /** What a job gave as JSON; as a text when it is none (it was cut). */
  public static JsonNode parsed(String json) {
    try {
      JsonNode node = MAPPER.readTree(json);
      return node.isMissingNode() ? JsonNodeFactory.instance.textNode(json) : node;
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.textNode(json);
    }
  }

  /** A value of SQL. */
  public static JsonNode value(Optional<Object> value) {
    JsonNodeFactory node = JsonNodeFactory.instance;
    if (value.isEmpty()) {
      return node.nullNode();
    }
    if (value.get() instanceof Long number) {
      return node.numberNode(number);
    }
    return value.get() instanceof Double number
        ? node.numberNode(number)
        : node.textNode(value.get().toString());
  }

  public static JsonNode parsed(Optional<String> json) {
    return json.map(Json::parsed).orElseGet(JsonNodeFactory.instance::nullNode);
  }

  static String text(Optional<String> value) {
    return value.orElse(null);
  }

  public static Long number(OptionalLong value) {
    return value.isPresent() ? Long.valueOf(value.getAsLong()) : null;
  }

  public static Integer number(OptionalInt value) {
    return value.isPresent() ? Integer.valueOf(value.getAsInt()) : null;
  }

  public static Double number(OptionalDouble value) {
    return value.isPresent() ? Double.valueOf(value.getAsDouble()) : null;
  }

  public static ObjectNode mark(Mark mark) {
    return object()
        .put("value", mark.value())
        .put("step", number(mark.step()))
        .set("epoch", epoch(mark.epoch()));
  }

  /** A whole one as a whole number. */
  static JsonNode epoch(OptionalDouble epoch) {
    if (epoch.isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    double value = epoch.getAsDouble();
    return Numbers.isWhole(value)
        ? JsonNodeFactory.instance.numberNode((long) value)
        : JsonNodeFactory.instance.numberNode(value);
  }

  public static JsonNode mark(Optional<Mark> mark) {
    return mark.map(Json::mark)
        .map(JsonNode.class::cast)
        .orElseGet(JsonNodeFactory.instance::nullNode);
  }
}
