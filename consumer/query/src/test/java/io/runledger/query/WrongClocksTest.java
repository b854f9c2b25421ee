package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.DroppedEvents;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.runs.StatusClaim;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.SlurmReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job that was requeued onto a node whose clock is behind: its second attempt has the lower id
 * and the earlier times, and everything that is read of the run comes in the order of its causes.
 */
@OnEachStore
class WrongClocksTest {

  private final Events first = Events.ofSeed(1).attempt(90);
  private final Events second = Events.ofSeed(1).attempt(10);

  @TempDir Path directory;
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void fill() {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
    laboratory.deliver(
        second.started(start -> start.setSlurm(slurm(1))),
        second.metric("loss", 2, 0.2),
        second.metric("f1", 2, 0.8),
        second.error("ValueError", "second"),
        second.dropped(2),
        second.results("{\"attempt\":2}"),
        second.artifact("model", "second.pt"),
        second.completed());
    laboratory.deliver(
        first.started(start -> start.setSlurm(slurm(0))),
        first.metric("loss", 1, 0.5),
        first.metric("f1", 1, 0.4),
        first.error("ValueError", "first"),
        first.dropped(1),
        first.results("{\"attempt\":1}"),
        first.artifact("model", "first.pt"),
        first.status(RunStatus.FAILED, StatusSource.JOB));
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private static SlurmReference slurm(int restarts) {
    return SlurmReference.newBuilder(Events.slurmReference(42)).setRestartCount(restarts).build();
  }

  @Test
  void pointsComeInTheOrderOfTheAttempts() {
    assertThat(ledger.points(first.run(), "loss"))
        .extracting(MetricPoint::value)
        .containsExactly(0.5, 0.2);
    List<MetricPoint> visited = new ArrayList<>();
    ledger.forEachPoint(first.run(), "f1", visited::add);
    assertThat(visited).extracting(MetricPoint::value).containsExactly(0.4, 0.8);
    assertThat(ledger.logCalls(first.run()))
        .extracting(LogCall::attemptId)
        .containsExactly(90L, 90L, 10L, 10L);
  }

  @Test
  void theLastPointIsOneOfTheLastAttempt() {
    assertThat(ledger.lastPoints(first.run(), "loss", 1))
        .extracting(MetricPoint::value)
        .containsExactly(0.2);
    assertThat(ledger.lastPoints(first.run(), "loss", 2))
        .extracting(MetricPoint::value)
        .containsExactly(0.5, 0.2);
  }

  @Test
  void curvesGoOnWhereTheLastAttemptBegan() {
    assertThat(ledger.curve(first.run(), "loss", 2).buckets())
        .extracting(bucket -> bucket.firstStep().getAsLong())
        .containsExactly(1L, 2L);
    assertThat(ledger.curves(first.run(), 2, 2).get("loss").buckets())
        .extracting(bucket -> bucket.firstStep().getAsLong())
        .containsExactly(1L, 2L);
  }

  @Test
  void whatTheLastAttemptSaidIsTheNewest() {
    RunDetails details = ledger.details(first.run());

    assertThat(ledger.errors(ErrorFilter.all().of(first.run())))
        .extracting(RunError::message)
        .containsExactly(Optional.of("second"), Optional.of("first"));
    assertThat(ledger.slurmJobs(JobFilter.all().of(first.run())))
        .extracting(SlurmJob::attemptId)
        .containsExactly(10L, 90L);
    assertThat(details.results()).extracting(RunResults::attemptId).isEqualTo(List.of(90L, 10L));
    assertThat(details.artifacts()).extracting(Artifact::attemptId).isEqualTo(List.of(90L, 10L));
    assertThat(details.claims()).extracting(StatusClaim::attemptId).isEqualTo(List.of(90L, 10L));
    assertThat(details.dropped()).extracting(DroppedEvents::attemptId).isEqualTo(List.of(90L, 10L));
  }
}
