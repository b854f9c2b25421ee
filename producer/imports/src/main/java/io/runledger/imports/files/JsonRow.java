package io.runledger.imports.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.runledger.imports.lines.Losses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An object of JSON as texts by the names of its members; of nested objects, names are joined by
 * dots. Not thread-safe.
 */
final class JsonRow {

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();
  private final List<String> repeated = new ArrayList<>();
  private long nameless;

  private JsonRow() {}

  /** The row that a text is; empty when it is not an object of JSON. */
  static Optional<JsonRow> of(String text) {
    JsonRow row = new JsonRow();
    try (JsonParser json = Documents.json().createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      row.readMembers("", json);
      return json.nextToken() == null ? Optional.of(row) : Optional.empty();
    } catch (IOException | RuntimeException notJson) {
      return Optional.empty();
    }
  }

  private void readMembers(String prefix, JsonParser json) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = prefix + json.currentName();
      if (json.nextToken() == JsonToken.START_OBJECT) {
        readMembers(name + ".", json);
      } else if (name.isBlank()) {
        json.skipChildren();
        nameless++;
      } else {
        names.add(name);
        Optional<String> value = value(json);
        if (value.isPresent() && values.put(name, value.get()) != null) {
          repeated.add(name);
        }
      }
    }
  }

  private static Optional<String> value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case VALUE_NULL -> Optional.empty();
      case START_ARRAY -> Optional.of(Documents.valueAt(json).toString());
      case VALUE_NUMBER_FLOAT ->
          Optional.of(
              PlainNumbers.number(json).isPresent()
                  ? Double.toString(json.getDoubleValue())
                  : json.getText());
      default -> Optional.of(json.getText());
    };
  }

  /** The values that are there, by their names. */
  Map<String, String> values() {
    return values;
  }

  /** All names, also of what has no value. */
  Set<String> names() {
    return names;
  }

  /** Notes what of the row is not in its values. */
  void note(Path file, String place, Losses losses) {
    repeated.forEach(name -> losses.add(file, place, Cut.twice(name)));
    for (long i = 0; i < nameless; i++) {
      losses.leaveOut("values without a name");
    }
  }
}
