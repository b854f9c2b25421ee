package io.runledger.contract;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.batch.Source;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.specific.SpecificRecord;

/** Brings events to a projection as a service does: one partition a topic, offset after offset. */
public final class Deliveries {

  public static final String OWNER = "test";

  private Deliveries() {}

  /** Where reading begins: offset 0 of all four topics. */
  public static List<Position> beginnings() {
    return TopicNames.DEFAULT.all().stream()
        .map(topic -> new Position("cluster", topic, "id-of-" + topic, 0, 0, OptionalInt.empty()))
        .toList();
  }

  /** Opens a database and claims its positions. */
  public static Projection open(TestDatabase database) {
    return claimed(database.open());
  }

  /** The projection, with its positions claimed. */
  public static <P extends Projection> P claimed(P projection) {
    projection.claim(OWNER, beginnings());
    return projection;
  }

  /** Applies events in one batch, behind all that came before. */
  public static BatchResult deliver(Projection projection, SpecificRecord... events) {
    return deliver(projection, List.of(events));
  }

  /** Applies events in one batch, behind all that came before. */
  public static BatchResult deliver(Projection projection, List<? extends SpecificRecord> events) {
    return projection.apply(
        batch(
            projection, events.stream().map(event -> (Decoded) new Decoded.Event(event)).toList()));
  }

  /** A batch behind all that came before; what is malformed comes with the metrics. */
  public static Batch batch(Projection projection, List<Decoded> contents) {
    return batch(projection.positions(), contents);
  }

  /** A batch behind these positions. */
  public static Batch batch(List<Position> positions, List<Decoded> contents) {
    Map<String, Position> from = new LinkedHashMap<>();
    positions.forEach(position -> from.put(position.topic(), position));
    Map<String, Position> to = new LinkedHashMap<>(from);
    List<IncomingRecord> records = new ArrayList<>();
    for (Decoded content : contents) {
      String topic = TopicNames.DEFAULT.name(topicOf(content));
      Position position = to.get(topic);
      records.add(record(topic, position.nextOffset(), content));
      to.put(topic, moved(position, position.nextOffset() + 1));
    }
    List<Advance> advances =
        from.values().stream()
            .filter(position -> !to.get(position.topic()).equals(position))
            .map(position -> new Advance(position, to.get(position.topic())))
            .toList();
    return new Batch(records, advances);
  }

  /** The same position at another offset. */
  public static Position moved(Position position, long nextOffset) {
    return position.at(nextOffset, OptionalInt.of(0));
  }

  private static IncomingRecord record(String topic, long offset, Decoded content) {
    return new IncomingRecord(
        new Source(topic, 0, offset, 1_700_000_000_000L + offset),
        keyOf(content).map(id -> id.toString().getBytes(StandardCharsets.UTF_8)),
        Optional.of(new byte[] {0, 0, 0, 0, 1, (byte) offset}),
        "[]",
        content);
  }

  private static Topics topicOf(Decoded content) {
    if (content instanceof Decoded.Event decoded) {
      for (Topics topic : Topics.values()) {
        if (topic.schema().equals(decoded.event().getSchema())) {
          return topic;
        }
      }
    }
    return Topics.METRICS;
  }

  private static Optional<RunId> keyOf(Decoded content) {
    if (!(content instanceof Decoded.Event decoded)) {
      return Optional.empty();
    }
    long id = Envelope.of(decoded.event()).run();
    return id > 0 ? Optional.of(new RunId(id)) : Optional.empty();
  }
}
