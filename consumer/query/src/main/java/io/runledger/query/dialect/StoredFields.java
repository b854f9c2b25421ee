package io.runledger.query.dialect;

import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field.Aggregate;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Field.Fact;
import io.runledger.query.filter.Field.MetricValue;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Moment;
import io.runledger.query.filter.Value.Real;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Truth;
import io.runledger.query.filter.Value.Whole;
import io.runledger.query.metrics.Optimum;

/** Where fields are stored: the names that both stores have. */
final class StoredFields {

  private StoredFields() {}

  /** A value as the parameter of a statement. */
  static Object parameter(Value value) {
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
      return TimeTexts.textOf(moment.instant());
    }
    throw new IllegalArgumentException("Nothing is compared with " + value + ".");
  }

  /** The column of a run that is the attribute. */
  static String column(Attribute attribute) {
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
      case FINISHED -> "r.finished_at";
      case DRIFT -> "r.config_drift";
      case SLURM_JOB -> "r.slurm_job_id";
      case SLURM_ARRAY_TASK -> "r.slurm_array_task_id";
      case STARTED, TOOK, MISSING, DROPPED ->
          throw new IllegalArgumentException(attribute + " is computed.");
    };
  }

  /** The table that has the facts; not of tags, which are in the run. */
  static String table(Fact fact) {
    return switch (fact) {
      case ERROR_TYPE, ERROR_MESSAGE -> "run_errors";
      case ARTIFACT_TYPE, ARTIFACT_PATH -> "artifacts";
      case JOB_STATE, JOB_NAME, JOB_NODES, JOB_PARTITION, JOB_ACCOUNT -> "slurm_jobs";
      default -> "run_attempts";
    };
  }

  static String column(Fact fact) {
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

  static boolean isStep(Aggregate aggregate) {
    return aggregate.name().endsWith("_STEP");
  }

  static boolean isCount(Aggregate aggregate) {
    return aggregate == Aggregate.COUNT || aggregate == Aggregate.NAN_COUNT;
  }

  static String column(MetricValue metric) {
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

  /** Something about the summary {@code f} of the metric; null where there is none. */
  static String metric(MetricValue metric, String expression, Bindings bindings) {
    return "(SELECT %s FROM metric_summaries f WHERE f.run_id = r.run_id AND f.name = %s)"
        .formatted(expression, bindings.bind(metric.metric()));
  }
}
