package io.runledger.service.log;

import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Source;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.MalformedRecordException;
import io.runledger.serde.RecordDecoder;
import io.runledger.serde.WireFormat;
import io.runledger.serde.registry.RegistryUnavailableException;
import io.runledger.serde.registry.SchemaNotFoundException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Turns the bytes of a slice into events. Bytes that are none become malformed records; a schema
 * that is unavailable at the moment blocks its partition from that record on, and no other.
 */
public final class BatchDecoder {

  /** Reason of dead letters whose schema id the registry does not know. */
  static final String UNKNOWN_SCHEMA = "unknown schema";

  /** Reason of dead letters that are a line of a spool file. */
  public static final String BAD_LINE = "bad line";

  /** Reason of dead letters without a value; our topics know no tombstones. */
  static final String NO_VALUE = "no value";

  /** Reason of dead letters whose value is too long to be held, or to be decoded. */
  public static final String TOO_LARGE = RecordDecoder.TOO_LARGE;

  private final WriterSchemas schemas;
  private RecordDecoder decoder;

  public BatchDecoder(WriterSchemas schemas) {
    this.schemas = schemas;
    this.decoder = new RecordDecoder(schemas);
  }

  /**
   * What came of a slice.
   *
   * @param records events and malformed records, up to where a partition is blocked
   * @param next where each partition resumes after them
   * @param blocked partitions that stopped in front of a record whose schema was unavailable
   * @param outage why
   */
  public record DecodedSlice(
      List<IncomingRecord> records,
      Map<TopicPartition, NextOffset> next,
      Set<TopicPartition> blocked,
      Optional<RegistryUnavailableException> outage) {}

  /** To be called when another generation holds the schemas. */
  public void forgetSchemas() {
    schemas.forgetSchemas();
    // The old decoder keeps readers, and would not ask for the schemas that the new cache lacks.
    decoder = new RecordDecoder(schemas);
  }

  public DecodedSlice decode(Slice slice) {
    schemas.newBatch();
    schemas.lookUp(schemaIds(slice));
    List<IncomingRecord> records = new ArrayList<>(slice.records().size());
    Map<TopicPartition, NextOffset> next = new HashMap<>(slice.next());
    Set<TopicPartition> blocked = new HashSet<>();
    Optional<RegistryUnavailableException> outage = Optional.empty();
    for (ConsumerRecord<byte[], byte[]> record : slice.records()) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      if (blocked.contains(partition)) {
        continue;
      }
      try {
        records.add(incoming(record, decode(record)));
      } catch (RegistryUnavailableException e) {
        blocked.add(partition);
        next.put(partition, new NextOffset(record.offset(), next.get(partition).leaderEpoch()));
        outage = Optional.of(e);
      }
    }
    return new DecodedSlice(records, next, blocked, outage);
  }

  /**
   * What a quarantined record means now.
   *
   * @throws RegistryUnavailableException when its schema cannot be looked up
   */
  public Decoded decodeAgain(String topic, Optional<byte[]> value) {
    schemas.askAnew();
    return decode(topic, value.orElse(null));
  }

  private static Set<Integer> schemaIds(Slice slice) {
    Set<Integer> ids = new LinkedHashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : slice.records()) {
      if (record.value() != null && sentence(record, WireFormat.BAD_LINE_HEADER).isEmpty()) {
        WireFormat.schemaIdIfAny(record.value()).ifPresent(ids::add);
      }
    }
    return ids;
  }

  private Decoded decode(ConsumerRecord<byte[], byte[]> record) {
    Optional<String> badLine = sentence(record, WireFormat.BAD_LINE_HEADER);
    if (badLine.isPresent()) {
      return new Decoded.Malformed(BAD_LINE, badLine.get());
    }
    Optional<String> notHeld = sentence(record, WireFormat.NOT_HELD_HEADER);
    if (notHeld.isPresent() && record.value() == null) {
      return new Decoded.Malformed(TOO_LARGE, notHeld.get());
    }
    return decode(record.topic(), record.value());
  }

  private static Optional<String> sentence(ConsumerRecord<byte[], byte[]> record, String header) {
    return Optional.ofNullable(record.headers().lastHeader(header))
        .map(Header::value)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private Decoded decode(String topicName, byte[] value) {
    Topics topic = TopicNames.kindOf(topicName).orElseThrow();
    if (value == null) {
      return new Decoded.Malformed(NO_VALUE, "The record has no value.");
    }
    try {
      return new Decoded.Event(decoder.decode(topic, value));
    } catch (SchemaNotFoundException e) {
      return new Decoded.Malformed(UNKNOWN_SCHEMA, e.getMessage());
    } catch (MalformedRecordException e) {
      return new Decoded.Malformed(e.reason(), e.getMessage());
    }
  }

  private static IncomingRecord incoming(ConsumerRecord<byte[], byte[]> record, Decoded decoded) {
    return new IncomingRecord(
        new Source(record.topic(), record.partition(), record.offset(), record.timestamp()),
        Optional.ofNullable(record.key()),
        Optional.ofNullable(record.value()),
        HeadersJson.of(record.headers()),
        decoded);
  }
}
