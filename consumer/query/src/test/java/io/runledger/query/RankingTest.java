package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.BestRun;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunComparison.ComparedRun;
import io.runledger.query.runs.RunComparison.ConfigDifference;
import io.runledger.query.runs.RunFilter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The best runs, and runs side by side. */
@OnEachStore
class RankingTest {

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
  void theBestRunIsThatOfTheSmallestOrLargestValueAndNeverOfNaN() {
    BestRun lowest = ledger.best("val/loss", Optimum.MIN).orElseThrow();
    BestRun highest = ledger.best("val/accuracy", Optimum.MAX).orElseThrow();

    assertThat(lowest.run().id()).isEqualTo(Laboratory.COMPLETED);
    assertThat(lowest.best())
        .isEqualTo(new MetricSummary.Mark(0.25, OptionalLong.empty(), OptionalDouble.of(1)));
    assertThat(lowest.run().config().orElseThrow()).contains("learning_rate");
    assertThat(highest.best().value()).isEqualTo(0.8);
    assertThat(ledger.best("val/loss", Optimum.MAX, RunFilter.all()))
        .extracting(best -> best.best().value())
        .containsExactly(Double.POSITIVE_INFINITY, 0.8);
  }

  @Test
  void aMetricThatIsOnlyNaNHasNoBestRun() {
    Events run = Events.ofSeed(52);
    laboratory.deliver(run.started(), run.metric("hopeless", 1, Double.NaN));

    assertThat(ledger.best("hopeless", Optimum.MIN)).isEmpty();
  }

  @Test
  void ofEqualValuesTheOldestRunIsBestHoweverManyThereAre() {
    for (int seed = 100; seed < 180; seed++) {
      // The later the seed, the earlier the attempt.
      Events run = Events.ofSeed(seed).attempt(1_000 - seed);
      laboratory.deliver(run.started(), run.metric("tie", 1, 1.0));
    }

    List<BestRun> best = ledger.best("tie", Optimum.MAX, RunFilter.newest(2));

    assertThat(best)
        .extracting(one -> one.run().id())
        .containsExactly(Events.ofSeed(179).run(), Events.ofSeed(178).run());
  }

  @Test
  void theBestRunIsFoundBehindManyThatAreLeftOut() {
    for (int seed = 100; seed < 200; seed++) {
      Events run = Events.ofSeed(seed);
      laboratory.deliver(run.started(), run.metric("score", 1, seed));
    }
    Events tagged = Events.ofSeed(200);
    laboratory.deliver(
        tagged.started(start -> start.setTags(List.of("mine"))), tagged.metric("score", 1, 1));

    List<BestRun> best = ledger.best("score", Optimum.MAX, RunFilter.newest(1).withTag("mine"));

    assertThat(best).extracting(one -> one.run().id()).containsExactly(tagged.run());
  }

  @Test
  void aComparisonHasFinalAndBestValuesEpochsAndWhatDiffers() {
    RunComparison comparison =
        ledger.compare(List.of(Laboratory.COMPLETED, Laboratory.DIVERGED), Optimum.MAX);

    ComparedRun completed = comparison.runs().get(0);
    ComparedRun diverged = comparison.runs().get(1);
    assertThat(completed.totalEpochs()).isEqualTo(OptionalLong.of(3));
    assertThat(completed.metrics().get("val/loss").last().value()).isEqualTo(0.3);
    assertThat(completed.metrics().get("val/loss").best().orElseThrow().value()).isEqualTo(0.25);
    assertThat(completed.metrics().get("val/loss").best().orElseThrow().epoch())
        .isEqualTo(OptionalDouble.of(1));
    assertThat(completed.metrics().get("val/accuracy").best().orElseThrow().value()).isEqualTo(0.8);
    assertThat(diverged.metrics().get("val/loss").last().value()).isNaN();
    assertThat(diverged.metrics().get("val/loss").best().orElseThrow().value()).isEqualTo(0.7);
    assertThat(comparison.differences())
        .containsExactly(
            new ConfigDifference(
                "learning_rate", List.of(Optional.of("0.00005"), Optional.of("9.0"))));
  }

  @Test
  void aRunWithoutMetricsOrConfigurationCanBeCompared() {
    RunComparison comparison =
        ledger.compare(List.of(Laboratory.TIMED_OUT, Laboratory.COMPLETED), Optimum.MAX);

    assertThat(comparison.runs().get(0).metrics()).isEmpty();
    assertThat(comparison.runs().get(0).totalEpochs()).isEmpty();
    assertThat(comparison.differences())
        .extracting(ConfigDifference::path)
        .contains("model.n_layers", "optimizer.betas[1]");
  }
}
