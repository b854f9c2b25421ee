package io.runledger.tests;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.batch.Source;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.sqlite.SqliteProjection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes a database without a broker, to be killed in mid-write: applies the records of one
 * partition from the stored position on. Arguments: the database, and the offset to end at. Exits
 * with 3 when the database cannot be written.
 */
final class ProjectionWriter {

  /** Events of one record. */
  static final int EVENTS = 5;

  /** Records of one batch. */
  private static final int RECORDS = 4;

  private static final RunId RUN = new RunId(4_711);

  private ProjectionWriter() {}

  public static void main(String[] arguments) {
    long end = Long.parseLong(arguments[1]);
    try (Projection projection = SqliteProjection.open(Path.of(arguments[0]))) {
      projection.claim(
          "writer",
          List.of(
              new Position(
                  "cluster",
                  TopicNames.DEFAULT.name(Topics.METRICS),
                  "topic-id",
                  0,
                  0,
                  OptionalInt.empty())));
      Position at = projection.positions().get(0);
      while (at.nextOffset() < end) {
        Position to =
            new Position(
                at.clusterId(),
                at.topic(),
                at.topicId(),
                at.partition(),
                at.nextOffset() + RECORDS,
                OptionalInt.of(0));
        projection.apply(new Batch(records(at), List.of(new Advance(at, to))));
        at = to;
      }
    } catch (ProjectionUnavailableException e) {
      System.err.println(e.getMessage());
      System.exit(3);
    }
  }

  private static List<IncomingRecord> records(Position from) {
    List<IncomingRecord> records = new ArrayList<>();
    for (long offset = from.nextOffset(); offset < from.nextOffset() + RECORDS; offset++) {
      List<MetricRow> rows = new ArrayList<>();
      for (long seq = offset * EVENTS; seq < (offset + 1) * EVENTS; seq++) {
        rows.add(
            new MetricRow(
                Instant.ofEpochSecond(1_700_000_000L + seq),
                seq,
                null,
                null,
                Map.of("loss", 1.0 / (seq + 1))));
      }
      records.add(
          new IncomingRecord(
              new Source(
                  TopicNames.DEFAULT.name(Topics.METRICS), 0, offset, 1_700_000_000_000L + offset),
              Optional.of(RUN.toString().getBytes(StandardCharsets.UTF_8)),
              Optional.of(new byte[] {0}),
              "[]",
              new Decoded.Event(new MetricsLogged(RUN.value(), 1L, 2L, offset * EVENTS, rows))));
    }
    return records;
  }
}
