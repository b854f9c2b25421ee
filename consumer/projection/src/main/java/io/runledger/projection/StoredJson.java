package io.runledger.projection;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Tells whether a text may stand in a column of JSON. SQLite's json_extract fails for the whole
 * statement at the first row that it cannot parse, so one such row would take everybody's query
 * with it.
 */
final class StoredJson {

  /**
   * As deep as SQLite's own parser goes (JSON_MAX_DEPTH of https://www.sqlite.org/json1.html). What
   * is long is no trouble: a record's size is limited already.
   */
  private static final JsonFactory STRICT =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(1_000)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private StoredJson() {}

  /** What is wrong with it, to stand behind "The results"; empty when it is one value of JSON. */
  static Optional<String> trouble(String text) {
    try (JsonParser parser = STRICT.createParser(text)) {
      if (parser.nextToken() == null) {
        return Optional.of("are an empty text, which is not JSON");
      }
      parser.skipChildren();
      return parser.nextToken() == null
          ? Optional.empty()
          : Optional.of("have something behind the end of their JSON");
    } catch (JsonProcessingException e) {
      return Optional.of("are not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("A text in memory cannot be read.", e);
    }
  }
}
