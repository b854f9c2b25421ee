package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.format.Json;
import io.runledger.query.series.Series;
import io.runledger.query.series.Series.Bucket;
import io.runledger.query.series.Series.Range;
import io.runledger.query.series.SeriesPosition;
import io.runledger.schemas.RunId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Lines to draw, many in one answer. */
public final class CurveRoutes {

  private static final int MOST_RUNS = 100;
  private static final int MOST_METRICS = 500;
  private static final int MOST_SERIES = 2_000;
  private static final int WIDTH = 1_000;
  private static final int MOST_BUCKETS = 10_000;

  private final Ledger ledger;
  private final SeriesCache cache = new SeriesCache();

  public CurveRoutes(Ledger ledger) {
    this.ledger = ledger;
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/curves", this::curves);
  }

  private void curves(Context context) {
    Parameters parameters =
        Parameters.of(context, Set.of("run", "metric", "width", "from", "to", "after"));
    Set<String> runs = new LinkedHashSet<>(parameters.some("run", MOST_RUNS));
    Set<String> metrics = new LinkedHashSet<>(parameters.some("metric", MOST_METRICS));
    if (runs.size() * metrics.size() > MOST_SERIES) {
      throw new BadRequestException(
          "The parameters run and metric ask for %,d curves; one answer has at most %,d."
              .formatted(runs.size() * metrics.size(), MOST_SERIES));
    }
    int width = parameters.number("width", WIDTH, 1, MOST_BUCKETS);
    Range range = new Range(parameters.real("from"), parameters.real("to"));
    Map<List<Object>, SeriesPosition> after = new HashMap<>();
    for (String text : parameters.all("after")) {
      SeriesPosition position = PositionText.read(text);
      after.put(List.of(position.run(), position.metric()), position);
    }
    try (Snapshot snapshot = ledger.snapshot()) {
      ArrayNode all = Json.array();
      for (String id : runs) {
        RunId run = RunRoutes.run(snapshot, id);
        for (String metric : metrics) {
          Optional<SeriesPosition> has = Optional.ofNullable(after.get(List.of(run, metric)));
          Optional<Series> series =
              has.isPresent()
                  ? snapshot.series(run, metric, width, range, has)
                  : cache.whole(snapshot, new SeriesCache.Key(run, metric, width, range));
          series.ifPresent(line -> all.add(json(run, metric, line)));
        }
      }
      if (all.isEmpty()) {
        throw notFound(snapshot, runs, metrics);
      }
      Answers.json(context, Json.object().set("series", all));
    }
  }

  private static MetricNotFoundException notFound(
      Snapshot snapshot, Set<String> runs, Set<String> metrics) {
    Set<String> known = new LinkedHashSet<>();
    for (String id : runs) {
      snapshot.summaries(RunRoutes.run(snapshot, id)).forEach(one -> known.add(one.name()));
    }
    return new MetricNotFoundException(
        "None of these runs has a metric", metrics.iterator().next(), List.copyOf(known));
  }

  private static ObjectNode json(RunId run, String metric, Series series) {
    ObjectNode json = Json.object();
    json.put("run", run.toString());
    json.put("metric", metric);
    json.put("x", series.x().name().toLowerCase(Locale.ROOT));
    json.put("whole", series.isWhole());
    List<Bucket> buckets = series.buckets();
    json.set("step", column(buckets, bucket -> Json.number(bucket.step())));
    json.set("epoch", column(buckets, bucket -> Json.number(bucket.epoch())));
    json.set("time", column(buckets, bucket -> bucket.atMicros() / 1e6));
    json.set("elapsed", column(buckets, bucket -> Json.number(bucket.elapsedSeconds())));
    json.set("min", column(buckets, Bucket::min));
    json.set("max", column(buckets, Bucket::max));
    json.set("last", column(buckets, Bucket::last));
    json.set("nan", column(buckets, Bucket::nanCount));
    ArrayNode seams = json.putArray("seams");
    series.seams().forEach(seams::add);
    json.put("points", series.points());
    json.put("position", PositionText.of(series.position()));
    return json;
  }

  private static JsonNode column(List<Bucket> buckets, Function<Bucket, Number> cell) {
    List<Object> cells = new ArrayList<>(buckets.size());
    for (Bucket bucket : buckets) {
      cells.add(cell.apply(bucket));
    }
    return Answers.column(cells);
  }
}
