package io.runledger.contract;

import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run's row says, and who decides. */
abstract class RunStatusContract extends OpenProjection {

  private final Events job = Events.ofSeed(3).attempt(1);
  private final Events wrapper = job.writer(50);
  private final Events operator = job.writer(900);

  private String status() throws SQLException {
    return Tables.row(database, "SELECT status, status_source, exit_code FROM experiment_runs");
  }

  @Test
  void aStartedRunIsRunning() throws SQLException {
    deliver(projection, job.started());

    assertThat(status()).isEqualTo("running|null|null");
  }

  @Test
  void theLastClaimCounts() throws SQLException {
    deliver(projection, job.started(), job.completed());
    deliver(projection, job.status(RunStatus.FAILED, StatusSource.JOB, 1));

    assertThat(status()).isEqualTo("failed|job|1");
  }

  @Test
  void anObservedBadEndBeatsAClaimedGoodOne() throws SQLException {
    deliver(
        projection,
        wrapper.status(RunStatus.FAILED, StatusSource.WRAPPER, 137),
        job.started(),
        job.completed());

    assertThat(status()).isEqualTo("failed|wrapper|137");
  }

  @Test
  void theSchedulersBadEndBeatsTheWrappers() throws SQLException {
    deliver(
        projection,
        wrapper.status(RunStatus.TIMEOUT, StatusSource.SCHEDULER),
        wrapper.status(RunStatus.FAILED, StatusSource.WRAPPER, 143));

    assertThat(status()).isEqualTo("timeout|scheduler|143");
  }

  @Test
  void anObservedGoodEndIsNoMoreThanAClaim() throws SQLException {
    deliver(
        projection,
        job.status(RunStatus.COMPLETED, StatusSource.WRAPPER, 0),
        job.status(RunStatus.FAILED, StatusSource.JOB));

    assertThat(status()).isEqualTo("failed|job|0");
  }

  @Test
  void whatSlurmSawBeatsAClaimThatCameJustBefore() throws SQLException {
    deliver(projection, job.started(), job.completed());
    deliver(projection, wrapper.slurmEnd(17, "OUT_OF_MEMORY", 9, 5));

    assertThat(status()).isEqualTo("failed|scheduler|137");
    assertThat(rule()).isEqualTo("slurm|OUT_OF_MEMORY");
  }

  @Test
  void aRunThatWasCompletedLongBeforeItsJobEndedStaysCompleted() throws SQLException {
    deliver(projection, job.started(), job.completed());
    deliver(projection, wrapper.slurmEnd(17, "TIMEOUT", 0, 3_600));

    assertThat(status()).isEqualTo("completed|job|0");
    assertThat(rule()).startsWith("job|");
  }

  @Test
  void aProcessThatEndedWellIsNotItsJobsTimeout() throws SQLException {
    deliver(
        projection, job.started(), wrapper.status(RunStatus.COMPLETED, StatusSource.WRAPPER, 0));
    deliver(projection, wrapper.slurmEnd(17, "TIMEOUT", 0, 5));

    assertThat(status()).isEqualTo("completed|wrapper|0");
  }

  @Test
  void slurmsPlainFailedSaysLessThanTheWrapper() throws SQLException {
    deliver(projection, wrapper.slurmEnd(17, "FAILED", 0, 5));
    assertThat(rule()).isEqualTo("slurm|FAILED");

    deliver(projection, wrapper.status(RunStatus.FAILED, StatusSource.WRAPPER, 3));
    assertThat(status()).isEqualTo("failed|wrapper|3");
    assertThat(rule()).startsWith("wrapper|");
  }

  @Test
  void howAJobWasStoppedThatSlurmTookBackIsNoEnd() throws SQLException {
    deliver(
        projection,
        job.started(),
        wrapper.status(RunStatus.FAILED, StatusSource.WRAPPER, 143),
        wrapper.slurmEnd(17, "REQUEUED", 0, null));

    assertThat(Tables.row(database, "SELECT status, status_reason FROM experiment_runs"))
        .isEqualTo("pending|REQUEUED");
  }

  @Test
  void aJobThatWasPutBackIntoTheQueueIsPending() throws SQLException {
    deliver(projection, job.started(), wrapper.slurmEnd(17, "REQUEUED", 0, null));

    assertThat(status()).isEqualTo("pending|scheduler|1");
  }

  @Test
  void aGoodEndOfSlurmAloneIsNobodysClaim() throws SQLException {
    deliver(projection, job.started(), wrapper.slurmEnd(17, "COMPLETED", 0, 5));

    assertThat(status()).isEqualTo("running|null|null");
    assertThat(rule()).isEqualTo("started|null");
  }

  private String rule() throws SQLException {
    return Tables.row(database, "SELECT status_rule, status_reason FROM run_attempts");
  }

  @Test
  void theOperatorHasTheLastWord() throws SQLException {
    deliver(
        projection,
        operator.status(RunStatus.COMPLETED, StatusSource.OPERATOR),
        wrapper.status(RunStatus.FAILED, StatusSource.WRAPPER, 1));

    assertThat(status()).isEqualTo("completed|operator|1");
  }

  @Test
  void theNewestAttemptDecides() throws SQLException {
    Events second = job.attempt(2);
    deliver(projection, second.started());
    deliver(projection, job.started(), job.status(RunStatus.FAILED, StatusSource.JOB, 1));

    assertThat(status()).isEqualTo("running|null|null");
    assertThat(
            Tables.row(
                database,
                "SELECT attempts, first_attempt_id, last_attempt_id, created_at, started_at, finished_at FROM experiment_runs"))
        .isEqualTo("2|1|2|2026-01-02 04:04:05|2026-01-02 05:04:05|null");
    assertThat(Tables.rows(database, "SELECT attempt_id, status FROM run_attempts"))
        .containsExactly("1|failed", "2|running");
  }

  @Test
  void theFirstAttemptsConfigurationStaysAndADifferentOneIsDrift() throws SQLException {
    deliver(projection, job.attempt(2).started(start -> start.setConfig("{\"lr\":0.2}")));
    deliver(projection, job.attempt(1).started(start -> start.setConfig("{\"lr\":0.1}")));
    deliver(projection, job.attempt(3).started(start -> start.setConfig("{\"lr\":0.1}")));

    assertThat(Tables.row(database, "SELECT config, config_drift FROM experiment_runs"))
        .isEqualTo("{\"lr\":0.1}|1");
    assertThat(Tables.rows(database, "SELECT attempt_id, config_drift FROM run_attempts"))
        .containsExactly("1|0", "2|1", "3|0");
  }

  @Test
  void whatAWrapperCannotKnowTheJobsOwnStartSays() throws SQLException {
    Events wrapper = job.attempt(2).writer(10);
    Events script = job.attempt(2).writer(11);
    deliver(
        projection,
        script.started(
            start ->
                start
                    .setConfig("{\"lr\":0.1}")
                    .setNotes("from the script")
                    .setTags(List.of("b"))
                    .setHost("elsewhere")
                    .setResumedFromStep(40L)));
    deliver(
        projection,
        wrapper.started(
            start -> start.setConfig("{}").setTags(List.of("a")).setHost("node1").setPid(7L)));

    assertThat(
            Tables.row(
                database,
                "SELECT config, notes, tags, host, pid, resumed_from_step FROM run_attempts"))
        .isEqualTo("{\"lr\":0.1}|from the script|[\"a\",\"b\"]|node1|7|40");
    assertThat(Tables.row(database, "SELECT config, config_drift FROM experiment_runs"))
        .isEqualTo("{\"lr\":0.1}|0");
  }

  @Test
  void anAttemptWithoutAConfigurationIsNoDrift() throws SQLException {
    deliver(projection, job.attempt(1).started(start -> start.setConfig("{}")));
    deliver(projection, job.attempt(2).started(start -> start.setConfig("{\"lr\":0.2}")));
    deliver(projection, job.attempt(3).started(start -> start.setConfig("{}")));

    assertThat(Tables.row(database, "SELECT config, config_drift FROM experiment_runs"))
        .isEqualTo("{\"lr\":0.2}|0");
  }

  @Test
  void annotationsAddAndRemoveTagsAndTheLastNotesStay() throws SQLException {
    deliver(
        projection,
        job.started(start -> start.setTags(List.of("grid", "draft")).setNotes("first")),
        job.annotated("second", List.of("paper"), List.of("draft")),
        job.annotated(null, List.of("a"), List.of()));

    assertThat(Tables.row(database, "SELECT notes, tags FROM experiment_runs"))
        .isEqualTo("second|[\"a\",\"grid\",\"paper\"]");
  }

  @Test
  void aDeletedRunLeavesTheViewAndComesBackWhenRestored() throws SQLException {
    deliver(projection, job.started(), job.deleted());
    List<String> deleted = Tables.rows(database, "SELECT run_id FROM runs");
    deliver(projection, job.restored());

    assertThat(deleted).isEmpty();
    assertThat(Tables.rows(database, "SELECT run_id FROM runs")).hasSize(1);
  }

  @Test
  void anObservationOfASlurmJobIsLaidOverWhatTheJobReported() throws SQLException {
    deliver(projection, job.slurm(17, "RUNNING"), job.slurm(17, "TIMEOUT"));
    deliver(projection, job.started(start -> start.setSlurm(Events.slurmReference(17))));

    assertThat(
            Tables.row(
                database,
                "SELECT slurm_job_id, slurm_array_job_id, slurm_array_task_id, partition, state, requested FROM slurm_jobs"))
        .isEqualTo("17|16|4|gpu|TIMEOUT|{\"gres\":\"gpu:1\",\"mem\":\"4G\"}");
    assertThat(
            Tables.row(database, "SELECT slurm_job_id, slurm_array_task_id FROM experiment_runs"))
        .isEqualTo("17|4");
  }

  @Test
  void theHighestHeartbeatStaysAndDroppedEventsAddUp() throws SQLException {
    var early = job.heartbeat(30);
    var late = job.heartbeat(30);
    deliver(projection, late, early, job.dropped(5), wrapper.dropped(7));

    assertThat(
            Tables.row(
                database,
                "SELECT last_heartbeat_us / 1000000, dropped_events, (SELECT count(*) FROM dropped_events) FROM run_attempts"))
        .isEqualTo(Events.DAWN.plusSeconds(3_601).getEpochSecond() + "|12|2");
  }
}
