package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class KnownJobsTest {

  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private final KnownJobs jobs = new KnownJobs();

  @Test
  void onlyWhatIsNewIsTold() {
    refer(attempt(7, 1, 0));

    assertThat(queued(job(7, "RUNNING"))).containsExactly("1 RUNNING");
    assertThat(queued(job(7, "RUNNING"))).isEmpty();
    assertThat(queued(job(7, "COMPLETED"))).containsExactly("1 COMPLETED");
    assertThat(jobs.open()).as("nothing more is asked of a job that is over").isEmpty();
  }

  @Test
  void whatWasNotStoredIsNewsAgain() {
    refer(attempt(7, 1, 0));

    assertThat(words(jobs.queued(jobs.open(), List.of(job(7, "TIMEOUT")))))
        .containsExactly("1 TIMEOUT");

    assertThat(jobs.open()).containsExactly(7L);
    assertThat(queued(job(7, "TIMEOUT"))).containsExactly("1 TIMEOUT");
  }

  @Test
  void aJobThatWaitsAgainHasTakenItsAttemptBack() {
    refer(attempt(7, 1, 0));
    queued(job(7, "RUNNING"));

    assertThat(queued(job(7, "PENDING"))).containsExactly("1 REQUEUED");
    refer(attempt(7, 2, 1));
    assertThat(queued(job(7, "RUNNING"))).containsExactly("2 RUNNING");
    assertThat(queued(job(7, "COMPLETED"))).containsExactly("2 COMPLETED");
  }

  @Test
  void anAttemptBeforeAnotherWasTakenBackAlsoWhenNobodySawTheQueueInBetween() {
    refer(attempt(7, 1, 0));
    refer(attempt(7, 2, 1));

    assertThat(queued(job(7, "RUNNING"))).containsExactly("1 REQUEUED", "2 RUNNING");
  }

  @Test
  void allRunsOfAJobAreToldOfItsEnd() {
    refer(attempt(7, 1, 0));
    refer(attempt(7, 2, 0));

    assertThat(queued(job(7, "TIMEOUT"))).containsExactly("1 TIMEOUT", "2 TIMEOUT");
  }

  @Test
  void aReferenceThatComesLateLearnsTheEnd() {
    refer(attempt(7, 1, 0));
    queued(job(7, "FAILED"));

    assertThat(refer(attempt(7, 2, 0))).containsExactly("2 FAILED");
    assertThat(jobs.open()).isEmpty();
  }

  @Test
  void aPushedEndWaitsForTheReference() {
    assertThat(completed(job(7, "FAILED"))).isEmpty();

    assertThat(refer(attempt(7, 1, 0))).containsExactly("1 FAILED");
  }

  @Test
  void aPushedEndIsNotThatOfAnAttemptWhichCameLateAndStartedBefore() {
    completed(job(7, "FAILED"));

    assertThat(refer(attempt(7, 1, 0, NOON.minusSeconds(100)))).containsExactly("1 REQUEUED");
    assertThat(refer(attempt(7, 2, 1, NOON.plusSeconds(1)))).containsExactly("2 FAILED");
    assertThat(jobs.open()).isEmpty();
  }

  @Test
  void aPushedEndOfAStartIsTheEndOfThatStartOnly() {
    refer(attempt(7, 1, 0, NOON.plusSeconds(10)));
    refer(attempt(7, 2, 1, NOON.plusSeconds(500)));

    assertThat(completed(job(7, "PENDING"))).containsExactly("1 REQUEUED");
    assertThat(jobs.open()).containsExactly(7L);
  }

  @Test
  void aPushedEndKeepsTheReasonThatTheQueueGave() {
    refer(attempt(7, 1, 0));
    stored(jobs.queued(jobs.open(), List.of(job(7, "FAILED", "NonZeroExitCode", "0:0"))));

    List<Observation> news = jobs.completed(job(7, "FAILED", "", "3:0"));

    assertThat(news).hasSize(1);
    assertThat(news.get(0).job().reason()).isEqualTo("NonZeroExitCode");
    assertThat(news.get(0).job().exitCode()).hasValue(3);
  }

  @Test
  void aNumberThatIsUsedAgainIsAnotherJob() {
    refer(attempt(7, 1, 0));
    queued(job(7, "COMPLETED"));

    assertThat(refer(attempt(7, 2, 0, NOON.plusSeconds(100_000)))).isEmpty();
    assertThat(jobs.open()).containsExactly(7L);
    assertThat(queued(job(7, "RUNNING"))).as("for both").hasSize(2);
  }

  @Test
  void aJobThatIsForgottenTwiceIsLookedUpInTheAccounting() {
    refer(attempt(7, 1, 0));
    refer(attempt(7, 2, 1));
    queued();
    assertThat(jobs.vanished()).isEmpty();
    queued();
    assertThat(jobs.vanished()).containsExactly(7L);

    assertThat(accounted(job(7, "NODE_FAIL"), job(7, "COMPLETED")))
        .containsExactly("1 NODE_FAIL", "2 COMPLETED");
    assertThat(jobs.open()).isEmpty();
  }

  @Test
  void aJobThatNobodyKnowsIsGivenUpAndNothingIsGuessed() {
    refer(attempt(7, 1, 0));

    assertThat(accounted()).isEmpty();

    assertThat(jobs.open()).isEmpty();
  }

  @Test
  void aRestartGoesOnWhereItWas() {
    refer(attempt(7, 1, 0));
    queued(job(7, "RUNNING"));

    KnownJobs next = new KnownJobs();
    next.restore(jobs.kept());

    assertThat(next.queued(next.open(), List.of(job(7, "RUNNING")))).isEmpty();
    assertThat(next.open()).containsExactly(7L);
  }

  @Test
  void endedJobsAreForgottenInTheEnd() {
    for (int id = 1; id <= KnownJobs.KEPT_ENDED + 1; id++) {
      completed(job(id, "COMPLETED"));
    }

    assertThat(refer(attempt(1, 1, 0))).isEmpty();
    assertThat(refer(attempt(2, 2, 0))).containsExactly("2 COMPLETED");
  }

  private List<String> refer(Reference reference) {
    return stored(jobs.refer(reference));
  }

  private List<String> queued(SlurmJob... answer) {
    return stored(jobs.queued(jobs.open(), List.of(answer)));
  }

  private List<String> accounted(SlurmJob... answer) {
    return stored(jobs.accounted(jobs.open(), List.of(answer)));
  }

  private List<String> completed(SlurmJob job) {
    return stored(jobs.completed(job));
  }

  private List<String> stored(List<Observation> news) {
    news.forEach(jobs::reported);
    jobs.settle();
    return words(news);
  }

  /** Attempt and state. */
  private static List<String> words(List<Observation> news) {
    return news.stream()
        .map(one -> one.reference().attempt() + " " + one.job().state())
        .sorted()
        .toList();
  }

  private static Reference attempt(long jobId, long attempt, int restartCount) {
    return attempt(jobId, attempt, restartCount, NOON);
  }

  private static Reference attempt(long jobId, long attempt, int restartCount, Instant startedAt) {
    return new Reference(jobId, new RunId(attempt), attempt, restartCount, startedAt);
  }

  private static SlurmJob job(long id, String state) {
    return job(id, state, "", "");
  }

  private static SlurmJob job(long id, String state, String reason, String exitCode) {
    return new SlurmJob(
        id,
        OptionalLong.empty(),
        OptionalLong.empty(),
        state,
        reason,
        Words.exitCode(exitCode),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.of(NOON),
        Optional.of(NOON),
        Optional.of(NOON.plusSeconds(60)),
        OptionalLong.empty(),
        "node1",
        "gpu",
        "",
        "",
        "train",
        Map.of(),
        Map.of());
  }
}
