package io.runledger.query.dialect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.Kind;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.SummaryValue;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Json;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Several;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Columns of a statement over a row {@code r} of {@code experiment_runs} that give the values of
 * fields.
 *
 * @param sql the columns, each with a comma before it
 * @param bindings the values of their parameters
 * @param isPostgres whether they are of PostgreSQL, which has NaN, and results as JSON
 */
public record FieldValues(
    List<Field> fields, String sql, Map<String, Object> bindings, boolean isPostgres) {

  /**
   * Stands for NaN in a column, which is NULL in the database, where NULL is for what is not there.
   */
  public static final String NAN = "nan";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  public static FieldValues of(List<Field> fields, Store store, Instant now) {
    FieldDialect dialect = store.dialect(now);
    Bindings bindings = new Bindings("value");
    StringBuilder sql = new StringBuilder();
    for (int i = 0; i < fields.size(); i++) {
      sql.append(", ").append(dialect.value(fields.get(i), bindings)).append(" AS ");
      sql.append(column(i));
    }
    return new FieldValues(
        List.copyOf(fields), sql.toString(), bindings.values(), store.isPostgres());
  }

  private static String column(int field) {
    return "value_" + field;
  }

  /** The values of a row, in the order of the fields. */
  public List<Optional<Value>> read(ResultSet row) throws SQLException {
    List<Optional<Value>> values = new ArrayList<>(fields.size());
    for (int i = 0; i < fields.size(); i++) {
      values.add(value(fields.get(i), row, column(i)));
    }
    return values;
  }

  private Optional<Value> value(Field field, ResultSet row, String column) throws SQLException {
    Object stored = row.getObject(column);
    if (stored == null) {
      return Optional.empty();
    }
    if (field.kind() == Kind.INSTANT) {
      return TimeTexts.instant(stored.toString()).map(Moment::new);
    }
    if (field.kind() == Kind.TRUTH) {
      return Optional.of(new Truth(row.getInt(column) != 0));
    }
    if (field instanceof ConfigValue) {
      return Optional.of(ofJson(stored.toString()));
    }
    if (field instanceof Fact) {
      return Optional.of(new Several(texts(stored.toString())));
    }
    if (field instanceof SummaryValue && isPostgres) {
      return Optional.of(ofResult(stored.toString()));
    }
    return field instanceof MetricValue ? ofMetric(stored) : plain(stored);
  }

  /** A value that was logged, which may be NaN. */
  public static Optional<Value> ofMetric(Object stored) {
    return NAN.equals(stored) || (stored instanceof Double number && Double.isNaN(number))
        ? Optional.of(new NotANumber())
        : plain(stored);
  }

  /** What the store itself has. */
  public static Optional<Value> plain(Object stored) {
    if (stored == null) {
      return Optional.empty();
    }
    if (stored instanceof Integer || stored instanceof Long) {
      return Optional.of(new Whole(((Number) stored).longValue()));
    }
    if (stored instanceof BigDecimal decimal) {
      return Optional.of(ofDecimal(decimal));
    }
    return Optional.of(
        stored instanceof Double number ? new Real(number) : new Text(stored.toString()));
  }

  private static Value ofDecimal(BigDecimal decimal) {
    BigDecimal plain = decimal.stripTrailingZeros();
    boolean isWhole = plain.scale() <= 0 && plain.precision() - plain.scale() < 20;
    if (isWhole) {
      BigInteger whole = plain.toBigIntegerExact();
      if (whole.bitLength() < Long.SIZE) {
        return new Whole(whole.longValueExact());
      }
    }
    return new Real(decimal.doubleValue());
  }

  /** What SQLite has of a result: numbers and texts alone. */
  private static Value ofResult(String json) {
    Value value = ofJson(json);
    if (value instanceof Truth truth) {
      return new Text(Boolean.toString(truth.truth()));
    }
    if (value instanceof Json whole) {
      return isContainer(whole.json())
          ? new Text(whole.json())
          : new Real(Double.parseDouble(whole.json()));
    }
    return value;
  }

  private static boolean isContainer(String json) {
    return json.startsWith("{") || json.startsWith("[");
  }

  private static Value ofJson(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      if (node.isTextual()) {
        return new Text(node.textValue());
      }
      if (node.isBoolean()) {
        return new Truth(node.booleanValue());
      }
      if (node.isIntegralNumber() && node.canConvertToLong()) {
        return new Whole(node.longValue());
      }
      return node.isFloatingPointNumber() ? new Real(node.doubleValue()) : new Json(json);
    } catch (JsonProcessingException e) {
      // SQLite reads more as JSON than Jackson does.
      return new Json(json);
    }
  }

  private static List<String> texts(String json) {
    try {
      return JSON.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      return List.of(json);
    }
  }
}
