package io.runledger.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.RunKeyParts;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Sets of texts and run keys as the JSON that tables hold. */
final class JsonColumns {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
  private static final TypeReference<List<Object>> PARTS = new TypeReference<>() {};

  private JsonColumns() {}

  /** What {@link #json} wrote; empty for null. */
  static Optional<RunKey> runKey(String json) {
    if (json == null) {
      return Optional.empty();
    }
    List<Object> parts = parsed(json, PARTS);
    return Optional.of(
        RunKey.of(
            (String) parts.get(0),
            (String) parts.get(1),
            (String) parts.get(2),
            (String) parts.get(3),
            (String) parts.get(4),
            parts.get(5) == null ? null : Long.valueOf(((Number) parts.get(5)).longValue())));
  }

  /** The six parts of a run key as a JSON array. */
  static String json(RunKey key) {
    RunKeyParts parts = key.parts();
    return written(
        Arrays.asList(
            parts.getExperiment(),
            parts.getDataset(),
            parts.getMethod(),
            parts.getSubject(),
            parts.getClInfo(),
            parts.getSeed()));
  }

  /** A set of texts as a sorted JSON array. */
  static String jsonSet(Collection<String> texts) {
    return written(new TreeSet<>(texts));
  }

  /** What {@link #jsonSet} wrote. */
  static List<String> texts(String json) {
    return json.equals("[]") ? List.of() : parsed(json, TEXTS);
  }

  private static <T> T parsed(String json, TypeReference<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that the fold wrote cannot be read: " + json, e);
    }
  }

  private static String written(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts and numbers always have a JSON form.", e);
    }
  }
}
