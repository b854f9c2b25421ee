package io.runledger.contract.oracle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;

/** Values as a database shows them, in the lines of {@link Oracle}. */
public final class OracleText {

  private static final ObjectMapper JSON = new ObjectMapper();

  private OracleText() {}

  /** A field of a record; nothing where there is no record. */
  public static Object get(SpecificRecord record, String field) {
    return record == null ? null : record.get(record.getSchema().getField(field).pos());
  }

  /** Fields of a record as the database shows them. */
  public static String fields(SpecificRecord record, String names) {
    return Arrays.stream(names.split(" ", -1))
        .map(name -> shown(get(record, name)))
        .collect(Collectors.joining("|"));
  }

  public static String shown(Object value) {
    if (value instanceof Instant at) {
      return text(at);
    }
    if (value instanceof Collection<?> texts) {
      return json(new TreeSet<>(texts));
    }
    if (value instanceof Map<?, ?> map) {
      return json(new TreeMap<>(map));
    }
    return String.valueOf(value instanceof Boolean yes ? (Object) flag(yes) : value);
  }

  public static String row(Object... values) {
    List<String> texts = new ArrayList<>();
    for (Object value : values) {
      texts.add(String.valueOf(value));
    }
    return String.join("|", texts);
  }

  public static Object orElse(Object first, Object second) {
    return first == null ? second : first;
  }

  public static int flag(boolean value) {
    return value ? 1 : 0;
  }

  /** A number as the database shows it: it has nothing where there is none, and for NaN. */
  public static Double number(Double value) {
    return value == null || Double.isNaN(value) ? null : value;
  }

  public static Long micros(Instant at) {
    return at == null ? null : at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }

  public static String text(Instant at) {
    return at == null ? null : at.toString().substring(0, 19).replace('T', ' ');
  }

  public static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  public static boolean sameJson(String one, String other) {
    try {
      return Objects.equals(one, other)
          || (one != null && other != null && JSON.readTree(one).equals(JSON.readTree(other)));
    } catch (JsonProcessingException cut) {
      return false;
    }
  }
}
