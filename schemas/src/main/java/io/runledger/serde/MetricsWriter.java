package io.runledger.serde;

import io.runledger.schemas.MetricValues;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.time.Instant;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.Encoder;
import org.apache.avro.specific.SpecificRecord;

/**
 * Writes log calls with our own schema, field by field: the same bytes as Avro's writer, to which a
 * test holds it, without an object for each number. It runs inside the training. Thread-safe.
 */
final class MetricsWriter implements DatumWriter<SpecificRecord> {

  private static final long MICROS = 1_000_000;
  private static final int NANOS_PER_MICRO = 1_000;

  /**
   * Changes nothing: this writer knows one schema.
   *
   * @throws AvroRuntimeException when it is another
   */
  @Override
  public void setSchema(Schema schema) {
    if (!schema.equals(MetricsLogged.getClassSchema())) {
      throw new AvroRuntimeException(
          "This writer supports only Runledger's own schema of log calls.");
    }
  }

  @Override
  public void write(SpecificRecord event, Encoder out) throws IOException {
    MetricsLogged logged = (MetricsLogged) event;
    out.writeLong(logged.getRunId());
    out.writeLong(logged.getAttemptId());
    out.writeLong(logged.getWriterId());
    out.writeLong(logged.getFirstSeq());
    List<MetricRow> rows = logged.getRows();
    out.writeArrayStart();
    out.setItemCount(rows.size());
    for (MetricRow row : rows) {
      out.startItem();
      write(row, out);
    }
    out.writeArrayEnd();
  }

  private static void write(MetricRow row, Encoder out) throws IOException {
    out.writeLong(micros(row.getAt()));
    Long step = row.getStep();
    if (isPresent(step, out)) {
      out.writeLong(step);
    }
    Double epoch = row.getEpoch();
    if (isPresent(epoch, out)) {
      out.writeDouble(epoch);
    }
    Double elapsed = row.getElapsedSeconds();
    if (isPresent(elapsed, out)) {
      out.writeDouble(elapsed);
    }
    write(row.getValues(), out);
  }

  private static long micros(Instant at) {
    long seconds = at.getEpochSecond();
    long micros = at.getNano() / NANOS_PER_MICRO;
    // The second in which the range of 64 bits begins has begun before it.
    return seconds < 0 && micros > 0
        ? Math.addExact(Math.multiplyExact(seconds + 1, MICROS), micros - MICROS)
        : Math.addExact(Math.multiplyExact(seconds, MICROS), micros);
  }

  /** Says which branch of a union of null and something else follows; null is written. */
  private static boolean isPresent(Object value, Encoder out) throws IOException {
    out.writeIndex(value == null ? 0 : 1);
    if (value == null) {
      out.writeNull();
    }
    return value != null;
  }

  private static void write(Map<String, Double> values, Encoder out) throws IOException {
    int announced = values.size();
    out.writeMapStart();
    out.setItemCount(announced);
    if (values instanceof MetricValues metrics) {
      for (int i = 0; i < metrics.size(); i++) {
        out.startItem();
        out.writeString(metrics.names().get(i));
        out.writeDouble(metrics.value(i));
      }
    } else {
      int written = 0;
      for (Map.Entry<String, Double> value : values.entrySet()) {
        out.startItem();
        out.writeString(value.getKey());
        out.writeDouble(value.getValue());
        written++;
      }
      if (written != announced) {
        throw new ConcurrentModificationException(
            "The metrics of a log call changed while they were being written: %d of %d."
                .formatted(written, announced));
      }
    }
    out.writeMapEnd();
  }
}
