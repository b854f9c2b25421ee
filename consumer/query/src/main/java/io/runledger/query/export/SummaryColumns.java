package io.runledger.query.export;

import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.MetricSummary.Mark;
import io.runledger.schemas.RunId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/** A row a run and metric: what the table {@code metric_summaries} has of it. */
final class SummaryColumns {

  /** A metric in a few numbers and the run that logged it. */
  record Summary(RunId run, MetricSummary metric) {}

  static final List<Column<Summary>> ALL =
      Stream.of(
              Stream.of(
                  Column.<Summary>text("id", row -> Optional.of(row.run().toString())),
                  Column.<Summary>integer("run_id", row -> row.run().value()),
                  Column.<Summary>text("metric_name", row -> Optional.of(row.metric().name())),
                  Column.<Summary>integer("count", row -> row.metric().count()),
                  Column.<Summary>integer("nan_count", row -> row.metric().nanCount())),
              mark("min", MetricSummary::min),
              mark("max", MetricSummary::max),
              mark("last", metric -> Optional.of(metric.last())))
          .flatMap(columns -> columns)
          .toList();

  private SummaryColumns() {}

  private static Stream<Column<Summary>> mark(
      String name, Function<MetricSummary, Optional<Mark>> mark) {
    Function<Summary, Optional<Mark>> of = row -> mark.apply(row.metric());
    return Stream.of(
        Column.numberOrNone(
            name,
            row ->
                of.apply(row)
                    .map(found -> OptionalDouble.of(found.value()))
                    .orElse(OptionalDouble.empty())),
        Column.integerOrNone(
            name + "_step", row -> of.apply(row).map(Mark::step).orElse(OptionalLong.empty())),
        Column.numberOrNone(
            name + "_epoch", row -> of.apply(row).map(Mark::epoch).orElse(OptionalDouble.empty())));
  }
}
