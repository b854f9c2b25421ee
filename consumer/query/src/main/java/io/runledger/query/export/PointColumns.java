package io.runledger.query.export;

import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.RunId;
import java.util.List;
import java.util.Optional;

/** A row a point: what the view {@code metrics} has of it, times to the microsecond. */
final class PointColumns {

  /** A point and the run that logged it. */
  record Point(RunId run, String id, MetricPoint point) {}

  static final List<Column<Point>> ALL =
      List.of(
          Column.text("id", row -> Optional.of(row.id())),
          Column.integer("run_id", row -> row.run().value()),
          Column.text("metric_name", row -> Optional.of(row.point().metric())),
          Column.integerOrNone("step", row -> row.point().step()),
          Column.numberOrNone("epoch", row -> row.point().epoch()),
          Column.time("timestamp", row -> Optional.of(row.point().at())),
          Column.numberOrNone("elapsed_seconds", row -> row.point().elapsedSeconds()),
          Column.number("value", row -> row.point().value()),
          Column.integer("attempt_id", row -> row.point().attemptId()));

  private PointColumns() {}
}
