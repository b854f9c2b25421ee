package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Partitions that the group gives and takes are never read before positions were compared. */
class GroupMembershipTest {

  private static final TopicPartition RUNS = new TopicPartition("runledger.runs", 0);
  private static final TopicPartition ERRORS = new TopicPartition("runledger.errors", 0);

  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final List<String> happened = new ArrayList<>();
  private final GroupMembership membership =
      new GroupMembership(
          kafka, gone -> happened.add("revoked " + gone), gone -> happened.add("lost " + gone));

  @Test
  void whatIsGivenIsHeldWithAPositionSoThatKafkaIsNotAskedForOne() {
    kafka.assign(List.of(RUNS, ERRORS));

    membership.onPartitionsAssigned(List.of(RUNS, ERRORS));

    assertThat(membership.assigned()).containsExactlyInAnyOrder(RUNS, ERRORS);
    assertThat(kafka.paused()).containsExactlyInAnyOrder(RUNS, ERRORS);
    assertThat(kafka.position(RUNS)).isZero();
  }

  @Test
  void whenAnotherPartitionComesThoseThatAreReadAreReadOn() {
    kafka.assign(List.of(RUNS, ERRORS));
    membership.onPartitionsAssigned(List.of(RUNS));
    kafka.resume(List.of(RUNS));

    membership.onPartitionsAssigned(List.of(ERRORS));

    assertThat(kafka.paused()).containsExactly(ERRORS);
  }

  @Test
  void aGroupThatHasNoPartitionLeftHasAnsweredToo() {
    assertThat(membership.hasJoined()).isFalse();

    membership.onPartitionsAssigned(List.of());

    assertThat(membership.hasJoined()).isTrue();
    assertThat(membership.assigned()).isEmpty();
  }

  @Test
  void whatIsTakenAwayIsNoLongerOursAndIsGivenUpOrForgotten() {
    kafka.assign(List.of(RUNS, ERRORS));
    membership.onPartitionsAssigned(List.of(RUNS, ERRORS));

    membership.onPartitionsRevoked(List.of(RUNS));
    assertThat(membership.assigned()).containsExactly(ERRORS);
    membership.onPartitionsLost(List.of(ERRORS));

    assertThat(membership.assigned()).isEmpty();
    assertThat(happened).containsExactly("revoked [" + RUNS + "]", "lost [" + ERRORS + "]");
  }
}
