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
import io.runledger.query.filter.Operator;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import java.math.BigDecimal;
import java.time.Instant;

/**
 * Filters in PostgreSQL's words, over a row {@code r} of {@code experiment_runs} or its overview.
 * It means what SQLite's means: a NaN is no number, texts are compared byte by byte, and whole
 * numbers exactly.
 */
final class PostgresFilterDialect implements FieldDialect {

  /** Doubles have every whole number up to this one. */
  private static final long EXACT = 1L << 53;

  /**
   * Where the start has not come yet, when its attempt was named: the first bits of an attempt_id
   * are milliseconds.
   */
  private static final String STARTED =
      "coalesce(r.started_at, utc_text((r.last_attempt_id >> 21) * 1000))";

  private final Instant now;

  PostgresFilterDialect(Instant now) {
    this.now = now;
  }

  @Override
  public String missing(Missing test, Bindings bindings) {
    Field field = test.field();
    if (field instanceof Attribute attribute) {
      return attribute(attribute, bindings) + " IS NULL";
    }
    if (field instanceof Fact fact) {
      return "NOT " + exists(fact, column(fact) + " IS NOT NULL");
    }
    if (field instanceof MetricValue metric) {
      return StoredFields.metric(
              metric,
              StoredFields.isStep(metric.aggregate()) ? StoredFields.column(metric) : "1",
              bindings)
          + " IS NULL";
    }
    if (field instanceof SummaryValue summary) {
      return summary(summary, "nullif(json_typeof(f.json), 'null')", bindings) + " IS NULL";
    }
    return PostgresConfigValue.of((ConfigValue) field, bindings).missing();
  }

  @Override
  public String compared(Compared test, Bindings bindings) {
    Field field = test.field();
    if (field instanceof Attribute attribute) {
      String stored = attribute(attribute, bindings);
      return test.value() instanceof Real
          ? comparedExactly("CAST(%s AS numeric)".formatted(stored), test, bindings)
          : compared(stored, test, bindings);
    }
    if (field instanceof Fact fact) {
      return exists(fact, compared(column(fact), test, bindings));
    }
    if (field instanceof MetricValue metric) {
      return compared(metric, test, bindings);
    }
    if (field instanceof SummaryValue summary) {
      return compared(summary, test, bindings);
    }
    return PostgresConfigValue.of((ConfigValue) field, bindings).compared(test, bindings);
  }

  private static String compared(MetricValue metric, Compared test, Bindings bindings) {
    boolean isWhole =
        StoredFields.isStep(metric.aggregate()) || StoredFields.isCount(metric.aggregate());
    if (test.value() instanceof NotANumber) {
      return isWhole
          ? "FALSE"
          : StoredFields.metric(
              metric, "seen(%s) IS NULL".formatted(StoredFields.column(metric)), bindings);
    }
    boolean isExact =
        isWhole
            ? test.value() instanceof Real
            : test.value() instanceof Whole whole
                && (whole.number() > EXACT || whole.number() < -EXACT);
    String stored = isWhole ? StoredFields.column(metric) : seen(metric);
    if (isExact) {
      String exact = isWhole ? stored : "CAST(%s AS text)".formatted(stored);
      return comparedExactly(
          StoredFields.metric(metric, "CAST(%s AS numeric)".formatted(exact), bindings),
          test,
          bindings);
    }
    return compared(StoredFields.metric(metric, stored, bindings), test, bindings);
  }

  /** True and false, lists and objects are texts there. */
  private static String compared(SummaryValue summary, Compared test, Bindings bindings) {
    if (test.value() instanceof Truth truth) {
      return summary(summary, "json_text(f.json)", bindings) + " = '" + truth.truth() + "'";
    }
    return test.value() instanceof Text
        ? compared(summaryText(summary, bindings), test, bindings)
        : comparedExactly(summary(summary, "json_number(f.json)", bindings), test, bindings);
  }

  private static String summaryText(SummaryValue summary, Bindings bindings) {
    return summary(
        summary,
        "CASE WHEN json_typeof(f.json) NOT IN ('number', 'null') THEN json_text(f.json) END COLLATE \"C\"",
        bindings);
  }

  /** A value of the store and one of the filter, which are of one kind. */
  static String compared(String stored, Compared test, Bindings bindings) {
    String value = bindings.bind(StoredFields.parameter(test.value()));
    // The letters from A to Z alone are changed, as a database of any locale does with "C".
    return switch (test.operator()) {
      case CONTAINS ->
          "strpos(lower(%s COLLATE \"C\"), lower(CAST(%s AS text) COLLATE \"C\")) > 0"
              .formatted(stored, value);
      case HAS -> stored + " = " + value;
      default -> stored + " " + test.operator().sign() + " " + value;
    };
  }

  /** The same of a decimal of any length and a number. */
  static String comparedExactly(String stored, Compared test, Bindings bindings) {
    String sign = test.operator() == Operator.HAS ? "=" : test.operator().sign();
    return "%s %s CAST(%s AS numeric)"
        .formatted(stored, sign, bindings.bind(decimal(test.value())));
  }

  private static String decimal(Value value) {
    if (value instanceof Whole whole) {
      return Long.toString(whole.number());
    }
    double number = ((Real) value).number();
    // Of a double that is a whole number, all digits: it may be compared with a long.
    return Double.isFinite(number) && number == Math.rint(number)
        ? new BigDecimal(number).toPlainString()
        : Double.toString(number);
  }

  @Override
  public Object parameter(Value value) {
    return StoredFields.parameter(value);
  }

  @Override
  public boolean hasTextKey(Field field) {
    return field instanceof ConfigValue || field instanceof SummaryValue;
  }

  @Override
  public String textKey(Field field, Bindings bindings) {
    return field instanceof SummaryValue summary
        ? summaryText(summary, bindings)
        : PostgresConfigValue.of((ConfigValue) field, bindings).text();
  }

  @Override
  public String key(Field field, Bindings bindings) {
    if (field instanceof Attribute attribute) {
      return attribute(attribute, bindings);
    }
    if (field instanceof Fact fact) {
      return all(fact, "min(%s)".formatted(column(fact)));
    }
    if (field instanceof MetricValue metric) {
      boolean isWhole =
          StoredFields.isStep(metric.aggregate()) || StoredFields.isCount(metric.aggregate());
      return StoredFields.metric(
          metric, isWhole ? StoredFields.column(metric) : seen(metric), bindings);
    }
    if (field instanceof SummaryValue summary) {
      return summary(summary, "json_number(f.json)", bindings);
    }
    return PostgresConfigValue.of((ConfigValue) field, bindings).number();
  }

  @Override
  public String value(Field field, Bindings bindings) {
    if (field instanceof Fact fact) {
      String value = column(fact);
      return all(
          fact,
          "CAST(json_agg(DISTINCT %s ORDER BY %s) FILTER (WHERE %s IS NOT NULL) AS text)"
              .formatted(value, value, value));
    }
    if (field instanceof MetricValue metric && !StoredFields.isStep(metric.aggregate())) {
      return StoredFields.isCount(metric.aggregate())
          ? StoredFields.metric(metric, StoredFields.column(metric), bindings)
          : StoredFields.metric(
              metric, "coalesce(%s, 'NaN')".formatted(StoredFields.column(metric)), bindings);
    }
    if (field instanceof SummaryValue summary) {
      return summary(
          summary, "CASE WHEN json_typeof(f.json) <> 'null' THEN compact(f.json) END", bindings);
    }
    return field instanceof ConfigValue config
        ? PostgresConfigValue.of(config, bindings).json()
        : key(field, bindings);
  }

  private String attribute(Attribute attribute, Bindings bindings) {
    return switch (attribute) {
      case STARTED -> STARTED;
      case TOOK ->
          """
          (CASE WHEN r.status IN ('completed', 'failed', 'timeout') THEN unixepoch(r.finished_at) ELSE %s END - unixepoch(r.started_at))"""
              .formatted(bindings.bind(now.getEpochSecond()));
      case MISSING ->
          """
          (SELECT saturated(total(g.missing)) FROM event_streams g
            WHERE g.run_id = r.run_id AND g.last_seq - g.events <> -1)""";
      case DROPPED ->
          "(SELECT saturated(total(a.dropped_events)) FROM run_attempts a WHERE a.run_id = r.run_id)";
      default -> StoredFields.column(attribute);
    };
  }

  private static String exists(Fact fact, String condition) {
    return "EXISTS (SELECT 1 FROM %s AND %s)".formatted(rows(fact), condition);
  }

  private static String all(Fact fact, String aggregate) {
    return "(SELECT %s FROM %s)".formatted(aggregate, rows(fact));
  }

  /** The rows {@code f} that are a run's. */
  private static String rows(Fact fact) {
    if (fact == Fact.TAG) {
      return """
      json_array_elements_text(CASE WHEN json_typeof(r.tags) = 'array' THEN readable(r.tags) ELSE '[]' END) f (value)
       WHERE TRUE""";
    }
    return StoredFields.table(fact) + " f WHERE f.run_id = r.run_id";
  }

  private static String column(Fact fact) {
    return fact == Fact.TAG ? "f.value COLLATE \"C\"" : "f." + StoredFields.column(fact);
  }

  private static String seen(MetricValue metric) {
    return "seen(%s)".formatted(StoredFields.column(metric));
  }

  private static String summary(SummaryValue summary, String expression, Bindings bindings) {
    return "(SELECT %s FROM run_summary f WHERE f.run_id = r.run_id AND f.name = %s)"
        .formatted(expression, bindings.bind(summary.name()));
  }
}
