package io.runledger.postgres.copy;

import io.runledger.fold.Instants;
import io.runledger.fold.PointBuffer;
import io.runledger.rows.PointWriter;
import io.runledger.rows.Statements;
import io.runledger.schemas.event.MetricRow;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Adds points by COPY: one statement for all of them, whatever their number, and no text in
 * between. They go straight into their table: one that is there already refuses all of them, as the
 * fold expects. Not thread-safe.
 */
public final class PointCopy implements PointWriter {

  private static final String COPY =
      "COPY metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value) FROM STDIN (FORMAT binary)";

  private static final int FIELDS = 7;

  private static final int ROW_BYTES = Short.BYTES + FIELDS * (Integer.BYTES + Long.BYTES);

  private final Connection connection;
  private final Statements statements;
  private final BinaryRows rows = new BinaryRows();

  public PointCopy(Connection connection, Statements statements) {
    this.connection = connection;
    this.statements = statements;
  }

  @Override
  public void add(PointBuffer.BySeries points) {
    if (points.size() == 0) {
      return;
    }
    try {
      copy(points);
    } catch (SQLException e) {
      throw statements.blaming(e);
    }
  }

  private void copy(PointBuffer.BySeries points) throws SQLException {
    CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(COPY);
    try {
      rows.begin();
      for (int place = 0; place < points.size(); place++) {
        MetricRow call = points.call(place);
        rows.row(copy, FIELDS, ROW_BYTES);
        rows.field(points.seriesId(place));
        rows.field(points.seq(place));
        rows.fieldOrNull(call.getStep());
        rows.fieldOrNull(points.epoch(place));
        rows.field(Instants.micros(call.getAt()));
        rows.fieldOrNull(call.getElapsedSeconds());
        rows.field(points.value(place));
      }
      rows.end(copy);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }
}
