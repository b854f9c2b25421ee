package io.runledger.service.rebuild;

import io.runledger.fold.batch.Position;
import io.runledger.schemas.TopicNames;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.Slice;
import io.runledger.service.log.WriterSchemas;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** The reading half of a {@link Replay}: polls and decodes until the ends are reached. */
final class ReplayReader implements Runnable {

  private static final Duration POLL = Duration.ofMillis(250);

  /** A user waits for a rebuild: an outage this long ends it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<Integer, String> fresh = new HashMap<>();
  private final BatchDecoder decoder;
  private final Map<TopicPartition, Position> from;
  private final Map<TopicPartition, Long> ends;
  private final BlockingQueue<Chunk> chunks;
  private final InstantSource clock;
  private volatile Optional<RuntimeException> failure = Optional.empty();
  private volatile boolean ending;

  /** A decoded slice, and the schemas that were met for the first time in it. */
  record Chunk(BatchDecoder.DecodedSlice decoded, Map<Integer, String> schemas) {}

  ReplayReader(
      Consumer<byte[], byte[]> consumer,
      TopicNames topics,
      SchemaRegistryClient registry,
      List<Position> from,
      Map<TopicPartition, Long> ends,
      Map<Integer, String> schemas,
      BlockingQueue<Chunk> chunks,
      InstantSource clock) {
    this.consumer = consumer;
    this.from = PositionCheck.byPartition(from);
    this.ends = ends;
    this.chunks = chunks;
    this.clock = clock;
    this.decoder = new BatchDecoder(new WriterSchemas(topics, registry, cache(schemas), clock));
  }

  Optional<RuntimeException> failure() {
    return failure;
  }

  void end() {
    ending = true;
    consumer.wakeup();
  }

  @Override
  public void run() {
    try (consumer) {
      read();
    } catch (InterruptedException | WakeupException e) {
      if (!ending) {
        failure = Optional.of(new IllegalStateException("The reader was interrupted.", e));
      }
    } catch (InvalidOffsetException e) {
      failure =
          Optional.of(
              new PositionException(
                  "The log changed while it was read: "
                      + e.getMessage()
                      + " Run the command again."));
    } catch (KafkaException e) {
      failure =
          Optional.of(new LogUnreadableException("The log cannot be read: " + e.getMessage(), e));
    } catch (RuntimeException e) {
      failure = Optional.of(e);
    } catch (Error e) {
      // Whoever waits for the next chunk would wait for ever.
      failure =
          Optional.of(
              new LogUnreadableException(
                  "Reading the log failed: "
                      + e
                      + "; nothing was changed. With more memory"
                      + " (RUNLEDGER_JAVA_OPTS=-Xmx1g) it may succeed.",
                  e));
    }
  }

  private void read() throws InterruptedException {
    Set<TopicPartition> left = new HashSet<>();
    from.forEach(
        (partition, position) -> {
          if (position.nextOffset() < ends.get(partition)) {
            left.add(partition);
          }
        });
    consumer.assign(left);
    left.forEach(partition -> consumer.seek(partition, from.get(partition).nextOffset()));
    Instant lastProgress = clock.instant();
    while (!left.isEmpty() && !ending) {
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
      if (!polled.nextOffsets().isEmpty()) {
        lastProgress = clock.instant();
      } else if (lastProgress.plus(PATIENCE).isBefore(clock.instant())) {
        throw new LogUnreadableException(
            "The brokers returned nothing for %d s, and %s have not been read to their ends."
                    .formatted(PATIENCE.toSeconds(), left)
                + " Check that they are up, and run the command again; nothing was changed.");
      }
      for (Slice slice : Slice.of(polled, ends)) {
        chunks.put(decode(slice));
      }
      polled
          .nextOffsets()
          .forEach(
              (partition, next) -> {
                if (next.offset() >= ends.get(partition)) {
                  left.remove(partition);
                  consumer.pause(Set.of(partition));
                }
              });
    }
  }

  private Chunk decode(Slice slice) throws InterruptedException {
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
    return new Chunk(decoded, schemas);
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
}
