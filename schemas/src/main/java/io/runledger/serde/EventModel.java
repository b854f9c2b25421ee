package io.runledger.serde;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunEvent;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Readers and writers of our generated classes: Avro's, and for log calls our own, which do the
 * same faster.
 *
 * <p>Avro refuses to load classes by name unless they are trusted. Only our generated package is
 * added to what the process trusts already; a class that a foreign schema names is never loaded,
 * because readers are given our schema and resolve our class names alone.
 */
public final class EventModel {

  private static final String EVENTS = RunEvent.class.getPackageName() + ".";

  static {
    ClassSecurityValidator.ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(before, type -> type.getName().startsWith(EVENTS)));
  }

  private EventModel() {}

  /**
   * A reader of records that {@code writer} wrote into our class of the topic. Keep it for all
   * records of one writer: log calls that it reads share the lists of their names. Not thread-safe.
   */
  public static DatumReader<SpecificRecord> reader(Schema writer, Topics topic) {
    Optional<MetricsReader> ours =
        topic == Topics.METRICS ? MetricsReader.of(writer) : Optional.empty();
    return ours.isPresent() ? ours.get() : avroReader(writer, topic);
  }

  /** A writer of our class of the topic. Thread-safe, as it keeps nothing between two records. */
  public static DatumWriter<SpecificRecord> writer(Topics topic) {
    return topic == Topics.METRICS ? new MetricsWriter() : avroWriter(topic);
  }

  /** Avro's own reader, whatever the topic. */
  static DatumReader<SpecificRecord> avroReader(Schema writer, Topics topic) {
    return new SpecificDatumReader<>(
        writer, topic.schema(), SpecificData.getForSchema(topic.schema()));
  }

  /** Avro's own writer, whatever the topic. */
  static DatumWriter<SpecificRecord> avroWriter(Topics topic) {
    return new SpecificDatumWriter<>(topic.schema(), SpecificData.getForSchema(topic.schema()));
  }
}
