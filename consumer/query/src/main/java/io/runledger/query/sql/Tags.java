package io.runledger.query.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads the tags of a run, a JSON array of texts. */
final class Tags {

  /** Token by token: making a mapper of objects takes a read verb longer than its work. */
  private static final JsonFactory JSON = new JsonFactory();

  private Tags() {}

  static List<String> of(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      List<String> tags = new ArrayList<>();
      JsonToken token = parser.nextToken();
      if (token != JsonToken.START_ARRAY) {
        throw new IOException("It begins with " + token + ".");
      }
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        tags.add(parser.getText());
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw new IOException("It holds " + parser.currentToken() + ".");
      }
      return List.copyOf(tags);
    } catch (IOException e) {
      // Shown as they are: one run must not hide the others.
      return List.of(json);
    }
  }
}
