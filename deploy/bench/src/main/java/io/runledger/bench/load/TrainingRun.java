package io.runledger.bench.load;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;

/**
 * One run as a training writes it: 1 to 50 metrics per call, most often 3 to 20, with the names and
 * the kinds of numbers that frameworks log. Not thread-safe.
 */
final class TrainingRun {

  /** How the numbers of a metric are generated, which determines how well they compress. */
  private enum Kind {
    /** A falling loss, single precision. */
    LOSS,
    /** A share of a fixed number of examples. */
    ACCURACY,
    /** A schedule: a smooth function of the step. */
    SCHEDULE,
    /** Noise around a level, single precision. */
    NOISE,
    /** A level that seldom changes. */
    LEVEL,
    /** A duration or rate, rounded for people. */
    ROUNDED
  }

  private record Metric(String name, Kind kind) {}

  private static final List<Metric> KNOWN =
      List.of(
          new Metric("loss", Kind.LOSS),
          new Metric("train/accuracy", Kind.ACCURACY),
          new Metric("learning_rate", Kind.SCHEDULE),
          new Metric("val/loss", Kind.LOSS),
          new Metric("f1", Kind.ACCURACY),
          new Metric("grad_norm", Kind.NOISE),
          new Metric("gpu_memory_mb", Kind.LEVEL),
          new Metric("throughput/samples_per_second", Kind.ROUNDED));

  private static final int STEPS_PER_EPOCH = 500;

  private final SplittableRandom random;
  private final RunKey key;
  private final RunId run;
  private final long attempt;
  private final long writer;
  private final List<Metric> metrics;
  private final double rate;
  private final long totalCalls;
  private Instant now;
  private long calls;
  private double level;

  /**
   * @param number which run of the load: names and numbers depend on it and on the seed
   * @param points about how many points it logs
   */
  TrainingRun(long seed, int number, long points, TimeOrderedId ids, Instant begun) {
    this(seed, number, OptionalInt.empty(), points, ids, begun);
  }

  private TrainingRun(
      long seed,
      int number,
      OptionalInt metricCount,
      long points,
      TimeOrderedId ids,
      Instant begun) {
    // Not java.util.Random: the first numbers of neighbouring seeds are nearly the same there.
    random = new SplittableRandom(seed * 1_000_003 + number);
    key =
        RunKey.of(
            "grid-" + number / 1_000, "cifar10", "resnet", "s" + number % 17, null, (long) number);
    run = RunId.of(key);
    attempt = ids.next();
    writer = ids.next();
    metrics = metrics(metricCount.orElseGet(this::metricCount));
    rate = 1e-4 * (1 + random.nextInt(20));
    totalCalls = Math.max(1, points / metrics.size());
    now = begun.truncatedTo(ChronoUnit.MICROS);
    level = 4_096 + random.nextInt(20_000);
  }

  /**
   * A run that logs this many metrics; of one it is its loss.
   *
   * @param points about how many points it logs in all
   */
  static TrainingRun ofMetrics(
      long seed, int metrics, long points, TimeOrderedId ids, Instant begun) {
    // Numbers below zero belong to no run of a load.
    return new TrainingRun(seed, -metrics, OptionalInt.of(metrics), points, ids, begun);
  }

  private int metricCount() {
    double which = random.nextDouble();
    if (which < 0.1) {
      return 1;
    }
    if (which < 0.6) {
      return 3 + random.nextInt(6);
    }
    return which < 0.9 ? 9 + random.nextInt(12) : 21 + random.nextInt(30);
  }

  private static List<Metric> metrics(int count) {
    List<Metric> metrics = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      metrics.add(
          i < KNOWN.size()
              ? KNOWN.get(i)
              : new Metric(
                  "encoder/layer_%02d/attention/grad_norm".formatted(i - KNOWN.size()),
                  Kind.NOISE));
    }
    return metrics;
  }

  RunId run() {
    return run;
  }

  boolean isDone() {
    return calls >= totalCalls;
  }

  /** The job's first event. */
  RunEvent start() {
    RunStarted started =
        RunStarted.newBuilder()
            .setKey(key.parts())
            .setConfig(
                "{\"optimizer\":\"adamw\",\"learning_rate\":%s,\"batch_size\":128}".formatted(rate))
            .setTags(List.of("bench"))
            .setHost("node%02d".formatted(key.seed().getAsLong() % 32))
            .build();
    return event(0, started);
  }

  /** The job's last events. */
  RunEvent end() {
    return event(
        1,
        RunStatusChanged.newBuilder()
            .setStatus("completed")
            .setExitCode(0)
            .setSource("job")
            .build());
  }

  private RunEvent event(long seq, SpecificRecord kind) {
    return new RunEvent(run.value(), attempt, writer, seq, now, kind);
  }

  /** The next log calls, fewer at the end. */
  MetricsLogged log(int count) {
    List<MetricRow> rows = new ArrayList<>(count);
    long first = calls;
    while (rows.size() < count && !isDone()) {
      rows.add(row());
      calls++;
    }
    return new MetricsLogged(run.value(), attempt, writer, first, rows);
  }

  private MetricRow row() {
    now = now.plus(95_000 + random.nextInt(10_000), ChronoUnit.MICROS);
    if (random.nextInt(200) == 0) {
      level = 4_096 + random.nextInt(20_000);
    }
    Map<String, Double> values = new HashMap<>(metrics.size() * 2);
    for (Metric metric : metrics) {
      values.put(metric.name(), value(metric.kind()));
    }
    return new MetricRow(now, calls, (double) Math.floorDiv(calls, STEPS_PER_EPOCH), null, values);
  }

  private double value(Kind kind) {
    return switch (kind) {
      case LOSS ->
          random.nextInt(20_000) == 0
              ? Double.NaN
              : (float)
                  (0.1 + 2.3 * Math.exp(-rate * calls) + 0.05 * Math.abs(random.nextGaussian()));
      case ACCURACY ->
          Math.min(
                  10_000,
                  Math.round(10_000 * (1 - 0.9 * Math.exp(-rate * calls)) + random.nextInt(100)))
              / 10_000.0;
      case SCHEDULE -> 0.5e-3 * (1 + Math.cos(Math.PI * calls / totalCalls));
      case NOISE -> (float) Math.exp(0.5 * random.nextGaussian());
      case LEVEL -> level;
      case ROUNDED -> Math.round(12_000 + 150 * random.nextGaussian()) / 10.0;
    };
  }
}
