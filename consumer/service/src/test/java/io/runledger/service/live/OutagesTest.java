package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Position;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceHealth.State;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is not read while something is away, and when it is tried again. */
class OutagesTest {

  private static final TopicPartition RUNS = new TopicPartition("runledger.runs", 0);
  private static final TopicPartition ERRORS = new TopicPartition("runledger.errors", 0);
  private final RuntimeException away = new IllegalStateException("The registry is away.");

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final ServiceHealth health = new ServiceHealth(now::get);
  private final Outages outages = new Outages(kafka, health, now::get);

  @BeforeEach
  void bothPartitionsAreRead() {
    kafka.assign(List.of(RUNS, ERRORS));
    outages.claimed(kafka.assignment());
  }

  private static Advance past(TopicPartition partition) {
    return new Advance(position(partition, 0), position(partition, 1));
  }

  private static Position position(TopicPartition partition, long offset) {
    return new Position(
        "cluster", partition.topic(), "id", partition.partition(), offset, OptionalInt.empty());
  }

  private void later() {
    now.set(now.get().plusSeconds(10));
  }

  @Test
  void aPartitionThatIsHeldIsTriedAgainWhenItIsTimeAndNotBefore() {
    outages.hold(Set.of(ERRORS), away);

    outages.retryHeld();
    assertThat(kafka.paused()).containsExactly(ERRORS);

    later();
    outages.retryHeld();
    assertThat(kafka.paused()).isEmpty();
  }

  @Test
  void whatOtherPartitionsAchieveDoesNotEndAnOutageThatOneStillWaitsFor() {
    outages.hold(Set.of(ERRORS), away);

    outages.passed(List.of(past(RUNS)));
    outages.recovered();
    assertThat(health.state()).isEqualTo(State.PAUSED);
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("The registry is away."));

    outages.passed(List.of(past(ERRORS)));
    outages.recovered();
    assertThat(health.state()).isEqualTo(State.RUNNING);
  }

  @Test
  void anOutageOfTheBrokersIsOverWhenSomethingWorkedAndNotWhenPositionsWereClaimed() {
    outages.pauseAll(away);
    assertThat(kafka.paused()).containsExactlyInAnyOrder(RUNS, ERRORS);
    assertThat(outages.mayTry()).isFalse();

    later();
    assertThat(outages.mayTry()).isTrue();
    outages.claimed(kafka.assignment());
    assertThat(kafka.paused()).isEmpty();
    assertThat(health.state()).isEqualTo(State.PAUSED);

    outages.recovered();
    assertThat(health.state()).isEqualTo(State.RUNNING);
  }

  @Test
  void claimingThePositionsReleasesWhatWasHeld() {
    outages.hold(Set.of(ERRORS), away);

    outages.claimed(kafka.assignment());
    outages.recovered();

    assertThat(kafka.paused()).isEmpty();
    assertThat(health.state()).isEqualTo(State.RUNNING);
  }

  @Test
  void aGroupThatGivesTooFewPartitionsIsAskedAgainLater() {
    outages.wait("The group gave 1 of 2 partitions.");

    assertThat(health.state()).isEqualTo(State.WAITING);
    assertThat(outages.mayTry()).isFalse();
    later();
    assertThat(outages.mayTry()).isTrue();
  }
}
