package io.runledger.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.series.Series;
import io.runledger.query.series.Series.Bucket;
import io.runledger.query.series.Series.Range;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that are kept, while they grow and change. */
@OnEachStore
class SeriesCacheTest {

  private static final int WIDTH = 50;

  private final Events job = Events.ofSeed(20).attempt(20);
  private final SeriesCache cache = new SeriesCache();
  @TempDir private Path directory;
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
    laboratory.deliver(job.started());
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private static void log(Laboratory laboratory, Events events, int from, int to) {
    List<MetricRow> rows = new ArrayList<>();
    for (int step = from; step < to; step++) {
      double value = step % 333 == 7 ? Double.NaN : step % 97 == 3 ? 1e6 : Math.sin(step);
      rows.add(Events.call(step, Map.of("loss", value)));
    }
    laboratory.deliver(events.metrics(from, rows));
  }

  private Series cached(Range range) {
    return cache.whole(ledger, new SeriesCache.Key(job.run(), "loss", WIDTH, range)).orElseThrow();
  }

  private void assertTrue(Range range) {
    Series cached = cached(range);
    Series read = ledger.series(job.run(), "loss", WIDTH, range, Optional.empty()).orElseThrow();
    assertThat(cached.isWhole()).isTrue();
    assertThat(cached.points()).isEqualTo(read.points());
    assertThat(cached.position()).isEqualTo(read.position());
    assertThat(cached.x()).isEqualTo(read.x());
    assertThat(cached.buckets().size()).isLessThanOrEqualTo(2 * WIDTH);
    assertThat(sum(cached)).isEqualTo(sum(read));
    assertThat(spikes(cached)).isEqualTo(spikes(read));
    assertThat(cached.buckets().get(cached.buckets().size() - 1).last())
        .isEqualTo(read.buckets().get(read.buckets().size() - 1).last());
    assertThat(cached.seams().size()).isEqualTo(read.seams().size());
    for (int i = 0; i < cached.seams().size(); i++) {
      assertThat(cached.buckets().get(cached.seams().get(i)).step()).isPresent();
    }
  }

  private static List<Long> sum(Series series) {
    return List.of(
        series.buckets().stream().mapToLong(Bucket::points).sum(),
        series.buckets().stream().mapToLong(Bucket::nanCount).sum());
  }

  private static List<Double> spikes(Series series) {
    return List.of(
        series.buckets().stream()
            .mapToDouble(Bucket::min)
            .filter(Double::isFinite)
            .min()
            .orElseThrow(),
        series.buckets().stream()
            .mapToDouble(Bucket::max)
            .filter(Double::isFinite)
            .max()
            .orElseThrow());
  }

  @Test
  void whoAsksAgainGetsTheSameBucketsWithoutReadingThem() {
    log(laboratory, job, 0, 5_000);
    Series first = cached(Range.ALL);

    assertThat(cached(Range.ALL)).isSameAs(first);
  }

  @Test
  void aLineThatGrowsIsTrueAtEachLookAndKeepsItsSize() {
    Range part = new Range(OptionalDouble.of(1_000), OptionalDouble.of(6_000));
    int step = 0;
    for (int more : new int[] {5_000, 1, 30, 700, 1, 1, 3_000, 10, 10, 10, 10, 2_000}) {
      log(laboratory, job, step, step + more);
      step += more;
      assertTrue(Range.ALL);
      assertTrue(part);
    }
  }

  @Test
  void whatAResumeComputedAgainReplacesWhatIsKept() {
    log(laboratory, job, 0, 5_000);
    assertTrue(Range.ALL);
    Events second = job.attempt(21);
    laboratory.deliver(second.resumedFrom(2_000));
    assertTrue(Range.ALL);
    log(laboratory, second, 2_000, 4_000);
    assertTrue(Range.ALL);
    assertThat(cached(Range.ALL).seams()).hasSize(1);
    log(laboratory, second, 4_000, 4_020);
    assertTrue(Range.ALL);
  }

  @Test
  void aMetricThatIsNotThereIsNotKept() {
    assertThat(cache.whole(ledger, new SeriesCache.Key(job.run(), "acc", WIDTH, Range.ALL)))
        .isEmpty();
    laboratory.deliver(job.metric("acc", 1, 0.5));

    assertThat(cache.whole(ledger, new SeriesCache.Key(job.run(), "acc", WIDTH, Range.ALL)))
        .isPresent();
  }
}
