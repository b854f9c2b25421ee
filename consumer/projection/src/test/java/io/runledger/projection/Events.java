package io.runledger.projection;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.schemas.event.SlurmJobObserved;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.avro.specific.SpecificRecord;

/** Makes events with sensible defaults, so that a test names only what matters to it. */
final class Events {

  static final Instant AT = Instant.parse("2026-11-23T08:00:00Z");

  private Events() {}

  static RunKey key(long seed) {
    return RunKey.of("7", "mnist", "cnn", "s01", null, seed);
  }

  static RunEvent started(RunKey key, long attempt, long writer, Long resumedFromStep) {
    RunKeyParts parts =
        RunKeyParts.newBuilder()
            .setExperiment(key.experiment().orElse(null))
            .setDataset(key.dataset().orElse(null))
            .setMethod(key.method().orElse(null))
            .setSubject(key.subject().orElse(null))
            .setClInfo(key.clInfo().orElse(null))
            .setSeed(key.seed().isPresent() ? key.seed().getAsLong() : null)
            .build();
    RunStarted started =
        RunStarted.newBuilder()
            .setKey(parts)
            .setConfig("{\"lr\":0.1}")
            .setTags(List.of("grid"))
            .setResumedFromStep(resumedFromStep)
            .build();
    return new RunEvent(RunId.of(key).value(), attempt, writer, 0L, AT, started);
  }

  static RunEvent event(RunKey key, long attempt, long writer, long seq, SpecificRecord kind) {
    return new RunEvent(
        RunId.of(key).value(), attempt, writer, seq, AT.plusSeconds(60 + seq), kind);
  }

  static RunStatusChanged status(String status, String source) {
    return RunStatusChanged.newBuilder().setStatus(status).setSource(source).build();
  }

  static MetricsLogged metrics(
      RunKey key, long attempt, long writer, long firstSeq, MetricRow... rows) {
    return new MetricsLogged(RunId.of(key).value(), attempt, writer, firstSeq, List.of(rows));
  }

  static MetricRow row(long step, String name, double value) {
    return new MetricRow(AT.plusSeconds(step), step, step / 10, null, Map.of(name, value));
  }

  static ErrorLogged error(RunKey key, long attempt, long writer, long seq) {
    return ErrorLogged.newBuilder()
        .setRunId(RunId.of(key).value())
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(AT)
        .setExceptionType("java.lang.ArithmeticException")
        .setMessage("/ by zero")
        .setTraceback("at Train.step(Train.java:7)")
        .build();
  }

  static SlurmJobObserved observed(RunKey key, long attempt, long writer, long seq, String state) {
    return SlurmJobObserved.newBuilder()
        .setRunId(RunId.of(key).value())
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(AT)
        .setCluster("lab")
        .setJobId(42)
        .setState(state)
        .build();
  }

  static Position position(String topic, long nextOffset) {
    return new Position("cluster", topic, "id-of-" + topic, 0, nextOffset, OptionalInt.empty());
  }

  static List<Position> origins() {
    return Topics.names().stream().map(topic -> position(topic, 0)).toList();
  }

  /** Feeds events to a projection as a log of one partition a topic would. */
  static final class Log {
    private final Projection projection;
    private final Map<Topics, Long> next = new EnumMap<>(Topics.class);

    Log(Projection projection) {
      this.projection = projection;
      projection.claim("test", origins());
      for (Position position : projection.positions()) {
        next.put(Topics.ofName(position.topic()).orElseThrow(), position.nextOffset());
      }
    }

    BatchResult apply(SpecificRecord... events) {
      return apply(List.of(events));
    }

    BatchResult apply(List<? extends SpecificRecord> events) {
      Map<Topics, Long> before = new EnumMap<>(next);
      List<IncomingRecord> records = new ArrayList<>();
      for (SpecificRecord event : events) {
        Topics topic = topic(event);
        records.add(
            record(
                topic, next.merge(topic, 1L, Long::sum) - 1, new Decoded.Event(event), key(event)));
      }
      return projection.apply(new Batch(records, advances(before)));
    }

    BatchResult applyMalformed(byte[] value) {
      Map<Topics, Long> before = new EnumMap<>(next);
      IncomingRecord record =
          new IncomingRecord(
              new Source(Topics.RUNS.topic(), 0, next.merge(Topics.RUNS, 1L, Long::sum) - 1, 0),
              Optional.empty(),
              Optional.of(value),
              "[]",
              new Decoded.Malformed("truncated", "It is too short."));
      return projection.apply(new Batch(List.of(record), advances(before)));
    }

    private List<Advance> advances(Map<Topics, Long> before) {
      List<Advance> advances = new ArrayList<>();
      for (Topics topic : Topics.values()) {
        advances.add(
            new Advance(
                position(topic.topic(), before.get(topic)),
                position(topic.topic(), next.get(topic))));
      }
      return advances;
    }

    private static IncomingRecord record(Topics topic, long offset, Decoded decoded, String key) {
      return new IncomingRecord(
          new Source(topic.topic(), 0, offset, 0),
          Optional.of(key.getBytes(StandardCharsets.UTF_8)),
          Optional.of(new byte[] {0, 0, 0, 0, 1}),
          "[]",
          decoded);
    }

    private static String key(SpecificRecord event) {
      return new RunId(Math.max(1, (Long) event.get(0))).toString();
    }

    private static Topics topic(SpecificRecord event) {
      for (Topics topic : Topics.values()) {
        if (topic.schema().equals(event.getSchema())) {
          return topic;
        }
      }
      throw new IllegalArgumentException(event.getSchema().getFullName());
    }
  }
}
