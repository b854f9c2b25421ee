package io.runledger.serde.kafka;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's consumer, which neither a stranger's answer nor what a batch unpacks to can drive out of
 * memory. A topic bounds batches as they are stored; a kilobyte of Zstandard holds 30 megabytes of
 * zeros, and Kafka's consumer reserves what a record's length says and holds all that a poll
 * returns.
 *
 * <p>A record too long to be held comes without its value, and a header, {@link
 * io.runledger.serde.WireFormat#NOT_HELD_HEADER}, says so; which records these are depends on the
 * batch alone, so that every reading gives the same. A poll that has unpacked enough ends early.
 *
 * <p>As with {@link KafkaClientGuard}, this rests on fields of Kafka's, and where one is not found,
 * which a test would show with the version that is built with, the consumer works as it is.
 */
public final class BoundedConsumer extends KafkaConsumer<byte[], byte[]> {

  private static final Logger LOG = LoggerFactory.getLogger(BoundedConsumer.class);

  private final boolean bounded;

  private final PollBudget budget = new PollBudget();

  /** A consumer of bytes with these settings; see {@link KafkaClientFailure} for what is thrown. */
  public static BoundedConsumer of(Map<String, Object> settings) {
    return KafkaClientFailure.explained(settings, () -> new BoundedConsumer(settings));
  }

  private BoundedConsumer(Map<String, Object> settings) {
    super(classic(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    KafkaClientGuard.limited(this, KafkaClientGuard.READER_BYTES);
    bounded = bound();
  }

  @Override
  public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    budget.renew();
    return super.poll(timeout);
  }

  /** Whether Kafka's fields were found. */
  boolean isBounded() {
    return bounded;
  }

  private static Map<String, Object> classic(Map<String, Object> settings) {
    Map<String, Object> classic = new HashMap<>(settings);
    // The other protocol's consumer unpacks on its own thread, from other fields.
    classic.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
    return classic;
  }

  private boolean bound() {
    try {
      Optional<Object> buffer = KafkaClientGuard.follow(this, "delegate", "fetcher", "fetchBuffer");
      if (buffer.isPresent()) {
        KafkaClientGuard.field(buffer.get(), "completedFetches").set(buffer.get(), new Fetched());
        return true;
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("This version of kafka-clients keeps its fetch responses elsewhere.", e);
    }
    LOG.warn(
        "This version of kafka-clients offers no way to limit the uncompressed size of a record.");
    return false;
  }

  /** The answers to fetches that wait for a poll, each of which is bounded as it comes in. */
  private final class Fetched extends ConcurrentLinkedQueue<Object> {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean add(Object fetch) {
      return super.add(boundedFetch(fetch));
    }

    @Override
    public boolean addAll(Collection<?> fetches) {
      fetches.forEach(this::add);
      return !fetches.isEmpty();
    }

    /** Nothing any more once the poll under way has unpacked enough, which ends it. */
    @Override
    public Object peek() {
      return budget.isSpent() ? null : super.peek();
    }
  }

  private Object boundedFetch(Object fetch) {
    try {
      Field batches = KafkaClientGuard.field(fetch, "batches");
      batches.set(
          fetch,
          new BoundedBatches(
              (Iterator<?>) batches.get(fetch),
              KafkaClientGuard.field(fetch, "nextFetchOffset").getLong(fetch)));
    } catch (ReflectiveOperationException e) {
      LOG.warn("The uncompressed size of fetched records is not limited.", e);
    }
    return fetch;
  }

  /** The batches of a fetch; they end early when the poll under way has unpacked enough. */
  private final class BoundedBatches implements Iterator<RecordBatch> {
    private final Iterator<?> batches;
    private final long from;

    private BoundedBatches(Iterator<?> batches, long from) {
      this.batches = batches;
      this.from = from;
    }

    @Override
    public boolean hasNext() {
      // Kafka continues from the last batch's next offset, and fetches again what follows.
      return !budget.isSpent() && batches.hasNext();
    }

    @Override
    public RecordBatch next() {
      return new BoundedBatch((RecordBatch) batches.next(), from, budget);
    }
  }
}
