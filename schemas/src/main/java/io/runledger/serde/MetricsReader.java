package io.runledger.serde;

import io.runledger.schemas.MetricValues;
import io.runledger.schemas.ReleasedSchemas;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.Utf8;

/**
 * Reads log calls that were written with a schema of ours, field by field. Avro's reader would do
 * the same, but makes a new map and new texts for each row, and the rows of a run have the same
 * names all the time. A test holds both against each other. Not thread-safe.
 */
final class MetricsReader implements DatumReader<SpecificRecord> {

  /**
   * Names in all lists that are kept: those of thousands of jobs. Not lists are counted, because
   * one record may hold a list of a million.
   */
  private static final int KEPT_NAMES = 100_000;

  private static final long MICROS = 1_000_000;

  /** Every list of names once, so that whoever sees the same list again sees the same reference. */
  private final Map<List<String>, List<String>> lists = new HashMap<>();

  private int keptNames;

  /** The names of the row before, as bytes and as texts. */
  private final List<Utf8> lastBytes = new ArrayList<>();

  private List<String> lastNames = List.of();
  private Utf8 name = new Utf8();
  private double[] values = new double[16];

  private final Schema writer;

  /** Version 1 of the schema had them; they are doubles since. */
  private final boolean wholeEpochs;

  private MetricsReader(Schema writer, boolean wholeEpochs) {
    this.writer = writer;
    this.wholeEpochs = wholeEpochs;
  }

  /** A reader for what {@code writer} wrote; empty when that is not a version of our schema. */
  static Optional<MetricsReader> of(Schema writer) {
    return ReleasedSchemas.sameAs(writer, Topics.METRICS)
        .map(
            released ->
                new MetricsReader(
                    released, released.equals(ReleasedSchemas.of(Topics.METRICS).get(0))));
  }

  /**
   * Changes nothing: this reader knows one schema.
   *
   * @throws AvroRuntimeException when it is another
   */
  @Override
  public void setSchema(Schema schema) {
    if (!ReleasedSchemas.sameAs(schema, Topics.METRICS).equals(Optional.of(writer))) {
      throw new AvroRuntimeException(
          "This reader supports only one schema of log calls, not this one.");
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
    Double epoch = isPresent(in) ? epoch(in) : null;
    Double elapsed = isPresent(in) ? in.readDouble() : null;
    return new MetricRow(
        Instant.ofEpochSecond(Math.floorDiv(at, MICROS), Math.floorMod(at, MICROS) * 1_000),
        step,
        epoch,
        elapsed,
        values(in));
  }

  private double epoch(Decoder in) throws IOException {
    return wholeEpochs ? in.readLong() : in.readDouble();
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
    int size = 0;
    long left = in.readMapStart();
    while (left != 0) {
      name = in.readString(name);
      if (size == lastBytes.size() || !lastBytes.get(size).equals(name)) {
        return otherNames(in, size, left);
      }
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size] = in.readDouble();
      size++;
      left = left == 1 ? in.mapNext() : left - 1;
    }
    if (size < lastNames.size()) {
      remember(lastBytes.subList(0, size).stream().map(Utf8::toString).toList());
    }
    return MetricValues.ofDistinct(lastNames, Arrays.copyOf(values, size));
  }

  /**
   * A row whose names are others than those of the row before, from the first one that is.
   *
   * @param same how many names it shares, with their values read
   * @param left entries of the block, the one whose name is read included
   */
  private Map<String, Double> otherNames(Decoder in, int same, long left) throws IOException {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (int i = 0; i < same; i++) {
      metrics.put(lastNames.get(i), values[i]);
    }
    long entries = left;
    boolean nameIsRead = true;
    while (entries != 0) {
      if (!nameIsRead) {
        name = in.readString(name);
      }
      nameIsRead = false;
      metrics.put(name.toString(), in.readDouble());
      entries = entries == 1 ? in.mapNext() : entries - 1;
    }
    remember(List.copyOf(metrics.keySet()));
    return MetricValues.ofDistinct(
        lastNames, metrics.values().stream().mapToDouble(Double::doubleValue).toArray());
  }

  private void remember(List<String> names) {
    List<String> known = lists.get(names);
    if (known == null) {
      if (keptNames + names.size() > KEPT_NAMES) {
        lists.clear();
        keptNames = 0;
      }
      lists.put(names, names);
      keptNames += names.size();
      known = names;
    }
    lastNames = known;
    lastBytes.clear();
    for (String each : known) {
      lastBytes.add(new Utf8(each));
    }
  }
}
