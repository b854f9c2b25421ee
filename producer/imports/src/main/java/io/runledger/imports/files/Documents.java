package io.runledger.imports.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads small documents of JSON and YAML as trees; nothing that they name is ever loaded or made.
 */
public final class Documents {

  /** Of a configuration, more is hardly one. */
  private static final long LONGEST = 64L << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(200).build())
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectReader PART =
      JSON.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Documents() {}

  /** A mapper of JSON whose NaN and infinities may be bare words, as Python writes them. */
  public static ObjectMapper json() {
    return JSON;
  }

  /** How a file becomes an object. */
  private interface Reading {
    Optional<ObjectNode> of(Path file) throws IOException;
  }

  /** An object of JSON in a file; empty, and noted, when the file has none. */
  public static Optional<ObjectNode> json(Path file, Losses losses) {
    return object(file, losses, each -> jsonIn(each, losses));
  }

  /**
   * The members of an object of JSON that come before the place where its file is damaged or cut,
   * and the rest is noted; all of them when it is sound.
   */
  public static Optional<ObjectNode> leadingJson(Path file, Losses losses) {
    return object(file, losses, each -> leadingJsonIn(each, losses));
  }

  /**
   * An object of YAML in a file; empty, and noted, when the file has none. Of a file that is
   * damaged or cut, it is what comes before that, and the rest is noted.
   */
  public static Optional<ObjectNode> yaml(Path file, Losses losses) {
    return object(file, losses, each -> yamlIn(each, losses));
  }

  private static Optional<ObjectNode> object(Path file, Losses losses, Reading reading) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > LONGEST) {
        losses.add(file, "all of it", "larger than 64 MB, hence left out");
        return Optional.empty();
      }
      return reading.of(file);
    } catch (IOException e) {
      losses.add(file, "all of it", "cannot be read (" + SourceTree.reason(e) + ")");
    } catch (RuntimeException e) {
      losses.add(file, "all of it", "cannot be read (" + firstLine(e) + ")");
    }
    return Optional.empty();
  }

  private static Optional<ObjectNode> jsonIn(Path file, Losses losses) throws IOException {
    JsonNode tree = JSON.readTree(file.toFile());
    if (tree instanceof ObjectNode object) {
      return Optional.of(object);
    }
    // An empty file: nothing was written yet.
    if (tree != null && !tree.isMissingNode() && !tree.isNull()) {
      losses.add(file, "all of it", "not an object, hence left out");
    }
    return Optional.empty();
  }

  private static Optional<ObjectNode> leadingJsonIn(Path file, Losses losses) throws IOException {
    ObjectNode object = JSON.createObjectNode();
    try (JsonParser json = JSON.createParser(file.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return jsonIn(file, losses);
      }
      json.nextToken();
      while (json.currentToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        JsonNode value = valueAt(json);
        // What follows shows that it is whole: half a number is a number, too.
        json.nextToken();
        object.set(name, value);
      }
    } catch (JsonProcessingException e) {
      losses.add(
          file,
          "behind its first %d keys".formatted(object.size()),
          "the rest cannot be read and is left out (" + firstLine(e) + ")");
    }
    return Optional.of(object);
  }

  private static Optional<ObjectNode> yamlIn(Path file, Losses losses) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    int end = text.lastIndexOf('\n') + 1;
    if (end < text.length()) {
      // Half a number is a number, too.
      losses.add(file, "its last line", TextLines.TORN);
    }
    return YamlTree.object(file, text.substring(0, end), losses);
  }

  /** An object of JSON in a text; empty when it is not one. */
  public static Optional<ObjectNode> jsonObject(String text) {
    return jsonValue(text).filter(JsonNode::isObject).map(ObjectNode.class::cast);
  }

  /** Any value of JSON in a text; empty when it is not one. */
  public static Optional<JsonNode> jsonValue(String text) {
    try {
      return Optional.ofNullable(JSON.readTree(text)).filter(node -> !node.isMissingNode());
    } catch (IOException | RuntimeException notJson) {
      return Optional.empty();
    }
  }

  /** The value at which a parser is; behind it, the parser has no token until the next one. */
  static JsonNode valueAt(JsonParser json) throws IOException {
    return PART.readTree(json);
  }

  /** What an exception says, without the source that Jackson appends. */
  public static String firstLine(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
