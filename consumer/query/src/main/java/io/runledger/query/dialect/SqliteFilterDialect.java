package io.runledger.query.dialect;

import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.SummaryValue;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import java.time.Instant;

/** Filters in SQLite's words, over a row {@code r} of {@code experiment_runs} or its overview. */
final class SqliteFilterDialect implements FieldDialect {

  /**
   * Where the start has not come yet, when its attempt was named: the first bits of an attempt_id
   * are milliseconds.
   */
  private static final String STARTED =
      "ifnull(r.started_at, strftime('%Y-%m-%d %H:%M:%S', (r.last_attempt_id >> 21) / 1000, 'unixepoch'))";

  /**
   * From so many runs on it pays to ask an index once for all runs that pass a test of a metric:
   * that takes a microsecond for each run that has the metric, and to look up its summary for the
   * test six.
   */
  static final int MANY = 1_000;

  private final Instant now;
  private final boolean isForMany;

  SqliteFilterDialect(Instant now, boolean isForMany) {
    this.now = now;
    this.isForMany = isForMany;
  }

  @Override
  public String missing(Missing test, Bindings bindings) {
    Field field = test.field();
    if (field instanceof Attribute attribute) {
      return attribute(attribute, bindings) + " IS NULL";
    }
    if (field instanceof Fact fact) {
      return "NOT " + fact(fact, "f.%s IS NOT NULL".formatted(StoredFields.column(fact)));
    }
    if (field instanceof MetricValue metric) {
      if (isForMany && isInIndex(metric)) {
        return "NOT " + isOneOf(metric, "TRUE", bindings);
      }
      return StoredFields.isStep(metric.aggregate())
          ? StoredFields.metric(metric, StoredFields.column(metric), bindings) + " IS NULL"
          : StoredFields.metric(metric, "1", bindings) + " IS NULL";
    }
    if (field instanceof SummaryValue summary) {
      return summary(summary, bindings) + " IS NULL";
    }
    return "ifnull("
        + SqliteConfigValue.of((ConfigValue) field, bindings).type()
        + ", 'null') = 'null'";
  }

  @Override
  public String compared(Compared test, Bindings bindings) {
    Field field = test.field();
    if (field instanceof Attribute attribute) {
      return compared(attribute(attribute, bindings), test, bindings);
    }
    if (field instanceof Fact fact) {
      return fact(fact, compared("f." + StoredFields.column(fact), test, bindings));
    }
    if (field instanceof MetricValue metric) {
      return compared(metric, test, bindings);
    }
    if (field instanceof SummaryValue summary) {
      return compared(summary, test, bindings);
    }
    return SqliteConfigValue.of((ConfigValue) field, bindings).compared(test, bindings);
  }

  private String compared(MetricValue metric, Compared test, Bindings bindings) {
    if (isForMany && isInIndex(metric)) {
      String column = StoredFields.column(metric);
      return isOneOf(
          metric,
          test.value() instanceof NotANumber
              ? column + " IS NULL"
              : compared(column, test, bindings),
          bindings);
    }
    if (test.value() instanceof NotANumber) {
      return StoredFields.isStep(metric.aggregate()) || StoredFields.isCount(metric.aggregate())
          ? "FALSE"
          : StoredFields.metric(metric, StoredFields.column(metric) + " IS NULL", bindings);
    }
    return compared(
        StoredFields.metric(metric, StoredFields.column(metric), bindings), test, bindings);
  }

  /** Whether metric_summaries_by_name has it. */
  private static boolean isInIndex(MetricValue metric) {
    return !StoredFields.isStep(metric.aggregate()) && !StoredFields.isCount(metric.aggregate());
  }

  /** With the sign it is no index to begin with: that would be to sort all runs that pass. */
  private static String isOneOf(MetricValue metric, String condition, Bindings bindings) {
    return "+r.run_id IN (SELECT f.run_id FROM metric_summaries f WHERE f.name = %s AND %s)"
        .formatted(bindings.bind(metric.metric()), condition);
  }

  /** True and false are texts there. */
  private static String compared(SummaryValue summary, Compared test, Bindings bindings) {
    String value = summary(summary, bindings);
    if (test.value() instanceof Truth truth) {
      return value + " = '" + truth.truth() + "'";
    }
    boolean isText = test.value() instanceof Text;
    String type = "typeof(" + summary(summary, bindings) + ")";
    return type
        + (isText ? " = 'text' AND " : " IN ('integer', 'real') AND ")
        + compared(value, test, bindings);
  }

  /** A value of the store and one of the filter, which are of one kind. */
  static String compared(String stored, Compared test, Bindings bindings) {
    String value = bindings.bind(StoredFields.parameter(test.value()));
    return switch (test.operator()) {
      // SQLite's lower() and ours change the letters from A to Z alone.
      case CONTAINS -> "instr(lower(%s), lower(%s)) > 0".formatted(stored, value);
      case HAS -> stored + " = " + value;
      default -> stored + " " + test.operator().sign() + " " + value;
    };
  }

  @Override
  public Object parameter(Value value) {
    return StoredFields.parameter(value);
  }

  @Override
  public String key(Field field, Bindings bindings) {
    if (field instanceof Attribute attribute) {
      return attribute(attribute, bindings);
    }
    if (field instanceof Fact fact) {
      return all(fact, "min(f.%s)".formatted(StoredFields.column(fact)));
    }
    if (field instanceof MetricValue metric) {
      return StoredFields.metric(metric, StoredFields.column(metric), bindings);
    }
    if (field instanceof SummaryValue summary) {
      return summary(summary, bindings);
    }
    return SqliteConfigValue.of((ConfigValue) field, bindings).value();
  }

  @Override
  public boolean hasTextKey(Field field) {
    return false;
  }

  @Override
  public String textKey(Field field, Bindings bindings) {
    throw new IllegalArgumentException("Numbers and texts are in one column.");
  }

  @Override
  public String value(Field field, Bindings bindings) {
    if (field instanceof Fact fact) {
      String value = "f." + StoredFields.column(fact);
      return all(
          fact,
          "nullif(json_group_array(DISTINCT %s ORDER BY %s) FILTER (WHERE %s IS NOT NULL), '[]')"
              .formatted(value, value, value));
    }
    if (field instanceof MetricValue metric && !StoredFields.isStep(metric.aggregate())) {
      return StoredFields.metric(
          metric,
          "ifnull(%s, '%s')".formatted(StoredFields.column(metric), FieldValues.NAN),
          bindings);
    }
    return field instanceof ConfigValue config
        ? SqliteConfigValue.of(config, bindings).json()
        : key(field, bindings);
  }

  private String attribute(Attribute attribute, Bindings bindings) {
    return switch (attribute) {
      case STARTED -> STARTED;
      case TOOK ->
          """
          (iif(r.status IN ('completed', 'failed', 'timeout'), unixepoch(r.finished_at), %s) - unixepoch(r.started_at))"""
              .formatted(bindings.bind(now.getEpochSecond()));
      case MISSING ->
          """
          (SELECT CAST(total(g.missing) AS INTEGER) FROM event_streams g
            WHERE g.run_id = r.run_id AND g.last_seq - g.events <> -1)""";
      case DROPPED ->
          "(SELECT CAST(total(a.dropped_events) AS INTEGER) FROM run_attempts a WHERE a.run_id = r.run_id)";
      default -> StoredFields.column(attribute);
    };
  }

  private static String fact(Fact fact, String condition) {
    return "EXISTS (SELECT 1 FROM %s AND %s)".formatted(rows(fact), condition);
  }

  private static String all(Fact fact, String aggregate) {
    return "(SELECT %s FROM %s)".formatted(aggregate, rows(fact));
  }

  /** The rows {@code f} that are a run's. */
  private static String rows(Fact fact) {
    if (fact == Fact.TAG) {
      return "json_each(iif(json_valid(r.tags), r.tags, '[]')) f WHERE TRUE";
    }
    return StoredFields.table(fact) + " f WHERE f.run_id = r.run_id";
  }

  private static String summary(SummaryValue summary, Bindings bindings) {
    return "(SELECT f.value FROM run_summary f WHERE f.run_id = r.run_id AND f.name = %s)"
        .formatted(bindings.bind(summary.name()));
  }
}
