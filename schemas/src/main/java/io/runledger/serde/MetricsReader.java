package io.runledger.serde;

import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.Utf8;

/**
 * Reads log calls that were written with our own schema, field by field. Avro's reader would do the
 * same, but makes a new text of each name of each row, and rows of a run have the same names all
 * the time. A test holds both against each other. Not thread-safe.
 */
final class MetricsReader implements DatumReader<SpecificRecord> {

  /** Names kept: a run has some dozens, and the memory of a name that never comes again is lost. */
  private static final int KEPT_NAMES = 10_000;

  private static final long MICROS = 1_000_000;

  private final Map<Utf8, String> names = new HashMap<>();
  private Utf8 name = new Utf8();

  /** Does nothing: this reader knows one schema. */
  @Override
  public void setSchema(Schema schema) {
    if (!schema.equals(MetricsLogged.getClassSchema())) {
      throw new AvroRuntimeException("Only our own schema of log calls is read here.");
    }
  }

  @Override
  public SpecificRecord read(SpecificRecord reuse, Decoder in) throws IOException {
    long run = in.readLong();
    long attempt = in.readLong();
    long writer = in.readLong();
    long firstSeq = in.readLong();
    List<MetricRow> rows = new ArrayList<>();
    for (long count = in.readArrayStart(); count != 0; count = in.arrayNext()) {
      for (long i = 0; i < count; i++) {
        rows.add(row(in));
      }
    }
    return new MetricsLogged(run, attempt, writer, firstSeq, rows);
  }

  private MetricRow row(Decoder in) throws IOException {
    long at = in.readLong();
    Long step = isPresent(in) ? in.readLong() : null;
    Long epoch = isPresent(in) ? in.readLong() : null;
    Double elapsed = isPresent(in) ? in.readDouble() : null;
    return new MetricRow(
        Instant.ofEpochSecond(Math.floorDiv(at, MICROS), Math.floorMod(at, MICROS) * 1_000),
        step,
        epoch,
        elapsed,
        values(in));
  }

  /** Of a union of null and something else. */
  private static boolean isPresent(Decoder in) throws IOException {
    int branch = in.readIndex();
    if (branch < 0 || branch > 1) {
      throw new AvroRuntimeException("A union of two has no branch " + branch + ".");
    }
    if (branch == 0) {
      in.readNull();
    }
    return branch == 1;
  }

  private Map<String, Double> values(Decoder in) throws IOException {
    long count = in.readMapStart();
    // A count is only a claim of the bytes: nothing is made in its size before that many came.
    Map<String, Double> values = new HashMap<>((int) Math.min(128, count * 2));
    for (; count != 0; count = in.mapNext()) {
      for (long i = 0; i < count; i++) {
        String key = name(in);
        values.put(key, in.readDouble());
      }
    }
    return values;
  }

  private String name(Decoder in) throws IOException {
    name = in.readString(name);
    String known = names.get(name);
    if (known == null) {
      known = name.toString();
      if (names.size() < KEPT_NAMES) {
        names.put(new Utf8(name), known);
      }
    }
    return known;
  }
}
