package io.runledger.spool.lines;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.runledger.spool.values.JsonText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the JSON of a line as programs write it: a part that cannot be read is lost alone. NaN and
 * the infinities become the texts NaN, Infinity and -Infinity.
 */
final class LineTree {

  /** Readers of JSON take names of 50,000 characters and numbers of 1,000 digits. */
  private static final int LONGEST_NAME = 10_000;

  private static final int LONGEST_NUMBER = 1_000;
  private static final int DEEPEST = 52;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
          .enable(JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS)
          .enable(JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          // Only the part that is too long is lost; the line as a whole has a bound already.
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .build())
          .build();

  /** Words for numbers as C, awk, R and Julia print them. */
  private static final Pattern WORD =
      Pattern.compile("[+-]?(?:nan(?:\\([a-z0-9_]*\\))?|inf(?:inity)?)", Pattern.CASE_INSENSITIVE);

  /** Stands for a value that is lost, and counted already. */
  static final class Lost extends TextNode {
    private static final long serialVersionUID = 1L;

    Lost(String text) {
      super(text);
    }
  }

  /** Where in its own code the JSON library has a limit, which it tells as well. */
  private static final Pattern SETTING = Pattern.compile(", from `[^`]*`");

  private final BadParts parts;

  private LineTree(BadParts parts) {
    this.parts = parts;
  }

  /**
   * The object of a line.
   *
   * @param parts receives what is lost
   * @throws BadLineException when the line is not JSON
   */
  static JsonNode of(byte[] line, BadParts parts) throws BadLineException {
    String text = text(line, parts);
    try {
      return parsed(text, parts);
    } catch (IOException e) {
      String repaired = withWords(text);
      if (!repaired.equals(text)) {
        try {
          return parsed(repaired, parts);
        } catch (IOException notThatEither) {
          e.addSuppressed(notThatEither);
        }
      }
      String message = String.valueOf(e.getMessage());
      String first = message.lines().findFirst().orElse("");
      throw new BadLineException("the line is not JSON: " + SETTING.matcher(first).replaceAll(""));
    }
  }

  private static String text(byte[] line, BadParts parts) {
    // Decoded first: Jackson would accept malformed UTF-8 in some places and not in others.
    try {
      return withoutMark(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)));
    } catch (CharacterCodingException e) {
      parts.add("the line is not UTF-8");
      return withoutMark(CharBuffer.wrap(new String(line, StandardCharsets.UTF_8)));
    }
  }

  /** Windows begins files with a byte order mark. */
  private static String withoutMark(CharBuffer text) {
    return !text.isEmpty() && text.charAt(0) == '\ufeff'
        ? text.subSequence(1, text.length()).toString()
        : text.toString();
  }

  private static JsonNode parsed(String text, BadParts parts) throws IOException, BadLineException {
    BadParts its = new BadParts();
    try (JsonParser parser = JSON.createParser(text)) {
      LineTree tree = new LineTree(its);
      if (parser.nextToken() == null) {
        throw new BadLineException("the line is empty");
      }
      JsonNode value = tree.value(parser, "the line", 0);
      if (parser.nextToken() != null) {
        throw new BadLineException("the line does not end after its JSON object");
      }
      parts.addAll(its);
      return value;
    }
  }

  private JsonNode value(JsonParser parser, String name, int depth)
      throws IOException, BadLineException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> depth > DEEPEST ? tooDeep(parser, name) : object(parser, name, depth);
      case START_ARRAY -> depth > DEEPEST ? tooDeep(parser, name) : array(parser, name, depth);
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NUMBER_INT -> whole(parser, name);
      case VALUE_NUMBER_FLOAT -> fraction(parser, name);
      default -> NODES.nullNode();
    };
  }

  private ObjectNode object(JsonParser parser, String where, int depth)
      throws IOException, BadLineException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.length() > LONGEST_NAME) {
        lost("a name in '" + where + "' has " + name.length() + " characters");
        if (where.equals("metrics")) {
          parser.skipChildren();
          continue;
        }
        name = JsonText.name(name);
      }
      if (object.has(name)) {
        if (depth == 0) {
          throw new BadLineException("'" + name + "' appears twice in the line");
        }
        lost("'" + name + "' appears twice in '" + where + "'; the last one is kept");
      }
      object.set(name, value(parser, name, depth + 1));
    }
    return object;
  }

  private ArrayNode array(JsonParser parser, String where, int depth)
      throws IOException, BadLineException {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser, where, depth + 1));
    }
    return array;
  }

  private JsonNode tooDeep(JsonParser parser, String name) throws IOException {
    parser.skipChildren();
    return lost("'" + name + "' is nested too deeply", "(nested too deeply)");
  }

  private JsonNode whole(JsonParser parser, String name) throws IOException {
    if (parser.getTextLength() > LONGEST_NUMBER) {
      return tooLong(parser, name);
    }
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  private JsonNode fraction(JsonParser parser, String name) throws IOException {
    if (parser.isNaN()) {
      return NODES.textNode(word(parser.getText()));
    }
    if (parser.getTextLength() > LONGEST_NUMBER) {
      return tooLong(parser, name);
    }
    double number = parser.getDoubleValue();
    if (Double.isInfinite(number)) {
      return lost("'" + name + "' does not fit in 64 bits", parser.getText());
    }
    return NODES.numberNode(number);
  }

  private JsonNode tooLong(JsonParser parser, String name) throws IOException {
    int digits = parser.getTextLength();
    return lost(
        "'" + name + "' is a number of " + digits + " digits",
        "(a number of " + digits + " digits)");
  }

  private void lost(String why) {
    parts.add(why);
  }

  private Lost lost(String why, String shown) {
    parts.add(why);
    return new Lost(shown);
  }

  /** The text with words for numbers that JSON does not know, in any case, as JSON texts. */
  private static String withWords(String text) {
    StringBuilder repaired = new StringBuilder();
    Matcher word = WORD.matcher(text);
    int from = 0;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '"') {
        i = behindText(text, i);
      } else if (":,[ \t".indexOf(c) >= 0 && word.region(i + 1, text.length()).lookingAt()) {
        repaired.append(text, from, i + 1).append('"').append(word(word.group())).append('"');
        from = word.end();
        i = from;
      } else {
        i++;
      }
    }
    return repaired.append(text, from, text.length()).toString();
  }

  private static int behindText(String text, int quote) {
    for (int i = quote + 1; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == '"') {
        return i + 1;
      }
    }
    return text.length();
  }

  /** The text for NaN or an infinity, always in the same spelling. */
  static String word(String printed) {
    String lower = printed.toLowerCase(Locale.ROOT);
    if (lower.contains("nan")) {
      return "NaN";
    }
    return lower.startsWith("-") ? "-Infinity" : "Infinity";
  }
}
