package io.runledger.contract;

import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/** Events of all kinds, and what a malicious sender may put into their fields. */
public final class Extremes {

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

  /** Texts that SQL, JSON, CSV, a terminal, a page or a careless parser takes for something. */
  public static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "-",
          "--help",
          "/",
          "id:0000000000000",
          "9223372036854775808",
          "NaN",
          "null",
          "a\0b",
          "\u001b[2J\u001b]0;title\u0007",
          "one\r\ntwo\ttabs\u2028three",
          "'; DROP TABLE runs; --",
          "\"},{\"x\":\"",
          "<script>alert(1)</script>&amp;",
          "=cmd|' /C calc'!A0",
          "%s%n%1$d ${x} \\u0000 \\",
          "%_*?[a-z]",
          "../../etc/passwd",
          "\u202egnp.exe\u202c\u200b",
          "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67",
          "e\u0301".repeat(200),
          "\uffff\ufdd0",
          "\ud800",
          "loss",
          "w".repeat(20_000),
          "line\n".repeat(2_000));

  /** The same for what is or should be JSON. */
  public static final List<String> DOCUMENTS =
      List.of(
          "{}",
          "[]",
          "null",
          "1e999",
          "\"text\"",
          "{\"lr\":1,\"lr\":2}",
          "{\"a.b\":1,\"a\":{\"b\":2}}",
          "{\"\":{\"\":0}}",
          "{\"n\":123456789012345678901234567890,\"x\":1e-400,\"y\":-0.0}",
          "{\"t\":\"\\u0000\\u001b[2J\\ud800\"}",
          "{\"a\":NaN}",
          "{\"a\":1} {\"b\":2}",
          "{\"a\":" + "[".repeat(900) + "]".repeat(900) + "}",
          "[".repeat(20_000),
          "{\"long\":\"" + "v".repeat(30_000) + "\"}");

  private static final Set<String> JSON_FIELDS = Set.of("config", "results", "metadata");

  /** Names and no values: changing one makes it another run. */
  private static final Set<String> IDENTITY =
      Set.of(
          "run_id",
          "seed",
          "experiment",
          "dataset",
          "method",
          "subject",
          "cl_info",
          "project",
          "name",
          "instance_id");

  /** Words of which few are known; the others make a dead letter of the event. */
  private static final Set<String> WORDS = Set.of("status", "source");

  private final Random random;

  public Extremes(Random random) {
    this.random = random;
  }

  /** A field of an event that can be replaced. */
  private record Place(SpecificRecord owner, Schema.Field field, Schema schema) {}

  /** An event of any kind, with unremarkable values. */
  public SpecificRecord event(Events writer) {
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

  /** Puts numbers at their limits into that many fields; returns what it did, in words. */
  public String changeNumbers(SpecificRecord event, int count) {
    List<Place> places = new ArrayList<>();
    collect(event, places);
    places.removeIf(place -> isText(place.schema()));
    return change(places, count);
  }

  /**
   * Puts values of any kind that are at their limits into that many fields; returns what it did, in
   * words.
   */
  public String changeAll(SpecificRecord event, int count) {
    List<Place> places = new ArrayList<>();
    collect(event, places);
    return change(places, count);
  }

  private String change(List<Place> places, int count) {
    Collections.shuffle(places, random);
    List<String> changes = new ArrayList<>();
    for (Place place : places.subList(0, Math.min(count, places.size()))) {
      Object value = extreme(place);
      place.owner().put(place.field().pos(), value);
      changes.add(place.field().name() + "=" + abbreviated(String.valueOf(value)));
    }
    return String.join(", ", changes);
  }

  /** As much of a value as a line of a report can take. */
  public static String abbreviated(String value) {
    StringBuilder text = new StringBuilder();
    value
        .codePoints()
        .limit(60)
        .forEach(
            point -> {
              if (point >= ' ' && point < 127) {
                text.appendCodePoint(point);
              } else {
                text.append("\\u%04x".formatted(point));
              }
            });
    return value.length() > 60 ? text + "... (" + value.length() + ")" : text.toString();
  }

  private static void collect(SpecificRecord record, List<Place> places) {
    for (Schema.Field field : record.getSchema().getFields()) {
      Object value = record.get(field.pos());
      if (value instanceof SpecificRecord inner) {
        collect(inner, places);
      } else if (value instanceof List<?> list
          && list.stream().allMatch(SpecificRecord.class::isInstance)) {
        list.forEach(inner -> collect((SpecificRecord) inner, places));
      } else if (!IDENTITY.contains(field.name())) {
        replaceable(field.schema()).ifPresent(type -> places.add(new Place(record, field, type)));
      }
    }
  }

  private static Optional<Schema> replaceable(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          schema.getTypes().stream().flatMap(type -> replaceable(type).stream()).findFirst();
      case ARRAY, MAP, LONG, INT, DOUBLE, STRING -> Optional.of(schema);
      default -> Optional.empty();
    };
  }

  private static boolean isText(Schema schema) {
    return switch (schema.getType()) {
      case ARRAY, MAP, STRING -> true;
      default -> false;
    };
  }

  private Object extreme(Place place) {
    return switch (place.schema().getType()) {
      case INT -> any(INTEGERS);
      case DOUBLE -> any(DOUBLES);
      case STRING -> text(place.field().name());
      case ARRAY -> List.of(any(TEXTS), "a", any(TEXTS));
      case MAP ->
          place.schema().getValueType().getType() == Schema.Type.DOUBLE
              ? map(any(DOUBLES), any(DOUBLES))
              : map(any(TEXTS), any(TEXTS));
      default -> {
        long value = any(LONGS);
        yield place.schema().getLogicalType() instanceof LogicalTypes.TimestampMicros
            ? Instant.EPOCH.plus(value, ChronoUnit.MICROS)
            : (Object) value;
      }
    };
  }

  /** In an order that the next JVM has, too. */
  private Map<String, Object> map(Object one, Object other) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(any(TEXTS), one);
    map.put("loss", other);
    return map;
  }

  private String text(String field) {
    if (JSON_FIELDS.contains(field) && random.nextInt(4) > 0) {
      return any(DOCUMENTS);
    }
    if (WORDS.contains(field) && random.nextInt(4) > 0) {
      return field.equals("source") ? "job" : any(List.of(RunStatus.values())).word();
    }
    return any(TEXTS);
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
