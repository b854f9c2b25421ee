package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.batch.Decoded;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.service.log.BatchDecoder.DecodedSlice;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DecodeAheadTest {

  /** In the wire format: schema 7, and bytes that are not an event of it. */
  private static final byte[] VALUE = {0, 0, 0, 0, 7, 1};

  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private Optional<RuntimeException> trouble = Optional.empty();
  private final DecodeAhead ahead = new DecodeAhead(new BatchDecoder(schemas()));

  @AfterEach
  void end() {
    mayAnswer.countDown();
    ahead.close();
  }

  /** Schemas from a cache that answers when it is allowed to. */
  private WriterSchemas schemas() {
    return new WriterSchemas(
        TopicNames.DEFAULT,
        new SchemaRegistryClient(Map.of("schema.registry.url", "http://127.0.0.1:1")),
        new WriterSchemas.SchemaCache() {
          @Override
          public Optional<String> schema(int id) {
            asked.incrementAndGet();
            try {
              assertThat(mayAnswer.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            if (trouble.isPresent()) {
              throw trouble.get();
            }
            return Optional.of(Topics.ERRORS.schema().toString());
          }

          @Override
          public void remember(int id, String schema) {
            throw new AssertionError("Nothing comes from the registry here.");
          }
        },
        InstantSource.system());
  }

  /** A slice of one record, which needs no schema when it has no value. */
  private static Slice slice(long offset, byte[] value) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(TopicNames.DEFAULT.name(Topics.ERRORS), 0, offset, null, value);
    return new Slice(
        List.of(record),
        new HashMap<>(
            Map.of(
                new TopicPartition(TopicNames.DEFAULT.name(Topics.ERRORS), 0),
                NextOffset.after(record))));
  }

  private static List<Long> offsets(DecodedSlice decoded) {
    return decoded.records().stream().map(record -> record.source().offset()).toList();
  }

  @Test
  void slicesComeDecodedAndInTheirOrder() {
    mayAnswer.countDown();
    List<Long> offsets = new ArrayList<>();
    try (DecodeAhead.Decoding decoding =
        ahead.begin(List.of(slice(1, VALUE), slice(2, null), slice(3, VALUE)).iterator())) {
      while (decoding.hasNext()) {
        DecodedSlice decoded = decoding.next();
        offsets.addAll(offsets(decoded));
        assertThat(decoded.records())
            .allMatch(record -> record.decoded() instanceof Decoded.Malformed);
      }
    }
    assertThat(offsets).containsExactly(1L, 2L, 3L);
  }

  @Test
  void theFollowingSliceIsDecodedWhileTheCallerHasTheOneBefore() throws InterruptedException {
    try (DecodeAhead.Decoding decoding =
        ahead.begin(List.of(slice(1, null), slice(2, VALUE)).iterator())) {
      DecodedSlice first = decoding.next();

      while (asked.get() == 0) {
        Thread.sleep(1);
      }
      assertThat(offsets(first)).containsExactly(1L);
      mayAnswer.countDown();
      assertThat(offsets(decoding.next())).containsExactly(2L);
    }
  }

  @Test
  void itsTroubleIsTheCallersWhenItsTurnComes() {
    trouble = Optional.of(new ProjectionUnavailableException("The database is away."));
    mayAnswer.countDown();
    try (DecodeAhead.Decoding decoding =
        ahead.begin(List.of(slice(1, null), slice(2, VALUE)).iterator())) {
      assertThat(offsets(decoding.next())).containsExactly(1L);

      assertThatThrownBy(decoding::next)
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessage("The database is away.");
    }
  }

  @Test
  void whoClosesItMayUseTheDecoderForSomethingElse() {
    DecodeAhead.Decoding decoding =
        ahead.begin(List.of(slice(1, null), slice(2, VALUE), slice(3, null)).iterator());
    assertThat(offsets(decoding.next())).containsExactly(1L);

    mayAnswer.countDown();
    decoding.close();

    assertThat(asked).hasValue(1);
    try (DecodeAhead.Decoding another = ahead.begin(List.of(slice(9, VALUE)).iterator())) {
      assertThat(offsets(another.next())).containsExactly(9L);
      assertThat(another.hasNext()).isFalse();
    }
    // The schema is known by then: what was decoded ahead had come to its end.
    assertThat(asked).hasValue(1);
  }
}
