package io.runledger.imports.files;

import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.events.NodeEvent;

/**
 * Reads a document of YAML as plain values: an alias is what its anchor has, and a tag, such as
 * those of Python's objects, is at most a text. Where it cannot be read, it ends; the entries
 * before are kept. Not thread-safe.
 */
final class YamlTree {

  private static final int DEEPEST = 200;

  /** A document of a few lines can stand for more values than there is memory. */
  private static final int MOST_ALIASED = 100_000;

  private static final AnchoredFactory YAML = new AnchoredFactory();
  private static final String MERGE = "<<";

  /** How YAML 1.1 writes what JSON has no number for. */
  private static final Pattern SPECIAL =
      Pattern.compile("([+-]?)\\.(nan|inf)", Pattern.CASE_INSENSITIVE);

  /** A function or a class of Python: its name is in the tag, and its text is empty. */
  private static final Pattern PYTHON_NAME = Pattern.compile(".*python/(?:name|module):(.+)");

  private final Path file;
  private final Losses losses;
  private final AnchoredParser parser;
  private final JsonNodeFactory nodes = JsonNodeFactory.instance;
  private final Map<String, Anchored> anchors = new HashMap<>();
  private long made;
  private long aliased;

  /** A value that aliases may stand for, and of how many values it consists. */
  private record Anchored(JsonNode value, long size) {}

  private YamlTree(Path file, Losses losses, AnchoredParser parser) {
    this.file = file;
    this.losses = losses;
    this.parser = parser;
  }

  /** The object in a text; empty, and noted, when there is another value. */
  static Optional<ObjectNode> object(Path file, String text, Losses losses) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    try (YAMLParser parser = YAML.createParser(new StringReader(text))) {
      JsonToken first = parser.nextToken();
      // An empty file: nothing was written yet.
      if (first == null || first == JsonToken.VALUE_NULL) {
        return Optional.empty();
      }
      if (first != JsonToken.START_OBJECT) {
        losses.add(file, "all of it", "not an object, hence left out");
        return Optional.empty();
      }
      new YamlTree(file, losses, (AnchoredParser) parser).readEntries(object, 0);
    } catch (IOException | RuntimeException e) {
      losses.add(
          file,
          "behind its first %d keys".formatted(object.size()),
          "the rest cannot be read and is left out (" + Documents.firstLine(e) + ")");
      return Optional.of(object).filter(some -> !some.isEmpty());
    }
    return Optional.of(object);
  }

  private void readEntries(ObjectNode into, int depth) throws IOException {
    Set<String> own = new HashSet<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      JsonNode value = value(depth + 1);
      if (key.equals(MERGE)) {
        merge(into, value);
        continue;
      }
      if (!own.add(key)) {
        losses.add(file, place(), Cut.twice(key));
      }
      into.set(key, value);
    }
  }

  /** What the object says itself stays. */
  private static void merge(ObjectNode into, JsonNode value) {
    if (value instanceof ObjectNode object) {
      object.properties().forEach(each -> into.putIfAbsent(each.getKey(), each.getValue()));
    } else {
      value.forEach(each -> merge(into, each));
    }
  }

  private String place() {
    return "line " + parser.currentTokenLocation().getLineNr();
  }

  private JsonNode value(int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("it is nested more than %d times".formatted(DEEPEST));
    }
    if (parser.isCurrentAlias()) {
      return aliased(parser.getText());
    }
    Optional<String> anchor = parser.anchor();
    long before = made++;
    JsonNode value =
        switch (parser.currentToken()) {
          case START_OBJECT -> {
            ObjectNode object = nodes.objectNode();
            readEntries(object, depth);
            yield object;
          }
          case START_ARRAY -> {
            ArrayNode array = nodes.arrayNode();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
              array.add(value(depth + 1));
            }
            yield array;
          }
          default -> scalar();
        };
    if (anchor.isPresent()) {
      anchors.put(anchor.get(), new Anchored(value, made - before));
    }
    return value;
  }

  private JsonNode aliased(String anchor) throws IOException {
    Anchored found = anchors.get(anchor);
    if (found == null) {
      // As in a list that contains itself.
      losses.add(file, place(), "nothing before it is called '" + Cut.shown(anchor) + "'");
      return NullNode.instance;
    }
    made += found.size();
    aliased += found.size();
    if (aliased > MOST_ALIASED) {
      throw new IOException("its aliases stand for more than %,d values".formatted(MOST_ALIASED));
    }
    return found.value();
  }

  private JsonNode scalar() throws IOException {
    String text = parser.getText();
    return switch (parser.currentToken()) {
      case VALUE_NULL -> nodes.nullNode();
      case VALUE_TRUE -> nodes.booleanNode(true);
      case VALUE_FALSE -> nodes.booleanNode(false);
      case VALUE_EMBEDDED_OBJECT -> nodes.binaryNode(parser.getBinaryValue());
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == NumberType.BIG_INTEGER
              ? nodes.numberNode(parser.getBigIntegerValue())
              : nodes.numberNode(parser.getLongValue());
      case VALUE_NUMBER_FLOAT -> number(text);
      default -> text.isEmpty() ? nodes.textNode(nameOfPython()) : nodes.textNode(text);
    };
  }

  private JsonNode number(String text) throws IOException {
    Matcher special = SPECIAL.matcher(text);
    if (special.matches()) {
      double size =
          special.group(2).toLowerCase(Locale.ROOT).equals("nan")
              ? Double.NaN
              : Double.POSITIVE_INFINITY;
      return nodes.numberNode(special.group(1).equals("-") ? -size : size);
    }
    double number = parser.getDoubleValue();
    // Larger than any double: what was written is better than an infinity that was not.
    return Double.isFinite(number) ? nodes.numberNode(number) : nodes.textNode(text);
  }

  private String nameOfPython() throws IOException {
    Matcher name = PYTHON_NAME.matcher(String.valueOf(parser.getTypeId()));
    return name.matches() ? name.group(1) : "";
  }

  /** Jackson's parser knows the anchors of objects and lists, but not those of other values. */
  private static final class AnchoredParser extends YAMLParser {
    AnchoredParser(IOContext context, int features, int ofYaml, Reader reader) {
      super(context, features, ofYaml, new LoaderOptions(), null, reader);
    }

    Optional<String> anchor() {
      return _lastEvent instanceof NodeEvent event
          ? Optional.ofNullable(event.getAnchor())
          : Optional.empty();
    }
  }

  private static final class AnchoredFactory extends YAMLFactory {
    private static final long serialVersionUID = 1;

    @Override
    protected YAMLParser _createParser(Reader reader, IOContext context) {
      return new AnchoredParser(context, _parserFeatures, _yamlParserFeatures, reader);
    }
  }
}
