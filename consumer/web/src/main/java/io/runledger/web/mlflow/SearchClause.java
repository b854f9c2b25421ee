package io.runledger.web.mlflow;

import java.util.List;

/**
 * A test of MLflow's filter language.
 *
 * @param kind what it looks at
 * @param name of the metric, parameter, tag or attribute
 * @param operator in upper case: =, !=, &lt;, &lt;=, &gt;, &gt;=, LIKE, ILIKE, IN, NOT IN, IS NULL,
 *     IS NOT NULL
 * @param values what it is compared with: one, several for a list, none for null
 */
record SearchClause(Kind kind, String name, String operator, List<String> values) {

  /** What a test looks at. */
  enum Kind {
    METRIC,
    PARAMETER,
    TAG,
    ATTRIBUTE,
    DATASET
  }

  SearchClause {
    values = List.copyOf(values);
  }

  String value() {
    return values.get(0);
  }
}
