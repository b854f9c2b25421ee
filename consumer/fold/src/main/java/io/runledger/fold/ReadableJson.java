package io.runledger.fold;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * What users give as JSON, by RFC 8259 and a little stricter: the functions of SQL and whatever
 * parses JSON after them must read every row, or one row of one user makes a query fail for all.
 */
public final class ReadableJson {

  /**
   * Jobs write 52 levels at most. Parsers give up at 1,000 (SQLite, Jackson, Python), and readers
   * nest what they print in a few levels themselves.
   */
  public static final int DEEPEST = 500;

  private static final JsonFactory STRICT =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final ObjectMapper TEXT =
      JsonMapper.builder().disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE).build();

  private ReadableJson() {}

  /**
   * Refuses what is not JSON; null is.
   *
   * @throws PoisonException when not every reader can read it
   */
  public static void require(String what, String json) {
    if (json != null && !isReadable(json)) {
      throw new PoisonException(
          "not JSON",
          "The %s of the event are not JSON that every reader understands: at most %d levels and no unpaired surrogates are allowed."
              .formatted(what, DEEPEST));
    }
  }

  /**
   * The same where it is JSON, else a JSON string that holds it: nothing of it is lost.
   *
   * @param json null stays null
   */
  public static String of(String json) {
    if (json == null || isReadable(json)) {
      return json;
    }
    try {
      // To SQLite a text ends at its first NUL.
      return TEXT.writeValueAsString(json.replace('\0', '\ufffd'));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A text always has a JSON form.", e);
    }
  }

  private static boolean isReadable(String json) {
    return isJson(json) && pairsSurrogates(json);
  }

  private static boolean isJson(String json) {
    try (JsonParser parser = STRICT.createParser(json)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (IOException notJson) {
      return false;
    }
  }

  /** Of a text that is JSON: whether what it escapes is text. */
  private static boolean pairsSurrogates(String json) {
    for (int i = json.indexOf('\\'); i >= 0; i = json.indexOf('\\', i + 2)) {
      int escaped = escaped(json, i);
      if (Character.isLowSurrogate((char) escaped)) {
        return false;
      }
      if (Character.isHighSurrogate((char) escaped)) {
        if (!Character.isLowSurrogate((char) escaped(json, i + 6))) {
          return false;
        }
        i += 6;
      }
    }
    return true;
  }

  /** The character escaped as four hexadecimal digits; 0 when there is none. */
  private static int escaped(String json, int at) {
    return json.startsWith("\\u", at) && at + 6 <= json.length()
        ? Integer.parseInt(json, at + 2, at + 6, 16)
        : 0;
  }
}
