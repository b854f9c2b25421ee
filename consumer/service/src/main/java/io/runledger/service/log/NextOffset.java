package io.runledger.service.log;

import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/** The offset to read next in some partition, and the leader epoch of what was read last. */
public record NextOffset(long offset, OptionalInt leaderEpoch) {

  static NextOffset after(ConsumerRecord<?, ?> last) {
    return new NextOffset(last.offset() + 1, epoch(last.leaderEpoch()));
  }

  static NextOffset of(OffsetAndMetadata next) {
    return new NextOffset(next.offset(), epoch(next.leaderEpoch()));
  }

  NextOffset atMost(long limit) {
    return offset <= limit ? this : new NextOffset(limit, leaderEpoch);
  }

  private static OptionalInt epoch(Optional<Integer> epoch) {
    return epoch.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }
}
