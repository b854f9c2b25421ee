package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.runledger.contract.Events;
import io.runledger.fold.batch.Position;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.overview.NameCount;
import io.runledger.query.overview.NameKind;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.DroppedEvents;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.query.runs.StreamGap;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the users of the two trackers do, and what comes out. */
@OnEachStore
class LedgerTest {

  @TempDir Path directory;
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.filled(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  @Test
  void aRunHasWhatItsStartSaid() {
    Run run = ledger.run(Laboratory.COMPLETED).orElseThrow();

    assertThat(run.key()).contains(RunKey.of("7", "mnist", "cnn", "s01", null, 3L));
    assertThat(run.name()).contains("7/mnist/cnn/s01/-/3");
    assertThat(run.status()).isEqualTo(RunStatus.COMPLETED);
    assertThat(run.statusSource()).contains(StatusSource.JOB);
    assertThat(run.exitCode()).isEqualTo(OptionalInt.of(0));
    assertThat(run.notes()).contains("Initial baseline");
    assertThat(run.tags()).containsExactly("baseline", "grid");
    assertThat(run.config().orElseThrow()).contains("\"n_layers\":12", "5e-5", "\"note\":null");
    assertThat(run.createdAt()).contains(Instant.parse("2026-01-02T04:04:05Z"));
    assertThat(run.missingEvents()).isZero();
  }

  @Test
  void whatWasLoggedWithANulIsFoundByThatName() {
    Events run = Events.ofSeed(50);
    laboratory.deliver(
        run.started(begun -> begun.setConfig("{\"n\\u0000k\":1}")),
        run.metrics(0, List.of(Events.call(0, Map.of("lo\0ss", 0.5)))));

    assertThat(ledger.best("lo\0ss", Optimum.MIN)).map(best -> best.best().value()).contains(0.5);
    assertThatExceptionOfType(MetricNotFoundException.class)
        .isThrownBy(() -> ledger.best("no\0ne", Optimum.MIN));
    assertThat(ledger.runs(RunFilter.all().withTag("a\0b"))).isEmpty();
    assertThat(ledger.names(NameKind.CONFIG, "n", 10))
        .extracting(NameCount::name)
        .contains("\"n\ufffdk\"");
  }

  @Test
  void aRunThatIsNotThereIsEmptyAndItsMetricsAnError() {
    RunId unknown = new RunId(12345);

    assertThat(ledger.run(unknown)).isEmpty();
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> ledger.points(unknown, "loss"))
        .withMessage("There is no run %s.", unknown);
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> ledger.compare(List.of(Laboratory.COMPLETED, unknown), Optimum.MAX));
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> ledger.artifacts(unknown));
  }

  @Test
  void theNewestRunComesFirst() {
    List<Run> runs = ledger.runs(RunFilter.newest(3));

    assertThat(runs)
        .extracting(Run::id)
        .containsExactly(Laboratory.TIMED_OUT, Laboratory.INCOMPLETE, Laboratory.RESUMED);
  }

  @Test
  void filtersLeaveWhatFitsAllOfThem() {
    assertThat(ledger.runs(RunFilter.all().withStatus(RunStatus.FAILED)))
        .extracting(Run::id)
        .containsExactly(Laboratory.FAILED);
    assertThat(ledger.runs(RunFilter.all().withProject("vision")))
        .extracting(Run::id)
        .containsExactly(Laboratory.FAILED);
    assertThat(ledger.runs(RunFilter.all().withTag("grid")))
        .extracting(Run::id)
        .containsExactly(Laboratory.COMPLETED);
    assertThat(ledger.runs(RunFilter.all().withExperiment("7").withStatus(RunStatus.FAILED)))
        .isEmpty();
    assertThat(ledger.runs(RunFilter.all().since(Instant.parse("2026-01-02T08:04:05Z"))))
        .extracting(Run::id)
        .containsExactly(Laboratory.TIMED_OUT, Laboratory.INCOMPLETE, Laboratory.RESUMED);
  }

  @Test
  void aDeletedRunIsNotSeen() {
    Events run = Events.ofSeed(99);
    laboratory.deliver(run.started(), run.metric("val/loss", 1, -100), run.deleted());

    assertThat(ledger.run(run.run())).isEmpty();
    assertThat(ledger.runs(RunFilter.all())).extracting(Run::id).doesNotContain(run.run());
    assertThat(ledger.best("val/loss", Optimum.MIN).orElseThrow().run().id())
        .isEqualTo(Laboratory.COMPLETED);
  }

  @Test
  void metricsComeInTheOrderOfLoggingByStepAndByEpoch() {
    assertThat(ledger.points(Laboratory.COMPLETED, "val/loss"))
        .extracting(MetricPoint::value, MetricPoint::epoch, MetricPoint::step)
        .containsExactly(
            tuple(0.8, OptionalDouble.of(0), OptionalLong.empty()),
            tuple(0.25, OptionalDouble.of(1), OptionalLong.empty()),
            tuple(0.3, OptionalDouble.of(2), OptionalLong.empty()));
    assertThat(ledger.points(Laboratory.COMPLETED, "train/batch_loss"))
        .extracting(MetricPoint::step)
        .containsExactly(OptionalLong.of(5), OptionalLong.of(15));
  }

  @Test
  void onlyTheLastPointsComeWhenSoManyAreAskedFor() {
    assertThat(ledger.lastPoints(Laboratory.COMPLETED, "val/loss", 2))
        .extracting(MetricPoint::value)
        .containsExactly(0.25, 0.3);
  }

  @Test
  void anUnknownMetricIsAnErrorThatNamesNearOnes() {
    assertThatExceptionOfType(MetricNotFoundException.class)
        .isThrownBy(() -> ledger.points(Laboratory.COMPLETED, "val_loss"))
        .withMessageContaining("has no metric 'val_loss'; did you mean 'val/loss'?");
    assertThatExceptionOfType(MetricNotFoundException.class)
        .isThrownBy(() -> ledger.best("accuracy", Optimum.MAX))
        .withMessage("No run has a metric 'accuracy'; did you mean 'val/accuracy'?");
    assertThatExceptionOfType(MetricNotFoundException.class)
        .isThrownBy(() -> ledger.points(Laboratory.TIMED_OUT, "loss"))
        .withMessageContaining("no metric was logged at all");
  }

  @Test
  void everyNumberComesBack() {
    Events run = Events.ofSeed(50);
    double[] numbers = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      -0.0,
      0.0,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      0.1,
      9007199254740992.0
    };
    laboratory.deliver(run.started());
    for (int step = 0; step < numbers.length; step++) {
      laboratory.deliver(run.metric("odd", step, numbers[step]));
    }

    List<MetricPoint> points = ledger.points(run.run(), "odd");

    assertThat(points.stream().mapToLong(point -> Double.doubleToLongBits(point.value())).toArray())
        .containsExactly(Arrays.stream(numbers).mapToLong(Double::doubleToLongBits).toArray());
    MetricSummary summary = ledger.summaries(run.run()).get(0);
    assertThat(summary.count()).isEqualTo(9);
    assertThat(summary.nanCount()).isEqualTo(1);
    assertThat(summary.min().orElseThrow().value()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(summary.max().orElseThrow().value()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void aLogCallKeepsItsValuesTogetherAndTellsNaNFromAbsent() {
    Events run = Events.ofSeed(51);
    laboratory.deliver(
        run.started(),
        run.metrics(
            Events.call(1, Map.of("loss", Double.NaN, "f1", 0.5)),
            Events.call(2, Map.of("loss", 0.4))));

    List<LogCall> calls = ledger.logCalls(run.run());

    assertThat(calls).hasSize(2);
    assertThat(calls.get(0).values()).containsEntry("loss", Double.NaN).containsEntry("f1", 0.5);
    assertThat(calls.get(1).values()).containsOnlyKeys("loss");
    assertThat(calls.get(1).step()).isEqualTo(OptionalLong.of(2));
  }

  @Test
  void afterAResumeThereIsOneCurve() {
    assertThat(ledger.points(Laboratory.RESUMED, "loss"))
        .extracting(MetricPoint::value)
        .containsExactly(0.9, 0.5, 0.4);
    assertThat(ledger.summaries(Laboratory.RESUMED).get(0).min().orElseThrow().value())
        .isEqualTo(0.4);
    assertThat(ledger.run(Laboratory.RESUMED).orElseThrow().attempts()).isEqualTo(2);
  }

  @Test
  void missingAndDroppedEventsAndDriftAreOnTheRun() {
    Run incomplete = ledger.run(Laboratory.INCOMPLETE).orElseThrow();
    RunDetails details = ledger.details(Laboratory.INCOMPLETE);

    assertThat(incomplete.missingEvents()).isEqualTo(3);
    assertThat(incomplete.droppedEvents()).isEqualTo(5);
    assertThat(details.gaps()).extracting(StreamGap::seen).containsExactly("0-0,4-4");
    assertThat(details.dropped())
        .extracting(DroppedEvents::reason)
        .containsExactly("the spool's disk is full");
    assertThat(ledger.run(Laboratory.RESUMED).orElseThrow().configDrift()).isTrue();
  }

  @Test
  void whatTheLogLostIsToldWithEveryRun() {
    Position metrics =
        laboratory.projection().positions().stream()
            .filter(position -> position.topic().equals(TopicNames.DEFAULT.name(Topics.METRICS)))
            .findFirst()
            .orElseThrow();
    laboratory.projection().recordGap(metrics, 5, 9, "deleted");

    assertThat(ledger.details(Laboratory.COMPLETED).logGaps())
        .containsExactly(new LogGap(TopicNames.DEFAULT.name(Topics.METRICS), 0, 5, 9, "deleted"))
        .extracting(LogGap::records)
        .containsExactly(4L);
  }

  @Test
  void errorsArtifactsResultsAndJobsComeAsRecords() {
    assertThat(ledger.errors(ErrorFilter.newest(10)))
        .extracting(RunError::exceptionType, RunError::runId)
        .containsExactly(
            tuple(Optional.empty(), Laboratory.TIMED_OUT),
            tuple(Optional.empty(), Laboratory.RESUMED),
            tuple(Optional.of("ValueError"), Laboratory.FAILED));
    assertThat(ledger.details(Laboratory.RESUMED).errors()).isEmpty();
    assertThat(ledger.details(Laboratory.FAILED).errors())
        .extracting(RunError::exceptionType)
        .containsExactly(Optional.of("ValueError"));
    assertThat(ledger.errors(ErrorFilter.newest(10).of(Laboratory.COMPLETED))).isEmpty();
    assertThat(ledger.artifacts(Laboratory.COMPLETED))
        .extracting(Artifact::filepath, Artifact::metadata)
        .containsExactly(tuple("checkpoints/epoch_5.pt", Optional.of("{\"epoch\":5}")));
    assertThat(ledger.results(Laboratory.COMPLETED))
        .extracting(RunResults::results)
        .containsExactly("{\"best_loss\":0.25,\"confusion\":[[9,1],[0,10]]}");
    SlurmJob job = ledger.slurmJobs(JobFilter.newest(10)).get(0);
    assertThat(job.label()).isEqualTo("4710_4");
    assertThat(job.state()).contains("TIMEOUT");
    assertThat(job.partition()).contains("gpu");
    assertThat(ledger.slurmJobs(JobFilter.newest(9).of(Laboratory.COMPLETED))).isEmpty();
  }

  @Test
  void summariesOfManyRunsComeInOneGo() {
    Map<RunId, List<MetricSummary>> summaries =
        ledger.summaries(List.of(Laboratory.COMPLETED, Laboratory.TIMED_OUT));

    assertThat(summaries).containsOnlyKeys(Laboratory.COMPLETED);
    assertThat(summaries.get(Laboratory.COMPLETED))
        .extracting(MetricSummary::name)
        .containsExactly("train/batch_loss", "train/loss", "val/accuracy", "val/loss");
    assertThat(ledger.metricNames()).contains("loss", "val/loss");
  }

  @Test
  void aRunWhoseStartHasNotComeIsSeenByItsId() {
    Events run = Events.ofName("vision", "early", new UUID(7, 7));
    laboratory.deliver(run.metric("loss", 1, 0.5));

    Run found = ledger.run(run.run()).orElseThrow();

    assertThat(found.name()).isEmpty();
    assertThat(found.label()).isEqualTo(run.run().toString());
    assertThat(ledger.runs(RunFilter.all())).extracting(Run::id).contains(run.run());
  }
}
