package io.runledger.fold;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Texts of events without the character U+0000: to SQLite a text ends there, and PostgreSQL holds
 * none. U+FFFD takes its place, so that a row says that something was there.
 */
public final class WithoutNul {

  private static final char REPLACEMENT = '\ufffd';

  /** In JSON a NUL is an escape; one that is not makes it no JSON, which is told elsewhere. */
  private static final Set<String> JSON_FIELDS = Set.of("config", "results", "metadata");

  /** After an even number of backslashes, or the escape would be a text about one. */
  private static final Pattern ESCAPED = Pattern.compile("(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000");

  private WithoutNul() {}

  /** The text, or its copy with U+FFFD for each NUL. */
  public static String of(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace('\0', REPLACEMENT);
  }

  /** The event, or a copy with other texts where one of it contains a NUL. */
  public static SpecificRecord of(SpecificRecord event) {
    return (SpecificRecord) replaced("", event);
  }

  /** The value itself where it has no NUL. Lists and maps of events hold texts. */
  private static Object replaced(String field, Object value) {
    if (value instanceof IndexedRecord record) {
      return inRecord(record);
    }
    if (value instanceof String text) {
      return JSON_FIELDS.contains(field) ? inJson(text) : of(text);
    }
    if (value instanceof List<?> list && list.stream().anyMatch(WithoutNul::hasNul)) {
      return list.stream().map(text -> of((String) text)).toList();
    }
    if (value instanceof Map<?, ?> map
        && Stream.concat(map.keySet().stream(), map.values().stream())
            .anyMatch(WithoutNul::hasNul)) {
      Map<String, String> texts = new LinkedHashMap<>();
      map.forEach((key, text) -> texts.put(of((String) key), of((String) text)));
      return texts;
    }
    return value;
  }

  private static boolean hasNul(Object value) {
    return value instanceof String text && text.indexOf('\0') >= 0;
  }

  private static IndexedRecord inRecord(IndexedRecord record) {
    IndexedRecord copy =
        (IndexedRecord) SpecificData.newInstance(record.getClass(), record.getSchema());
    boolean differs = false;
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      Object without = replaced(field.name(), value);
      differs |= without != value;
      copy.put(field.pos(), without);
    }
    return differs ? copy : record;
  }

  /** The character and not its escape: SQLite takes an escaped name for another one. */
  private static String inJson(String json) {
    return json.contains("\\u0000") ? ESCAPED.matcher(json).replaceAll("$1" + REPLACEMENT) : json;
  }
}
