package io.runledger.query.sql;

import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.ConfigValue;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Field.SummaryValue;
import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;
import io.runledger.query.filter.FilterDialect;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.NotANumber;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import io.runledger.query.metrics.Optimum;
import java.time.Instant;

/** Filters in SQLite's words, over a row {@code r} of {@code experiment_runs} or its overview. */
public final class SqliteFilterDialect implements FilterDialect {

  /**
   * Where the start has not come yet, when its attempt was named: the first bits of an attempt_id
   * are milliseconds.
   */
  private static final String STARTED =
      "ifnull(r.started_at, strftime('%Y-%m-%d %H:%M:%S', (r.last_attempt_id >> 21) / 1000, 'unixepoch'))";

  private final Instant now;

  /**
   * @param now until when a run that has not ended has taken
   */
  public SqliteFilterDialect(Instant now) {
    this.now = now;
  }

  @Override
  public String missing(Missing test, Bindings bindings) {
    Field field = test.field();
    if (field instanceof Attribute attribute) {
      return attribute(attribute, bindings) + " IS NULL";
    }
    if (field instanceof Fact fact) {
      return "NOT " + fact(fact, "f.%s IS NOT NULL".formatted(column(fact)));
    }
    if (field instanceof MetricValue metric) {
      return isStep(metric.aggregate())
          ? metric(metric, column(metric), bindings) + " IS NULL"
          : metric(metric, "1", bindings) + " IS NULL";
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
      return fact(fact, compared("f." + column(fact), test, bindings));
    }
    if (field instanceof MetricValue metric) {
      return compared(metric, test, bindings);
    }
    if (field instanceof SummaryValue summary) {
      return compared(summary, test, bindings);
    }
    return SqliteConfigValue.of((ConfigValue) field, bindings).compared(test, bindings);
  }

  /**
   * The value of a field, for showing it and for ordering runs by it; null where there is none. A
   * NaN is the text NaN, tags are a JSON list, and of several facts it is one of the newest
   * attempt.
   */
  public String value(Field field, Bindings bindings) {
    if (field instanceof Attribute attribute) {
      return attribute(attribute, bindings);
    }
    if (field instanceof Fact fact) {
      return fact == Fact.TAG
          ? "r.tags"
          : "(SELECT f.%s FROM %s f WHERE f.run_id = r.run_id AND f.%s IS NOT NULL ORDER BY f.attempt_id DESC LIMIT 1)"
              .formatted(column(fact), table(fact), column(fact));
    }
    if (field instanceof MetricValue metric) {
      String column = column(metric);
      return metric(
          metric,
          metric.aggregate() == Aggregate.LAST ? "ifnull(" + column + ", 'NaN')" : column,
          bindings);
    }
    if (field instanceof SummaryValue summary) {
      return summary(summary, bindings);
    }
    return SqliteConfigValue.of((ConfigValue) field, bindings).value();
  }

  /** A value of the configuration as JSON; null where there is none. */
  public static String json(ConfigValue field, Bindings bindings) {
    return SqliteConfigValue.of(field, bindings).json();
  }

  private String compared(MetricValue metric, Compared test, Bindings bindings) {
    if (test.value() instanceof NotANumber) {
      return isStep(metric.aggregate()) || isCount(metric.aggregate())
          ? "FALSE"
          : metric(metric, column(metric) + " IS NULL", bindings);
    }
    return compared(metric(metric, column(metric), bindings), test, bindings);
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
    String value = bindings.bind(bound(test.value()));
    return switch (test.operator()) {
      // SQLite's lower() and ours change the letters from A to Z alone.
      case CONTAINS -> "instr(lower(%s), lower(%s)) > 0".formatted(stored, value);
      case HAS -> stored + " = " + value;
      default -> stored + " " + test.operator().sign() + " " + value;
    };
  }

  private static Object bound(Value value) {
    if (value instanceof Text text) {
      return text.text();
    }
    if (value instanceof Whole whole) {
      return whole.number();
    }
    if (value instanceof Real real) {
      return real.number();
    }
    if (value instanceof Truth truth) {
      return truth.truth() ? 1 : 0;
    }
    if (value instanceof Moment moment) {
      return Columns.textOf(moment.instant());
    }
    throw new IllegalArgumentException("NaN is not compared by its value.");
  }

  private String attribute(Attribute attribute, Bindings bindings) {
    return switch (attribute) {
      case ID -> "r.id";
      case NAME -> "r.run_name";
      case PROJECT -> "r.project";
      case EXPERIMENT -> "r.experiment";
      case DATASET -> "r.dataset";
      case METHOD -> "r.method";
      case SUBJECT -> "r.subject";
      case CL_INFO -> "r.cl_info";
      case SEED -> "r.seed";
      case STATUS -> "r.status";
      case REASON -> "r.status_reason";
      case SOURCE -> "r.status_source";
      case EXIT_CODE -> "r.exit_code";
      case ATTEMPTS -> "r.attempts";
      case NOTES -> "r.notes";
      case CREATED -> "r.created_at";
      case STARTED -> STARTED;
      case FINISHED -> "r.finished_at";
      case TOOK ->
          """
          (iif(r.status IN ('completed', 'failed', 'timeout'), unixepoch(r.finished_at), %s) - unixepoch(r.started_at))"""
              .formatted(bindings.bind(now.getEpochSecond()));
      case DRIFT -> "r.config_drift";
      case MISSING ->
          """
          (SELECT CAST(total(g.missing) AS INTEGER) FROM event_streams g
            WHERE g.run_id = r.run_id AND g.last_seq - g.events <> -1)""";
      case DROPPED ->
          "(SELECT CAST(total(a.dropped_events) AS INTEGER) FROM run_attempts a WHERE a.run_id = r.run_id)";
      case SLURM_JOB -> "r.slurm_job_id";
      case SLURM_ARRAY_TASK -> "r.slurm_array_task_id";
    };
  }

  private static String fact(Fact fact, String condition) {
    if (fact == Fact.TAG) {
      return "EXISTS (SELECT 1 FROM json_each(iif(json_valid(r.tags), r.tags, '[]')) f WHERE %s)"
          .formatted(condition);
    }
    return "EXISTS (SELECT 1 FROM %s f WHERE f.run_id = r.run_id AND %s)"
        .formatted(table(fact), condition);
  }

  private static String table(Fact fact) {
    return switch (fact) {
      case ERROR_TYPE, ERROR_MESSAGE -> "run_errors";
      case ARTIFACT_TYPE, ARTIFACT_PATH -> "artifacts";
      case JOB_STATE, JOB_NAME, JOB_NODES, JOB_PARTITION, JOB_ACCOUNT -> "slurm_jobs";
      default -> "run_attempts";
    };
  }

  private static String column(Fact fact) {
    return switch (fact) {
      case TAG -> "value";
      case HOST -> "host";
      case USER -> "user";
      case COMMAND -> "command";
      case COMMIT -> "git_commit";
      case ERROR_TYPE -> "exception_type";
      case ERROR_MESSAGE -> "message";
      case ARTIFACT_TYPE -> "artifact_type";
      case ARTIFACT_PATH -> "filepath";
      case JOB_STATE -> "state";
      case JOB_NAME -> "job_name";
      case JOB_NODES -> "nodes";
      case JOB_PARTITION -> "partition";
      case JOB_ACCOUNT -> "account";
    };
  }

  private static boolean isStep(Aggregate aggregate) {
    return aggregate.name().endsWith("_STEP");
  }

  private static boolean isCount(Aggregate aggregate) {
    return aggregate == Aggregate.COUNT || aggregate == Aggregate.NAN_COUNT;
  }

  private static String column(MetricValue metric) {
    return switch (metric.aggregate()) {
      case LAST -> "f.last_value";
      case MIN -> "f.min_value";
      case MAX -> "f.max_value";
      case BEST -> Optimum.of(metric.metric()) == Optimum.MIN ? "f.min_value" : "f.max_value";
      case COUNT -> "f.count";
      case NAN_COUNT -> "f.nan_count";
      case LAST_STEP -> "f.last_step";
      case MIN_STEP -> "f.min_step";
      case MAX_STEP -> "f.max_step";
    };
  }

  private static String metric(MetricValue metric, String expression, Bindings bindings) {
    return "(SELECT %s FROM metric_summaries f WHERE f.run_id = r.run_id AND f.name = %s)"
        .formatted(expression, bindings.bind(metric.metric()));
  }

  private static String summary(SummaryValue summary, Bindings bindings) {
    return "(SELECT f.value FROM run_summary f WHERE f.run_id = r.run_id AND f.name = %s)"
        .formatted(bindings.bind(summary.name()));
  }
}
