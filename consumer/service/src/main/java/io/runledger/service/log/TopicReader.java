package io.runledger.service.log;

import io.runledger.fold.batch.Position;
import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.LedgerSchemas;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Polls and decodes topics until the ends are reached. */
public final class TopicReader implements LogReader {

  private static final Duration POLL = Duration.ofMillis(250);

  /** A user waits for a rebuild: an outage this long ends it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<Integer, String> fresh = new HashMap<>();
  private final BatchDecoder decoder;
  private final Map<TopicPartition, Long> ends;
  private final InstantSource clock;
  private final Set<TopicPartition> left = new HashSet<>();
  private final Deque<Slice> polled = new ArrayDeque<>();
  private Instant lastProgress;
  private volatile boolean ending;

  /**
   * @param consumer is closed with the reader
   */
  public TopicReader(
      Consumer<byte[], byte[]> consumer,
      TopicNames topics,
      LedgerSchemas.Registry registry,
      List<Position> from,
      Map<TopicPartition, Long> ends,
      Map<Integer, String> schemas,
      InstantSource clock) {
    this.consumer = consumer;
    this.ends = ends;
    this.clock = clock;
    this.lastProgress = clock.instant();
    this.decoder = new BatchDecoder(new WriterSchemas(topics, registry, cache(schemas), clock));
    Map<TopicPartition, Position> positions = PositionCheck.byPartition(from);
    positions.forEach(
        (partition, position) -> {
          if (position.nextOffset() < ends.get(partition)) {
            left.add(partition);
          }
        });
    consumer.assign(left);
    left.forEach(partition -> consumer.seek(partition, positions.get(partition).nextOffset()));
  }

  @Override
  public Optional<Chunk> next() throws InterruptedException {
    try {
      while (polled.isEmpty() && !left.isEmpty() && !ending) {
        poll();
      }
      return polled.isEmpty() || ending ? Optional.empty() : decode(polled.remove());
    } catch (WakeupException e) {
      if (ending) {
        return Optional.empty();
      }
      throw new IllegalStateException("The reader was interrupted.", e);
    } catch (InvalidOffsetException e) {
      throw new PositionException(
          "The log changed while it was read: " + e.getMessage() + " Run the command again.");
    } catch (KafkaException e) {
      throw new LogUnreadableException("The log cannot be read: " + e.getMessage(), e);
    }
  }

  private void poll() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    if (!records.nextOffsets().isEmpty()) {
      lastProgress = clock.instant();
    } else if (lastProgress.plus(PATIENCE).isBefore(clock.instant())) {
      throw new LogUnreadableException(
          "The brokers returned nothing for %d s, and %s have not been read to the end."
                  .formatted(PATIENCE.toSeconds(), left)
              + " Check that they are up, and run the command again; nothing was changed.");
    }
    polled.addAll(Slice.of(records, ends));
    records
        .nextOffsets()
        .forEach(
            (partition, next) -> {
              if (next.offset() >= ends.get(partition)) {
                left.remove(partition);
                consumer.pause(Set.of(partition));
              }
            });
  }

  private Optional<Chunk> decode(Slice slice) throws InterruptedException {
    Instant deadline = clock.instant().plus(PATIENCE);
    BatchDecoder.DecodedSlice decoded = decoder.decode(slice);
    while (decoded.outage().isPresent()) {
      if (deadline.isBefore(clock.instant())) {
        throw new LogUnreadableException(
            "The schema registry does not answer, and the database does not hold all schemas: "
                + decoded.outage().get().getMessage()
                + " Check that it is up, and run the command again; nothing was changed.",
            decoded.outage().get());
      }
      Thread.sleep(500);
      decoded = decoder.decode(slice);
    }
    Map<Integer, String> schemas = Map.copyOf(fresh);
    fresh.clear();
    return Optional.of(new Chunk(decoded.records(), decoded.next(), schemas));
  }

  /** The schemas known before; all that are used go into the new database. */
  private WriterSchemas.SchemaCache cache(Map<Integer, String> schemas) {
    return new WriterSchemas.SchemaCache() {
      @Override
      public Optional<String> schema(int id) {
        Optional<String> known = Optional.ofNullable(schemas.get(id));
        known.ifPresent(schema -> fresh.put(id, schema));
        return known;
      }

      @Override
      public void remember(int id, String schema) {
        fresh.put(id, schema);
      }
    };
  }

  @Override
  public void end() {
    ending = true;
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
