package io.runledger.query.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.connection.sqlite.SqliteSource;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunComparison.ComparedRun;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The budgets hold as long as SQLite walks these indexes. */
class QueryPlanTest {

  @TempDir Path directory;
  private Laboratory laboratory;
  private Ledger ledger;
  private SqliteSource connections;

  @BeforeEach
  void open() {
    laboratory = Laboratory.filled(directory);
    ledger = laboratory.open();
    connections = new SqliteSource(laboratory.database(), Ledger.TIME_LIMIT);
  }

  @AfterEach
  void close() {
    connections.close();
    ledger.close();
    laboratory.close();
  }

  private String plan(String sql, String... parameters) {
    return connections.read(
        handle -> {
          var query = handle.createQuery("EXPLAIN QUERY PLAN " + sql.replace("{filter}", "TRUE"));
          Stream.of(parameters).forEach(name -> query.bind(name, (String) null));
          List<String> steps = query.map((row, context) -> row.getString("detail")).list();
          return steps.stream().collect(Collectors.joining("\n"));
        });
  }

  @Test
  void listWalksTheIndexOfCreationAndSortsNothing() {
    String plan = plan(RunQueries.NEWEST, "after_attempt", "after_run", "limit");

    assertThat(plan)
        .contains("SEARCH r USING INDEX experiment_runs_by_creation (first_attempt_id<?)")
        .contains("USING INDEX event_streams_with_gaps (run_id=?)")
        .contains("SEARCH a USING PRIMARY KEY (run_id=?)")
        .doesNotContain("ORDER BY");
  }

  @Test
  void theNewestRowsWalkTheSameIndexAndOtherOrdersLookAtEachRunOnce() {
    String newest =
        RowQueries.PLACES
            .replace("{keys}", "")
            .replace("{behind}", "TRUE")
            .replace("{order}", "")
            .replace("{tie}", "DESC");
    String byMetric =
        RowQueries.PLACES
            .replace(
                "{keys}",
                ", (SELECT f.min_value FROM metric_summaries f WHERE f.run_id = r.run_id AND f.name = 'loss') AS key_0")
            .replace("{behind}", "TRUE")
            .replace("{order}", "key_0 NULLS LAST, ")
            .replace("{tie}", "DESC");

    assertThat(plan(newest, "limit"))
        .contains("SCAN r USING INDEX experiment_runs_by_creation")
        .doesNotContain("ORDER BY");
    assertThat(plan(byMetric, "limit"))
        .contains("SCAN r")
        .contains("SEARCH f USING PRIMARY KEY (run_id=? AND name=?)")
        .contains("USE TEMP B-TREE FOR ORDER BY");
    assertThat(plan(RowQueries.ROWS.replace("{values}", ""), "runs"))
        .contains("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)")
        .doesNotContain("SCAN r");
  }

  @Test
  void groupsLookAtEachRunOnceAndAtOnePointOfEachWhereAStepIsAskedFor() {
    String last =
        GroupQueries.RUNS.replace(
            "{values}",
            ", (SELECT f.last_value FROM metric_summaries f WHERE f.run_id = r.run_id AND f.name = 'loss')");
    String atStep = GroupQueries.RUNS.replace("{values}", GroupQueries.AT_STEP);

    assertThat(plan(last, "after_attempt", "after_run"))
        .contains("SCAN r")
        .contains("SEARCH f USING PRIMARY KEY (run_id=? AND name=?)")
        .doesNotContain("TEMP B-TREE");
    assertThat(plan(atStep, "metric", "step", "after_attempt", "after_run"))
        .contains("SEARCH a USING COVERING INDEX run_attempts_in_order (run_id=?)")
        .contains("(run_id=? AND name=? AND attempt_id=?)")
        .contains("SEARCH p USING PRIMARY KEY (series_id=?)")
        .doesNotContain("ORDER BY");
  }

  @Test
  void theCurvesOfGroupsReadThePointsOfARunInTheOrderOfTheirKeys() {
    for (String statement : List.of(GroupCurveQueries.POINTS, GroupCurveQueries.RANGE)) {
      String one = statement.replace("{x}", "step").replace("?1", ":run").replace("?2", ":name");
      assertThat(plan(one, "run", "name"))
          .contains("(run_id=? AND name=? AND attempt_id=?)")
          .contains("SEARCH p USING PRIMARY KEY (series_id=?)")
          .doesNotContain("ORDER BY");
    }
  }

  @Test
  void bestReadsTheIndexOfTheMetricAndLooksUpTheLeadingRunsAlone() {
    String plan =
        plan(
            BestQueries.LEADING,
            "lowest",
            "metric",
            "window",
            "after_attempt",
            "after_run",
            "limit");

    assertThat(plan)
        .contains("SEARCH metric_summaries USING COVERING INDEX metric_summaries_by_name (name=?)")
        .contains("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)")
        .contains("SEARCH s USING PRIMARY KEY (run_id=? AND name=?)")
        .doesNotContain("SCAN r");
  }

  @Test
  void runsThatAreNamedAreLookedUpTogetherAndEachByItsId() {
    assertThat(plan(RunQueries.SOME, "runs"))
        .contains("SCAN wanted VIRTUAL TABLE")
        .contains("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)")
        .doesNotContain("SCAN r");
  }

  @Test
  void runsThatAnOperatorChoosesComeWithTheirLastSpeakerInOneStatement() {
    assertThat(plan(RunLocator.CHOSEN, "deleted", "after_attempt", "after_run", "limit"))
        .contains("SEARCH n USING PRIMARY KEY (run_id=?)")
        .contains("SEARCH d USING PRIMARY KEY (run_id=?)")
        .doesNotContain("USE TEMP B-TREE FOR ORDER BY");
  }

  @Test
  void pointsComeInTheOrderOfTheirKeysAndAreNotSorted() {
    String ofOne = plan(PointQueries.OF_ONE_METRIC, "run", "name");
    String last = plan(PointQueries.LAST, "run", "name", "limit");
    String few = plan(CurveQueries.FEW_POINTS, "run", "last", "few");

    assertThat(Stream.of(ofOne, last, few))
        .allSatisfy(
            plan ->
                assertThat(plan)
                    .contains("SEARCH a USING COVERING INDEX run_attempts_in_order (run_id=?)")
                    .contains("(run_id=? AND name=? AND attempt_id=?)")
                    .contains("SEARCH p USING PRIMARY KEY (series_id=?)")
                    .doesNotContain("ORDER BY"));
  }

  @Test
  void aPageOfPointsBeginsWhereTheOneBeforeEnded() {
    String plan =
        plan(
            PointPages.PAGE_OF_POINTS,
            "run",
            "name",
            "attempt",
            "writer",
            "after",
            "last",
            "cut",
            "page");

    assertThat(plan)
        .contains("(run_id=? AND name=? AND attempt_id=? AND writer_id=?)")
        .contains("SEARCH p USING PRIMARY KEY (series_id=? AND seq>? AND seq<?)")
        .doesNotContain("ORDER BY");
  }

  @Test
  void theErrorsAndJobsOfARunAreFoundByItsId() {
    assertThat(plan(JobQueries.OF_RUN, "run", "since", "limit"))
        .contains("SEARCH j USING PRIMARY KEY (run_id=?)");
    assertThat(
            plan(
                ErrorQueries.LOGGED_OF_ATTEMPT,
                "run",
                "attempt",
                "since",
                "time",
                "writer",
                "seq",
                "limit"))
        .contains(
            "SEARCH e USING INDEX run_errors_of_attempt (run_id=? AND attempt_id=? AND <expr>")
        .doesNotContain("ORDER BY");
  }

  @Test
  void aPageOfErrorsEndsAndJobsOfAllRunsIsFoundInItsOrder() {
    String errors =
        plan(ErrorQueries.LOGGED, "since", "time", "attempt", "writer", "seq", "error", "limit");
    String ends = plan(ErrorQueries.ENDED, "since_us", "ended", "attempt", "run", "limit");
    String jobs = plan(JobQueries.PAGE, "since", "attempt", "cluster", "job", "run", "limit");

    assertThat(errors).contains("SEARCH e USING INDEX run_errors_by_time (<expr>");
    assertThat(ends).contains("SEARCH a USING INDEX run_attempts_failed (<expr>");
    assertThat(jobs)
        .contains(
            "SEARCH j USING INDEX slurm_jobs_by_attempt ((attempt_id,cluster,slurm_job_id,run_id)<(?,?,?,?))");
    assertThat(Stream.of(errors, ends, jobs))
        .allSatisfy(plan -> assertThat(plan).doesNotContain("ORDER BY").doesNotContain("SCAN"));
  }

  @Test
  void listBestAndTheMetricsOfCompareNeedNoPoint() throws SQLException {
    List<Object> withPoints = answers();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + laboratory.database());
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate("DELETE FROM metric_points")).isPositive();
    }

    assertThat(answers()).isEqualTo(withPoints);
  }

  private List<Object> answers() {
    List<RunId> runs = ledger.runs(RunFilter.newest(5)).stream().map(Run::id).toList();
    return List.of(
        ledger.runs(RunFilter.newest(50)),
        ledger.summaries(runs),
        ledger.best("loss", Optimum.MIN, RunFilter.newest(10)),
        ledger.compare(runs, Optimum.MIN).runs().stream().map(ComparedRun::metrics).toList());
  }

  @Test
  void comparedRunsHaveOnePointOfEachSeriesLookedUpForTheirFirstEpoch() {
    assertThat(plan(MetricQueries.TOTAL_EPOCHS, "runs"))
        .contains("SEARCH p USING PRIMARY KEY (series_id=?)")
        .doesNotContain("SCAN p")
        .doesNotContain("ORDER BY");
  }
}
