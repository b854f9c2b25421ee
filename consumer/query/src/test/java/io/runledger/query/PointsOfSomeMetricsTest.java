package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.schemas.RunId;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Points of many metrics at a time are those of each. */
@OnEachStore
class PointsOfSomeMetricsTest {

  @TempDir private Path directory;

  private static void log(Laboratory laboratory, Events job, String metric, int from, int to) {
    List<MetricRow> rows = new ArrayList<>();
    for (int step = from; step < to; step++) {
      rows.add(Events.call(step, Map.of(metric, step % 9 == 4 ? Double.NaN : step / 7.0)));
    }
    laboratory.deliver(job.metrics(from, rows));
  }

  @Test
  void theyAreTheSamePointsInTheSameOrderHoweverManyOfEachThereAre() {
    Events first = Events.ofSeed(5).attempt(1);
    Events second = first.attempt(2);
    RunId run = first.run();
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      laboratory.deliver(first.started());
      log(laboratory, first, "a \"quoted\"", 0, 30);
      log(laboratory, first, "long", 30, 10_100);
      log(laboratory, first, "middle", 10_100, 16_100);
      log(laboratory, first, "middle too", 16_100, 22_100);
      laboratory.deliver(second.resumedFrom(22_090));
      log(laboratory, second, "middle too", 22_090, 22_110);
      log(laboratory, second, "z", 22_110, 22_111);
      try (Ledger ledger = laboratory.open()) {
        List<MetricSummary> metrics = ledger.summaries(run);
        List<MetricPoint> together = new ArrayList<>();
        ledger.forEachPoint(run, metrics, together::add);
        List<MetricPoint> apart = new ArrayList<>();
        metrics.forEach(metric -> apart.addAll(ledger.points(run, metric.name())));

        assertThat(metrics).hasSize(5);
        assertThat(together).isEqualTo(apart).hasSize(30 + 10_070 + 6_000 + 6_010 + 1);
        List<MetricPoint> one = new ArrayList<>();
        ledger.forEachPoint(run, metrics.subList(4, 5), one::add);
        assertThat(one).isEqualTo(ledger.points(run, "z")).hasSize(1);
      }
    }
  }
}
