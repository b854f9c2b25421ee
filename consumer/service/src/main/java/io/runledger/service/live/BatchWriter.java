package io.runledger.service.live;

import io.runledger.config.FailPoint;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.BatchDecoder.DecodedSlice;
import io.runledger.service.log.Cursor;
import io.runledger.service.log.DecodeAhead;
import io.runledger.service.log.Slice;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes what was polled and applies it, a slice in one transaction. Not thread-safe. */
final class BatchWriter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);

  private final Consumer<byte[], byte[]> consumer;
  private final LiveProjection projection;
  private final DecodeAhead ahead;
  private final Claims claims;
  private final Outages outages;
  private final ServiceHealth health;
  private final ServiceMetrics metrics;
  private final Duration batchTime;
  private final InstantSource clock;

  /**
   * @param batchTime how long what one poll returned may be applied
   */
  BatchWriter(
      Consumer<byte[], byte[]> consumer,
      LiveProjection projection,
      BatchDecoder decoder,
      Claims claims,
      Outages outages,
      ServiceHealth health,
      ServiceMetrics metrics,
      Duration batchTime,
      InstantSource clock) {
    this.consumer = consumer;
    this.projection = projection;
    this.ahead = new DecodeAhead(decoder);
    this.claims = claims;
    this.outages = outages;
    this.health = health;
    this.metrics = metrics;
    this.batchTime = batchTime;
    this.clock = clock;
  }

  /**
   * Applies what a poll returned, as far as its time suffices; of the rest the consumer is set back
   * to what is in the database. Nothing is in hand when this returns.
   *
   * @throws io.runledger.fold.projection.FencedException when another one has claimed some of it
   */
  void write(ConsumerRecords<byte[], byte[]> polled) {
    Cursor from = claims.cursor();
    Instant deadline = clock.instant().plus(batchTime);
    boolean allApplied = true;
    try (DecodeAhead.Decoding slices = ahead.begin(Slice.of(polled).iterator())) {
      while (slices.hasNext() && allApplied) {
        allApplied = apply(slices.next(), from);
        // The group must hear from us; what is left is cheap to fetch again.
        allApplied &= !slices.hasNext() || clock.instant().isBefore(deadline);
      }
    }
    if (!allApplied) {
      from.seek(consumer);
    }
  }

  /** Whether all of the slice is in the database now. */
  private boolean apply(DecodedSlice decoded, Cursor from) {
    Instant begun = clock.instant();
    List<Advance> advances = from.advances(decoded.next());
    FailPoint.hit("polled");
    if (!advances.isEmpty()) {
      BatchResult result = projection.apply(new Batch(decoded.records(), advances));
      from.moved(advances);
      claims.moved();
      health.applied();
      metrics.batch(result, Duration.between(begun, clock.instant()));
      commitForLagTools(advances);
      FailPoint.hit("kafka-told");
      outages.passed(advances);
    }
    if (decoded.outage().isPresent()) {
      outages.hold(decoded.blocked(), decoded.outage().get());
      return false;
    }
    outages.recovered();
    return true;
  }

  /** For lag tools alone: nobody reads these offsets back, so a failure costs nothing. */
  private void commitForLagTools(List<Advance> advances) {
    consumer.commitAsync(
        Cursor.forLagTools(advances),
        (offsets, failure) -> {
          if (failure != null) {
            LOG.debug("Kafka did not accept the commit of {}.", offsets, failure);
          }
        });
  }

  @Override
  public void close() {
    ahead.close();
  }
}
