package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a metric, the point of the highest step is the newest one, in whatever order they came. */
@OnEachStore
class NewestPointsTest {

  private final Events job = Events.ofName("p", "n", new UUID(7, 1)).attempt(5);
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open(@TempDir Path directory) {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private List<MetricPoint> newest() {
    return ledger.newestPoints(List.of(job.run())).getOrDefault(job.run(), List.of());
  }

  private double newestLoss() {
    assertThat(newest()).extracting(MetricPoint::metric).containsExactly("loss");
    return newest().get(0).value();
  }

  private static MetricRow row(Long step, int second, double value) {
    return MetricRow.newBuilder()
        .setAt(Events.DAWN.plusSeconds(second))
        .setStep(step)
        .setValues(Map.of("loss", value))
        .build();
  }

  @Test
  void aStepThatComesLateIsNotTheNewest() {
    laboratory.deliver(
        job.started(),
        job.metrics(row(1L, 1, 0.5), row(3L, 2, 0.3), row(2L, 3, 0.4), row(null, 4, 0.9)));

    assertThat(newestLoss()).isEqualTo(0.3);
    assertThat(newest().get(0).step()).hasValue(3);
  }

  @Test
  void ofOneStepTheLatestCounts() {
    laboratory.deliver(
        job.started(), job.metrics(row(3L, 2, 0.3), row(3L, 9, 0.1), row(0L, 10, 0.9)));

    assertThat(newestLoss()).isEqualTo(0.1);
  }

  @Test
  void pointsWithoutStepsCountByTheirTime() {
    laboratory.deliver(job.started(), job.metrics(row(null, 1, 0.5), row(null, 2, 0.4)));

    assertThat(newestLoss()).isEqualTo(0.4);
  }

  @Test
  void anotherWriterHasTheHighestStep() {
    Events other = job.writer(77);
    laboratory.deliver(
        job.started(),
        job.metrics(row(8L, 1, 0.2)),
        other.metrics(row(1L, 5, 0.9)),
        other.metrics(row(2L, 6, 0.8)));

    assertThat(newestLoss()).isEqualTo(0.2);
  }

  @Test
  void whatAResumeSupersedesIsNotTheNewest() {
    Events second = job.attempt(6);
    laboratory.deliver(
        job.started(),
        job.metrics(row(1L, 1, 0.5), row(9L, 2, 0.1), row(2L, 3, 0.4)),
        second.started(),
        second.resumedFrom(3));

    assertThat(newestLoss()).isEqualTo(0.4);
  }

  @Test
  void runsWithoutMetricsAreLeftOut() {
    laboratory.deliver(job.started());

    assertThat(newest()).isEmpty();
  }
}
