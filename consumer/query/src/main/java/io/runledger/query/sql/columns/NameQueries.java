package io.runledger.query.sql.columns;

import io.runledger.query.dialect.Store;
import io.runledger.query.overview.NameCount;
import io.runledger.query.overview.NameKind;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Statements about the names that exist, for completion: the most used first. */
public final class NameQueries {

  /** Names of a list of (name, run_id), of which a name may have a run several times. */
  private static final String COUNTED =
      """
      SELECT name, count(DISTINCT run_id) AS runs
        FROM ({names}) named
       WHERE name IS NOT NULL AND instr(lower(name), lower(:like)) > 0
       GROUP BY name
       ORDER BY runs DESC, name
       LIMIT :limit
      """;

  /** Paths to values that are neither lists nor objects, without the leading {@code $.}. */
  private static final String CONFIG =
      """
      SELECT substr(t.fullkey, 3) AS name, r.run_id
        FROM (SELECT run_id, config
                FROM experiment_runs
               WHERE deleted = 0 AND config IS NOT NULL
               ORDER BY first_attempt_id DESC
               LIMIT 1000) r
       CROSS JOIN json_tree(iif(json_valid(r.config), r.config, '{}')) t
       WHERE t.type NOT IN ('object', 'array') AND t.path NOT LIKE '%]%'
      """;

  private static final String CONFIG_OF_POSTGRES =
      """
      SELECT t.name COLLATE "C" AS name, r.run_id
        FROM (SELECT run_id, config
                FROM experiment_runs
               WHERE deleted = 0 AND config IS NOT NULL
               ORDER BY first_attempt_id DESC
               LIMIT 1000) r
       CROSS JOIN json_names(r.config) t
      """;

  private static final String METRIC =
      """
      SELECT s.name, s.run_id
        FROM metric_summaries s
       CROSS JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
      """;

  private static final String SUMMARY = "SELECT name, run_id FROM run_summary";

  private static final String TAG =
      """
      SELECT t.value AS name, r.run_id
        FROM experiment_runs r
       CROSS JOIN json_each(iif(json_valid(r.tags), r.tags, '[]')) t
       WHERE r.deleted = 0 AND r.tags <> '[]'
      """;

  private static final String TAG_OF_POSTGRES =
      """
      SELECT t.value COLLATE "C" AS name, r.run_id
        FROM experiment_runs r
       CROSS JOIN json_array_elements_text(
                    CASE WHEN json_typeof(r.tags) = 'array' THEN readable(r.tags) ELSE '[]' END) t
       WHERE r.deleted = 0
      """;

  private NameQueries() {}

  /**
   * The names with how many runs have each.
   *
   * @param like what the names contain
   */
  public static List<NameCount> names(Handle handle, NameKind kind, String like, int limit) {
    return handle
        .createQuery(COUNTED.replace("{names}", statement(Store.of(handle), kind)))
        .bind("like", like)
        .bind("limit", limit)
        .map((row, context) -> new NameCount(plain(row.getString("name")), row.getLong("runs")))
        .list();
  }

  /** SQLite puts quotes around every key with a sign in it that is not a letter or a digit. */
  private static String plain(String name) {
    return name.replaceAll("(?<=^|\\.)\"([A-Za-z0-9_-]+)\"(?=$|\\.)", "$1");
  }

  private static String statement(Store store, NameKind kind) {
    return switch (kind) {
      case CONFIG -> store.choose(CONFIG, CONFIG_OF_POSTGRES);
      case METRIC -> METRIC;
      case SUMMARY -> SUMMARY;
      case TAG -> store.choose(TAG, TAG_OF_POSTGRES);
      case PROJECT -> ofRun("project");
      case EXPERIMENT -> ofRun("experiment");
      case DATASET -> ofRun("dataset");
      case METHOD -> ofRun("method");
      case SUBJECT -> ofRun("subject");
      case CL_INFO -> ofRun("cl_info");
      case STATUS -> ofRun("status");
      case HOST -> "SELECT host AS name, run_id FROM run_attempts";
      case USER -> "SELECT \"user\" AS name, run_id FROM run_attempts";
    };
  }

  private static String ofRun(String column) {
    return "SELECT " + column + " AS name, run_id FROM experiment_runs WHERE deleted = 0";
  }
}
