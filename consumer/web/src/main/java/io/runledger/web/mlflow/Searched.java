package io.runledger.web.mlflow;

import io.runledger.web.mlflow.SearchClause.Kind;
import java.util.List;

/** What a filter of MLflow's language is about, and which names its tests may have. */
enum Searched {
  RUNS,
  EXPERIMENTS;

  private static final List<String> TEXTS_OF_RUNS =
      List.of(
          "run_name",
          "run name",
          "Run name",
          "Run Name",
          "name",
          "status",
          "run_id",
          "user_id",
          "user",
          "artifact_uri");

  private static final List<String> TIMES_OF_RUNS =
      List.of("start_time", "end_time", "created", "Created");

  private static final List<String> TEXTS_OF_EXPERIMENTS = List.of("name", "experiment_id");

  private static final List<String> TIMES_OF_EXPERIMENTS =
      List.of("creation_time", "last_update_time");

  private static final List<String> OF_DATASETS = List.of("name", "digest", "context");

  /** Whether it has such a thing at all. */
  boolean has(Kind kind) {
    return this == RUNS || kind == Kind.ATTRIBUTE || kind == Kind.TAG;
  }

  /** Whether a test may have this name. */
  boolean has(Kind kind, String name) {
    return switch (kind) {
      case ATTRIBUTE ->
          isTime(name) || (this == RUNS ? TEXTS_OF_RUNS : TEXTS_OF_EXPERIMENTS).contains(name);
      case DATASET -> OF_DATASETS.contains(name);
      case METRIC, PARAMETER, TAG -> has(kind);
    };
  }

  /** Whether it is compared with numbers: a metric, or a time in milliseconds since 1970. */
  boolean isNumber(Kind kind, String name) {
    return kind == Kind.METRIC || (kind == Kind.ATTRIBUTE && isTime(name));
  }

  private boolean isTime(String name) {
    return (this == RUNS ? TIMES_OF_RUNS : TIMES_OF_EXPERIMENTS).contains(name);
  }
}
