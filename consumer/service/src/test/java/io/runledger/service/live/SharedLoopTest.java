package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.contract.Events;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.Topics;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.log.LogState;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.stop.GroupInUseException;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.junit.jupiter.api.Test;

/** The loop of one of several services of a database, while partitions come and go. */
class SharedLoopTest extends MockedLoop {

  private static final TopicPartition RUNS_0 = partition(Topics.RUNS, 0);
  private static final TopicPartition RUNS_1 = partition(Topics.RUNS, 1);

  /** What the group says of a member that commits; empty for one of its own. */
  private final AtomicReference<Optional<RuntimeException>> group =
      new AtomicReference<>(Optional.empty());

  private final AtomicInteger asked = new AtomicInteger();

  @Override
  ProjectionLocation location(Path file) {
    return new SharedLocation(new SqliteLocation(file));
  }

  @Override
  int partitions() {
    return 2;
  }

  @Override
  MockConsumer<byte[], byte[]> kafka() {
    return new MockConsumer<>("none") {
      @Override
      public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
        asked.incrementAndGet();
        group
            .get()
            .ifPresent(
                refusal -> {
                  throw refusal;
                });
        super.commitSync(offsets, timeout);
      }
    };
  }

  private static Set<TopicPartition> number(int number) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (Topics topic : Topics.values()) {
      partitions.add(partition(topic, number));
    }
    return partitions;
  }

  private static Set<TopicPartition> both() {
    Set<TopicPartition> both = new HashSet<>(number(0));
    both.addAll(number(1));
    return both;
  }

  @Test
  void aMemberThatWasGivenSomeOfThePartitionsClaimsAndReadsThese() throws Exception {
    start(number(1));
    given(RUNS_1, 0, CACHED, Events.ofSeed(1).started());

    awaitPosition(RUNS_1, 1);
    awaitState(State.RUNNING);
    assertThat(ownedBy(MEMBER.owner())).isEqualTo(number(1));
    assertThat(projection.positions()).hasSize(4);
    endInOrder();
  }

  @Test
  void whatComesIsClaimedWhileTheRestIsReadOn() throws Exception {
    start(number(0));
    given(RUNS_0, 0, CACHED, Events.ofSeed(1).started());
    awaitPosition(RUNS_0, 1);
    int claims = asked.get();

    rebalance(both());
    given(RUNS_1, 0, CACHED, Events.ofSeed(2).started());
    given(RUNS_0, 1, CACHED, Events.ofSeed(3).started());

    awaitPosition(RUNS_1, 1);
    awaitPosition(RUNS_0, 2);
    assertThat(ownedBy(MEMBER.owner())).isEqualTo(both());
    assertThat(asked.get()).as("claims").isEqualTo(claims + 1);
    endInOrder();
  }

  @Test
  void whatIsRevokedIsAppliedAndGivenBackBeforeTheGroupGoesOn() throws Exception {
    AtomicReference<Set<TopicPartition>> ownedAfterwards = new AtomicReference<>();
    start(both());
    awaitState(State.RUNNING);
    given(RUNS_1, 0, CACHED, Events.ofSeed(1).started());
    atPoll(
        () -> {
          kafka.rebalance(number(0));
          ownedAfterwards.set(ownedBy(MEMBER.owner()));
        });

    await().atMost(Duration.ofSeconds(60)).until(() -> ownedAfterwards.get() != null);
    assertThat(ownedAfterwards.get()).isEqualTo(number(0));
    assertThat(position(RUNS_1)).as("applied before the next poll").isEqualTo(1);

    given(RUNS_0, 0, CACHED, Events.ofSeed(2).started());
    awaitPosition(RUNS_0, 1);
    endInOrder();
  }

  @Test
  void whatIsLostIsNotGivenBackBecauseAnotherOneMayHaveIt() throws Exception {
    start(both());
    awaitState(State.RUNNING);
    execute("UPDATE positions SET owner = 'g/another' WHERE partition = 1");

    atPoll(() -> kafka.losePartitions(number(1)));
    given(RUNS_0, 0, CACHED, Events.ofSeed(2).started());

    awaitPosition(RUNS_0, 1);
    assertThat(ownedBy("g/another")).isEqualTo(number(1));
    assertThat(ownedBy(MEMBER.owner())).isEqualTo(number(0));
    endInOrder();
  }

  @Test
  void aFencedMemberAsksTheGroupAgainAndGoesOnWithWhatIsStillItsOwn() throws Exception {
    start(both());
    awaitState(State.RUNNING);
    execute("UPDATE positions SET owner = 'g/another', next_offset = 5 WHERE partition = 1");
    group.set(Optional.of(new CommitFailedException("unknown member")));

    given(RUNS_1, 0, CACHED, Events.ofSeed(1).started());
    awaitState(State.PAUSED);
    passTimeUntilAskedAgain();
    assertThat(ownedBy("g/another")).as("not taken back").isEqualTo(number(1));

    // At once: a group that knows the member again before it took the partition away gives it back.
    atPoll(
        () -> {
          kafka.rebalance(number(0));
          group.set(Optional.empty());
        });
    awaitRunningAsTimePasses();

    given(RUNS_0, 0, CACHED, Events.ofSeed(2).started());
    awaitPosition(RUNS_0, 1);
    assertThat(position(RUNS_1)).as("whose it is by now").isEqualTo(5);
    assertThat(ownedBy("g/another")).isEqualTo(number(1));
    endInOrder();
  }

  @Test
  void whoTheGroupStillCountsAsItsOwnTakesBackWhatAnotherOneClaimedWithoutRight() throws Exception {
    start(both());
    awaitState(State.RUNNING);
    execute("UPDATE positions SET owner = 'g/sleeper' WHERE partition = 1");

    given(RUNS_1, 0, CACHED, Events.ofSeed(1).started());
    awaitState(State.PAUSED);
    assertThat(position(RUNS_1)).isZero();
    awaitRunningAsTimePasses();

    assertThat(ownedBy(MEMBER.owner())).isEqualTo(both());
    given(RUNS_1, 0, CACHED, Events.ofSeed(1).started());
    awaitPosition(RUNS_1, 1);
    endInOrder();
  }

  @Test
  void nothingIsClaimedWhileTheGroupIsBeingRebalanced() throws Exception {
    group.set(Optional.of(new RebalanceInProgressException("preparing")));
    start(number(0));

    awaitState(State.WAITING);
    assertThat(projection.positions()).isEmpty();

    group.set(Optional.empty());
    awaitRunningAsTimePasses();
    assertThat(ownedBy(MEMBER.owner())).isEqualTo(number(0));
    endInOrder();
  }

  @Test
  void twoGroupsOnOneDatabaseEndWithTheLaterOneLeaving() throws Exception {
    othersHave("h/first");
    brokers.otherMembers.add("first at /10.0.0.7");

    start(both());
    awaitState(State.WAITING);
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("consumer group h"));
    now.set(now.get().plus(SESSION).plusSeconds(10));

    assertThatThrownBy(this::result)
        .isInstanceOf(GroupInUseException.class)
        .hasMessageContaining("Consumer group h (first at /10.0.0.7) fills the database")
        .hasMessageContaining("group.id=h");
    assertThat(ownedBy("h/first")).isEqualTo(both());
  }

  @Test
  void whatAGroupLeftBehindThatHasNoMembersAnyMoreIsTaken() throws Exception {
    othersHave("h/first");

    start(both());
    awaitState(State.RUNNING);

    assertThat(ownedBy(MEMBER.owner())).isEqualTo(both());
    endInOrder();
  }

  @Test
  void whatARebuildLeftBehindIsTaken() throws Exception {
    othersHave("rebuild");
    brokers.otherMembers.add("somebody at /10.0.0.7");

    start(both());
    awaitState(State.RUNNING);

    assertThat(ownedBy(MEMBER.owner())).isEqualTo(both());
    endInOrder();
  }

  @Test
  void whoIsFencedByAnotherGroupLeavesAndNamesIt() throws Exception {
    start(both());
    awaitState(State.RUNNING);
    execute("UPDATE positions SET owner = 'h/second'");

    given(RUNS_1, 0, CACHED, Events.ofSeed(1).started());

    assertThatThrownBy(this::result)
        .isInstanceOf(GroupInUseException.class)
        .hasMessageContaining("Consumer group h (second)");
    assertThat(position(RUNS_1)).isZero();
  }

  @Test
  void aMemberWithoutAPartitionStandsByAndIsWell() throws Exception {
    start(number(0));
    awaitState(State.RUNNING);
    rebalance(List.of());

    awaitState(State.STANDBY);
    assertThat(ownedBy(MEMBER.owner())).isEmpty();
    othersHave("g/another");
    now.set(now.get().plusSeconds(120));
    await("all partitions to have a reader")
        .atMost(Duration.ofSeconds(60))
        .until(() -> health.report().healthy());
    assertThat(health.state()).isEqualTo(State.STANDBY);

    rebalance(number(0));
    awaitState(State.RUNNING);
    endInOrder();
  }

  @Test
  void whoEndsInOrderGivesEverythingBack() throws Exception {
    start(both());
    awaitState(State.RUNNING);

    endInOrder();

    assertThat(projection.owners()).hasSize(8).allMatch(owned -> owned.owner().isEmpty());
  }

  @Test
  void aSchemaThatARevokedPartitionWaitedForKeepsNobodyWaiting() throws Exception {
    start(both());
    awaitState(State.RUNNING);
    given(partition(Topics.ERRORS, 1), 0, UNKNOWN, Events.ofSeed(1).error("ValueError", "bad"));
    awaitState(State.PAUSED);

    rebalance(number(0));

    awaitRunningAsTimePasses();
    endInOrder();
  }

  @Test
  void addedPartitionsAreClaimedWhenTheGroupGivesThem() throws Exception {
    start(both());
    awaitState(State.RUNNING);
    for (TopicPartition added : number(2)) {
      brokers.partitions.put(added, new LogState.PartitionLog("id-of-" + added.topic(), 0, 10));
    }
    Set<TopicPartition> all = new HashSet<>(both());
    all.addAll(number(2));

    rebalance(all);
    given(partition(Topics.RUNS, 2), 0, CACHED, Events.ofSeed(1).started());

    awaitPosition(partition(Topics.RUNS, 2), 1);
    assertThat(ownedBy(MEMBER.owner())).isEqualTo(all);
    endInOrder();
  }

  private void othersHave(String owner) {
    projection.claim(owner, PositionCheck.beginnings(brokers.inspect()));
  }

  private void rebalance(Collection<TopicPartition> assigned) {
    List<TopicPartition> partitions = List.copyOf(assigned);
    atPoll(() -> kafka.rebalance(partitions));
  }

  private Set<TopicPartition> ownedBy(String owner) {
    return projection.owners().stream()
        .filter(owned -> owned.owner().equals(Optional.of(owner)))
        .map(OwnedPosition::position)
        .map(PositionCheck::partitionOf)
        .collect(Collectors.toSet());
  }

  private void execute(String sql) throws SQLException {
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = other.createStatement()) {
      statement.execute(sql);
    }
  }

  private void passTimeUntilAskedAgain() {
    int before = asked.get();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              now.set(now.get().plusSeconds(10));
              return asked.get() > before;
            });
  }

  private void awaitRunningAsTimePasses() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              now.set(now.get().plusSeconds(1));
              return running.isDone() || health.state() == State.RUNNING;
            });
    assertThat(health.state()).isEqualTo(State.RUNNING);
  }
}
