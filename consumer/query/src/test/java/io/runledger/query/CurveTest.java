package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.runledger.contract.Events;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.CurveBuilder;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Buckets of long curves against the points that they were made of. */
@OnEachStore
class CurveTest {

  private static final int WIDTH = 20;
  private static final String LOSS = "loss";

  @TempDir Path directory;
  private final Random random = new Random(20261124);
  private final Events run = Events.ofSeed(1);
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  /** Log calls of two metrics, of which the loss comes with every third call alone. */
  private List<MetricRow> calls(int from, int to) {
    List<MetricRow> calls = new ArrayList<>();
    for (int step = from; step < to; step++) {
      calls.add(
          Events.call(
              step,
              step % 3 == 0
                  ? Map.of(LOSS, random.nextDouble(), "lr", 0.1)
                  : Map.of("lr", random.nextDouble())));
    }
    return calls;
  }

  private static MetricRow call(int step, double loss) {
    return Events.call(step, Map.of(LOSS, loss));
  }

  private static Curve.Bucket withoutMean(Curve.Bucket bucket) {
    return new Curve.Bucket(
        bucket.points(),
        bucket.nanCount(),
        bucket.low(),
        bucket.high(),
        0,
        bucket.firstStep(),
        bucket.lastStep());
  }

  private List<Curve.Bucket> checkedBuckets() {
    Curve curve = ledger.curve(run.run(), LOSS, WIDTH);
    List<MetricPoint> points = ledger.points(run.run(), LOSS);
    assertThat(curve.points()).isEqualTo(points.size());
    assertThat(curve.buckets()).hasSizeBetween(WIDTH / 2, WIDTH);
    int next = 0;
    for (Curve.Bucket bucket : curve.buckets()) {
      List<MetricPoint> its = points.subList(next, next + (int) bucket.points());
      CurveBuilder expected = new CurveBuilder(its.size(), 1);
      its.forEach(point -> expected.add(point.step(), point.value()));
      Curve.Bucket one = expected.curve().buckets().get(0);
      assertThat(withoutMean(bucket)).isEqualTo(withoutMean(one));
      if (Double.isNaN(one.mean())) {
        assertThat(bucket.mean()).isNaN();
      } else {
        assertThat(bucket.mean()).isCloseTo(one.mean(), withinPercentage(1e-9));
      }
      next += its.size();
    }
    assertThat(next).isEqualTo(points.size());
    return curve.buckets();
  }

  @Test
  void eachBucketSumsUpNeighboursAndEveryPointIsInOne() {
    laboratory.deliver(run.started(), run.metrics(0, calls(0, 6_000)));

    List<Curve.Bucket> buckets = checkedBuckets();

    assertThat(buckets).hasSize(WIDTH).allMatch(bucket -> bucket.points() == 100);
  }

  @Test
  void spikesNanAndInfinitiesSurvive() {
    List<MetricRow> calls = calls(0, 6_000);
    calls.set(3_000, call(3_000, 1e300));
    calls.set(3_003, call(3_003, Double.NaN));
    calls.set(9, call(9, Double.POSITIVE_INFINITY));
    calls.set(5_997, call(5_997, Double.MAX_VALUE));
    calls.set(5_994, call(5_994, Double.MAX_VALUE));
    laboratory.deliver(run.started(), run.metrics(0, calls));

    List<Curve.Bucket> buckets = checkedBuckets();

    assertThat(buckets.get(0).high()).isInfinite();
    assertThat(buckets.get(10).high()).isEqualTo(1e300);
    assertThat(buckets.get(10).nanCount()).isEqualTo(1);
    assertThat(buckets.get(19).mean()).isFinite();
  }

  @Test
  void aBucketOfNanAloneHasNoExtremes() {
    List<MetricRow> calls = new ArrayList<>();
    for (int step = 0; step < 2_000; step++) {
      calls.add(call(step, step < 300 ? Double.NaN : step));
    }
    laboratory.deliver(run.started(), run.metrics(0, calls));

    assertThat(checkedBuckets().get(0).low()).isNaN();
  }

  @Test
  void whatALaterAttemptComputedAnewIsInNoBucket() {
    Events second = run.attempt(run.attemptId() + 1).writer(run.writerId() + 1);
    laboratory.deliver(
        run.started(),
        run.metrics(0, calls(0, 6_000)),
        second.resumedFrom(3_000),
        second.metrics(0, calls(3_000, 9_000)));

    List<Curve.Bucket> buckets = checkedBuckets();

    assertThat(buckets.get(buckets.size() - 1).lastStep()).hasValue(8_997);
    assertThat(ledger.curve(run.run(), LOSS, WIDTH).points()).isEqualTo(3_000);
  }
}
