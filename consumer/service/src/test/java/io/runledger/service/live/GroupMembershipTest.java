package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Partitions that the group gives and takes are never read before positions were compared. */
class GroupMembershipTest {

  private static final TopicPartition RUNS = new TopicPartition("runledger.runs", 0);
  private static final TopicPartition ERRORS = new TopicPartition("runledger.errors", 0);

  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final GroupMembership membership = new GroupMembership(kafka);

  @Test
  void whatIsGivenIsHeldWithAPositionSoThatKafkaIsNotAskedForOne() {
    kafka.assign(List.of(RUNS, ERRORS));

    membership.onPartitionsAssigned(List.of(RUNS, ERRORS));

    assertThat(membership.assigned()).containsExactlyInAnyOrder(RUNS, ERRORS);
    assertThat(kafka.paused()).containsExactlyInAnyOrder(RUNS, ERRORS);
    assertThat(kafka.position(RUNS)).isZero();
  }

  @Test
  void whenAnotherPartitionComesThoseThatWereReadAreHeldAgain() {
    kafka.assign(List.of(RUNS, ERRORS));
    membership.onPartitionsAssigned(List.of(RUNS));
    kafka.resume(List.of(RUNS));

    membership.onPartitionsAssigned(List.of(ERRORS));

    assertThat(kafka.paused()).containsExactlyInAnyOrder(RUNS, ERRORS);
  }

  @Test
  void aChangeIsToldOnce() {
    kafka.assign(List.of(RUNS));
    assertThat(membership.changed()).isFalse();

    membership.onPartitionsAssigned(List.of(RUNS));

    assertThat(membership.changed()).isTrue();
    assertThat(membership.changed()).isFalse();
  }

  @Test
  void whatIsTakenAwayIsNoLongerOurs() {
    kafka.assign(List.of(RUNS, ERRORS));
    membership.onPartitionsAssigned(List.of(RUNS, ERRORS));
    assertThat(membership.changed()).isTrue();

    membership.onPartitionsRevoked(List.of(RUNS));
    assertThat(membership.changed()).isTrue();
    membership.onPartitionsLost(List.of(ERRORS));

    assertThat(membership.changed()).isTrue();
    assertThat(membership.assigned()).isEmpty();
  }
}
