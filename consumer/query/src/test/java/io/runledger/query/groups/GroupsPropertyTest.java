package io.runledger.query.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.runledger.contract.Events;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.query.OnEachStore;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.Filter;
import io.runledger.query.filter.NamedField;
import io.runledger.query.filter.Value;
import io.runledger.query.filter.Value.Text;
import io.runledger.query.filter.Value.Whole;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Groups and their curves are what they say, for runs drawn at random, some of them resumed. */
@OnEachStore
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GroupsPropertyTest {

  private static final int RUNS = 40;
  private static final int QUESTIONS = 150;
  private static final List<String> METHODS = List.of("cnn", "mlp", "");
  private static final List<String> RATES = List.of("0.1", "1", "1.0", "\"1\"", "null", "[1]");

  private record Drawn(Optional<String> method, String rate, RunStatus status) {}

  private final Random random = new Random(20_261_201);
  private final Map<RunId, Drawn> drawn = new LinkedHashMap<>();
  private final Map<RunId, List<MetricPoint>> points = new HashMap<>();
  private Laboratory laboratory;
  private Ledger ledger;

  @TempDir private static Path directory;

  @BeforeEachStore
  void open() {
    drawn.clear();
    points.clear();
    laboratory = Laboratory.empty(directory);
    for (int i = 0; i < RUNS; i++) {
      deliver(i);
    }
    ledger = laboratory.open();
    drawn
        .keySet()
        .forEach(
            run ->
                points.put(
                    run, ledger.summaries(run).isEmpty() ? List.of() : ledger.points(run, "loss")));
  }

  @AfterEachStore
  void close() {
    ledger.close();
    laboratory.close();
  }

  private void deliver(int number) {
    String method = METHODS.get(random.nextInt(METHODS.size()));
    Optional<String> named = Optional.of(method).filter(name -> !name.isEmpty());
    String rate = RATES.get(random.nextInt(RATES.size()));
    Events run = Events.of(RunKey.of("e", null, named.orElse(null), null, null, (long) number));
    List<SpecificRecord> events = new ArrayList<>();
    events.add(run.started(start -> start.setConfig("{\"lr\":" + rate + "}")));
    addPoints(events, run);
    Events last = run;
    if (random.nextInt(3) == 0) {
      last = run.attempt(1_000 + number);
      long from = random.nextInt(40);
      events.add(last.started(start -> start.setResumedFromStep(from)));
      addPoints(events, last);
    }
    RunStatus status =
        List.of(RunStatus.RUNNING, RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.TIMEOUT)
            .get(random.nextInt(4));
    if (status != RunStatus.RUNNING) {
      events.add(last.status(status, StatusSource.JOB));
    }
    laboratory.deliver(events.toArray(SpecificRecord[]::new));
    drawn.put(run.run(), new Drawn(named, rate, status));
  }

  private void addPoints(List<SpecificRecord> events, Events run) {
    long step = random.nextInt(30);
    for (int i = random.nextInt(12); i > 0; i--) {
      step = Math.max(0, step + random.nextInt(9) - 2);
      Map<String, Double> values = Map.of("loss", value());
      events.add(
          run.metrics(
              random.nextInt(8) == 0
                  ? MetricRow.newBuilder().setAt(Events.DAWN).setValues(values).build()
                  : Events.call(step, values)));
    }
  }

  private double value() {
    return switch (random.nextInt(12)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      default -> random.nextInt(100) / 7.0;
    };
  }

  @Test
  void aGroupHasAllRunsThatMatchAndOneValueOfEach() {
    for (int i = 0; i < QUESTIONS; i++) {
      List<String> by = List.of("method", "config.lr", "status").subList(0, random.nextInt(4));
      RunValue value =
          RunValue.parse(
              List.of("last", "min", "max", "best", "at:" + random.nextInt(60))
                  .get(random.nextInt(5)));
      boolean isFiltered = random.nextBoolean();
      RunFilter filter =
          isFiltered ? RunFilter.newest(1).where(Filter.parse("seed < 30")) : RunFilter.newest(1);
      Map<List<Optional<Value>>, List<RunId>> expected =
          drawn.keySet().stream()
              .filter(run -> !isFiltered || new ArrayList<>(drawn.keySet()).indexOf(run) < 30)
              .collect(Collectors.groupingBy(run -> key(by, run)));

      List<RunGroup> groups = ledger.groups(filter, fields(by), "loss", value);

      assertThat(groups)
          .as(by + " " + value.word())
          .extracting(RunGroup::key)
          .containsExactlyInAnyOrderElementsOf(expected.keySet())
          .isSortedAccordingTo(GroupKeys.ORDER);
      for (RunGroup group : groups) {
        List<RunId> runs = expected.get(group.key());
        List<Double> values =
            runs.stream().flatMap(run -> value(points.get(run), value).stream()).toList();
        double[] finite =
            values.stream().filter(Double::isFinite).mapToDouble(one -> one).toArray();
        assertThat(group.runs()).isEqualTo(runs.size());
        assertThat(group.failed())
            .isEqualTo(
                runs.stream()
                    .map(run -> drawn.get(run).status())
                    .filter(status -> status == RunStatus.FAILED || status == RunStatus.TIMEOUT)
                    .count());
        assertThat(group.without()).isEqualTo(runs.size() - values.size());
        assertThat(group.nan()).isEqualTo(values.stream().filter(one -> one.isNaN()).count());
        assertThat(group.infinite())
            .isEqualTo(values.stream().filter(one -> one.isInfinite()).count());
        assertThat(group.statistics().n()).isEqualTo(finite.length);
        assertThat(group.statistics().mean().orElse(0))
            .isCloseTo(Statistics.of(finite).mean().orElse(0), within(1e-12));
        assertThat(group.statistics().std().orElse(0))
            .isCloseTo(Statistics.of(finite).std().orElse(0), within(1e-12));
      }
    }
  }

  private static List<Field> fields(List<String> words) {
    return NamedField.fields(NamedField.list("fields", String.join(",", words)));
  }

  private List<Optional<Value>> key(List<String> by, RunId run) {
    Drawn facts = drawn.get(run);
    return by.stream()
        .<Optional<Value>>map(
            word ->
                switch (word) {
                  case "method" -> facts.method().map(Text::new);
                  case "status" -> Optional.of(new Text(facts.status().word()));
                  default -> rate(facts.rate());
                })
        .toList();
  }

  private static Optional<Value> rate(String json) {
    return switch (json) {
      case "null" -> Optional.empty();
      case "\"1\"" -> Optional.of(new Text("1"));
      case "[1]" -> Optional.of(new Value.Json("[1]"));
      case "0.1" -> Optional.of(new Value.Real(0.1));
      default -> Optional.of(new Whole(1));
    };
  }

  /** The points are in the order of logging. */
  private static Optional<Double> value(List<MetricPoint> points, RunValue value) {
    if (points.isEmpty()) {
      return Optional.empty();
    }
    List<Double> numbers =
        points.stream().map(MetricPoint::value).filter(one -> !one.isNaN()).toList();
    if (value instanceof RunValue.AtStep at) {
      return points.stream()
          .filter(point -> point.step().isPresent() && point.step().getAsLong() <= at.step())
          .reduce((first, second) -> second)
          .map(MetricPoint::value);
    }
    return Optional.of(
        switch (value.word()) {
          case "last" -> points.get(points.size() - 1).value();
          case "max" -> numbers.stream().max(Comparator.naturalOrder()).orElse(Double.NaN);
          default -> numbers.stream().min(Comparator.naturalOrder()).orElse(Double.NaN);
        });
  }

  @Test
  void aCurveHasEachRunsLastValueUpToEachBucketsEnd() {
    double low = steps().mapToDouble(one -> one).min().orElseThrow();
    double high = steps().mapToDouble(one -> one).max().orElseThrow();
    for (int width : List.of(1, 2, 5, 13, 1_000)) {
      double size = Math.max(1, Math.ceil((high - low + 1) / width));

      List<GroupCurve> curves =
          ledger.groupCurves(
              RunFilter.newest(1), fields(List.of("method")), "loss", XAxis.STEP, width, 3);

      assertThat(curves).hasSize(3);
      assertThat(
              ledger.groupCurves(
                  RunFilter.all(), fields(List.of("method")), "loss", XAxis.STEP, width, 2))
          .isEqualTo(curves.subList(0, 2));
      for (GroupCurve curve : curves) {
        List<List<MetricPoint>> runs =
            drawn.keySet().stream()
                .filter(run -> key(List.of("method"), run).equals(curve.key()))
                .map(
                    run ->
                        points.get(run).stream().filter(point -> point.step().isPresent()).toList())
                .filter(some -> !some.isEmpty())
                .toList();
        assertThat(curve.runs()).isEqualTo(runs.size());
        TreeSet<Double> buckets = new TreeSet<>();
        runs.forEach(run -> run.forEach(point -> buckets.add(bucket(point, low, size))));
        assertThat(curve.places()).hasSameSizeAs(buckets);
        int place = 0;
        for (double bucket : buckets) {
          assertPlace(curve.places().get(place++), runs, bucket, low, size);
        }
      }
    }
  }

  private java.util.stream.Stream<Long> steps() {
    return points.values().stream()
        .flatMap(List::stream)
        .flatMap(point -> point.step().stream().boxed());
  }

  private static double bucket(MetricPoint point, double low, double size) {
    return Math.floor((point.step().getAsLong() - low) / size);
  }

  private static void assertPlace(
      GroupCurve.Place place,
      List<List<MetricPoint>> runs,
      double bucket,
      double low,
      double size) {
    List<Double> values = new ArrayList<>();
    double greatest = Double.NEGATIVE_INFINITY;
    for (List<MetricPoint> run : runs) {
      List<MetricPoint> before =
          run.stream().filter(point -> bucket(point, low, size) <= bucket).toList();
      boolean goesOn = run.stream().anyMatch(point -> bucket(point, low, size) >= bucket);
      if (before.isEmpty() || !goesOn) {
        continue;
      }
      MetricPoint last = before.get(0);
      for (MetricPoint point : before) {
        last = point.step().getAsLong() >= last.step().getAsLong() ? point : last;
        if (bucket(point, low, size) == bucket) {
          greatest = Math.max(greatest, (double) point.step().getAsLong());
        }
      }
      values.add(last.value());
    }
    double[] finite = values.stream().filter(Double::isFinite).mapToDouble(one -> one).toArray();
    Statistics expected = Statistics.of(finite);
    assertThat(place.x()).isEqualTo(greatest);
    assertThat(place.n()).isEqualTo(finite.length);
    assertThat(place.notFinite()).isEqualTo(values.size() - finite.length);
    List<Double> found = List.of(place.mean(), place.std(), place.low(), place.high(), place.min());
    List<java.util.OptionalDouble> meant =
        List.of(expected.mean(), expected.std(), expected.low(), expected.high(), expected.min());
    for (int i = 0; i < found.size(); i++) {
      assertThat(Double.isNaN(found.get(i))).isEqualTo(meant.get(i).isEmpty());
      if (meant.get(i).isPresent()) {
        assertThat(found.get(i)).isCloseTo(meant.get(i).getAsDouble(), within(1e-9));
      }
    }
  }
}
