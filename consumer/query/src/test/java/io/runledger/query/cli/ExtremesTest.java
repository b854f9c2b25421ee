package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.projection.CanonicalDump;
import io.runledger.projection.Deliveries;
import io.runledger.projection.Events;
import io.runledger.projection.Projection;
import io.runledger.query.Laboratory;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Numbers at their limits, two at a time, in events of every kind: they stop neither the fold nor a
 * read verb, and another order of arrival gives the same rows.
 */
class ExtremesTest {

  private static final long SEED = Long.getLong("runledger.fuzz.seed", 20261128L);
  private static final int EVENTS = Integer.getInteger("runledger.fuzz.events", 3_000);

  private static final List<Long> LONGS =
      List.of(
          Long.MIN_VALUE,
          Long.MIN_VALUE + 1,
          -1L,
          0L,
          1L,
          1L << 53,
          Long.MAX_VALUE - 1,
          Long.MAX_VALUE);
  private static final List<Integer> INTEGERS =
      List.of(Integer.MIN_VALUE, -1, 0, 1, Integer.MAX_VALUE - 1, Integer.MAX_VALUE);
  private static final List<Double> DOUBLES =
      List.of(
          Double.NaN,
          Double.NEGATIVE_INFINITY,
          -Double.MAX_VALUE,
          -0.0,
          Double.MIN_VALUE,
          0x1p63,
          Double.MAX_VALUE,
          Double.POSITIVE_INFINITY);

  @TempDir Path directory;
  private final Random random = new Random(SEED);

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void numbersAtTheirLimitsStopNeitherTheFoldNorAReader() {
    List<Events> writers = writers();
    Events innocent = Events.ofSeed(99);
    List<SpecificRecord> events = new ArrayList<>();
    events.add(innocent.started());
    events.add(innocent.metric("loss", 1, 0.5));
    Set<List<Object>> identities = new HashSet<>();
    for (int i = 0; i < EVENTS; i++) {
      SpecificRecord event = event(writers.get(random.nextInt(writers.size())));
      List<Place> places = new ArrayList<>();
      collect(event, places);
      Collections.shuffle(places, random);
      places.stream().limit(2).forEach(place -> place.owner().put(place.field(), extreme(place)));
      if (Collections.disjoint(identities, identities(event))) {
        identities.addAll(identities(event));
        events.add(event);
      }
    }
    Path mirrored = directory.resolve("mirrored.db");

    try (Laboratory laboratory = Laboratory.empty(directory);
        Projection other = Deliveries.open(mirrored)) {
      deliver(laboratory.projection(), events);
      List<SpecificRecord> shuffled = new ArrayList<>(events);
      Collections.shuffle(shuffled, random);
      deliver(other, shuffled);

      assertThat(differencesWithoutPlaces(laboratory.database(), mirrored))
          .as("seed %d", SEED)
          .isEmpty();
      everyVerbAnswers(laboratory.database());
    }
  }

  private static void deliver(Projection projection, List<SpecificRecord> events) {
    for (int from = 0; from < events.size(); from += 100) {
      Deliveries.deliver(projection, events.subList(from, Math.min(events.size(), from + 100)));
    }
  }

  /** Dead letters are named by their offsets, which another order changes. */
  private static List<CanonicalDump.TableComparison> differencesWithoutPlaces(Path one, Path two) {
    return CanonicalDump.compare(one, two).stream()
        .filter(table -> !table.table().equals("dead_letters"))
        .toList();
  }

  private static void everyVerbAnswers(Path database) {
    List<String> ids = new ArrayList<>();
    answers(database, "list", "--limit", "1000", "--json")
        .json()
        .get("runs")
        .forEach(run -> ids.add(run.get("id").asText()));
    assertThat(ids).contains(Events.ofSeed(99).run().toString());
    answers(database, "list", "--limit", "1000");
    answers(database, "errors");
    answers(database, "errors", "--json");
    answers(database, "jobs");
    answers(database, "jobs", "--json");
    answers(database, "best", "loss");
    answers(database, "best", "loss", "--json");
    for (String id : ids) {
      answers(database, "show", id);
      answers(database, "show", id, "--json");
      answers(database, "why", id);
      answers(database, "metrics", id);
      answers(database, "metrics", id, "--json");
      answers(database, "compare", id, Events.ofSeed(99).run().toString());
    }
    answers(database, "sql", "SELECT count(*), max(elapsed_seconds) FROM run_metrics");
    answers(
        database, "sql", "SELECT count(*), max(elapsed_seconds), max(timestamp) FROM raw_metrics");
    answers(database, "sql", "SELECT sum(missing / 1e9) FROM stream_gaps");
  }

  private static Command answers(Path database, String... words) {
    Command done = Command.run(database, words);
    assertThat(done.code()).as("%s: %s", String.join(" ", words), done.err()).isZero();
    return done;
  }

  /** Two attempts of each of six runs, two writers each. */
  private static List<Events> writers() {
    List<Events> writers = new ArrayList<>();
    for (long seed = 0; seed < 6; seed++) {
      for (long attempt = 1; attempt <= 2; attempt++) {
        Events first = Events.ofSeed(seed).attempt(attempt);
        writers.add(first);
        writers.add(first.writer(attempt * 100 + 1));
      }
    }
    return writers;
  }

  private SpecificRecord event(Events writer) {
    return switch (random.nextInt(11)) {
      case 0 ->
          writer.started(
              start -> start.setPid(1L).setResumedFromStep(3L).setSlurm(Events.slurmReference(7)));
      case 1 -> writer.status(RunStatus.FAILED, StatusSource.WRAPPER, 3);
      case 2 -> writer.results("{\"best\":0.5}");
      case 3 -> writer.artifact("model", "m.pt");
      case 4 -> writer.heartbeat(30);
      case 5 -> writer.dropped(2);
      case 6 -> writer.error("ValueError", "loss is not finite");
      case 7 -> writer.slurmEnd(7, "TIMEOUT", 9, 60);
      case 8 -> random.nextBoolean() ? writer.deleted() : writer.restored();
      case 9 -> writer.annotated("note", List.of("a"), List.of("b"));
      default ->
          writer.metrics(row(random.nextInt(20)), row(random.nextInt(20)), row(random.nextInt(20)));
    };
  }

  private static MetricRow row(long step) {
    return MetricRow.newBuilder(Events.call(step, Map.of("loss", 1.0 / (step + 1))))
        .setElapsedSeconds(0.5 * step)
        .build();
  }

  /** What names an event; of two that bear one name, the first to come counts. */
  private static List<List<Object>> identities(SpecificRecord event) {
    List<List<Object>> found = new ArrayList<>();
    List<Object> stream = List.of(event.get(0), event.get(1), event.get(2), event.getSchema());
    long first = (long) event.get(3);
    int rows = event.get(4) instanceof List<?> list ? list.size() : 1;
    for (int i = 0; i < rows; i++) {
      found.add(List.of(stream, first + i));
    }
    return found;
  }

  /** A number of an event that can be replaced. */
  private record Place(SpecificRecord owner, int field, Schema schema) {}

  /** All numbers but the run's own id, which is a name and not a number. */
  private static void collect(SpecificRecord record, List<Place> places) {
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value instanceof SpecificRecord inner) {
        collect(inner, places);
      } else if (value instanceof List<?> list) {
        list.stream()
            .filter(SpecificRecord.class::isInstance)
            .forEach(inner -> collect((SpecificRecord) inner, places));
      } else if (!field.name().equals("run_id") && !field.name().equals("seed")) {
        number(field.schema()).ifPresent(type -> places.add(new Place(record, field.pos(), type)));
      }
    }
  }

  private static Optional<Schema> number(Schema schema) {
    if (schema.getType() == Schema.Type.UNION) {
      return schema.getTypes().stream().flatMap(type -> number(type).stream()).findFirst();
    }
    return switch (schema.getType()) {
      case LONG, INT, DOUBLE -> Optional.of(schema);
      default -> Optional.empty();
    };
  }

  private Object extreme(Place place) {
    return switch (place.schema().getType()) {
      case INT -> INTEGERS.get(random.nextInt(INTEGERS.size()));
      case DOUBLE -> DOUBLES.get(random.nextInt(DOUBLES.size()));
      default -> {
        long value = LONGS.get(random.nextInt(LONGS.size()));
        yield place.schema().getLogicalType() instanceof LogicalTypes.TimestampMicros
            ? Instant.EPOCH.plus(value, ChronoUnit.MICROS)
            : (Object) value;
      }
    };
  }
}
