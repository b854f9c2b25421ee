package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.contract.Events;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.Topics;
import io.runledger.service.health.ServiceHealth.State;
import io.runledger.service.log.LogState;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.service.stop.TakenOverException;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

/** The loop of the one service of a database: when it continues, when it waits, when it stops. */
class ConsumerLoopTest extends MockedLoop {

  private static final TopicPartition RUNS = partition(Topics.RUNS, 0);
  private static final TopicPartition ERRORS = partition(Topics.ERRORS, 0);

  @Override
  ProjectionLocation location(Path file) {
    return new SqliteLocation(file);
  }

  @Override
  int partitions() {
    return 1;
  }

  @Test
  void whatIsPolledIsAppliedAndThePositionAndKafkaAreMovedBehindIt() throws Exception {
    Events events = Events.ofSeed(1);

    start();
    given(RUNS, 0, CACHED, events.started());
    given(RUNS, 1, CACHED, events.completed());

    awaitPosition(RUNS, 2);
    assertThat(health.report().healthy()).isTrue();
    // Kafka is told after the database, by the loop's thread.
    await("the offset for lag tools")
        .atMost(Duration.ofSeconds(60))
        .until(() -> committed(RUNS).filter(offset -> offset == 2).isPresent());
    endInOrder();
  }

  @Test
  void aSchemaThatNobodyCanGiveHoldsItsPartitionAndNoOther() throws Exception {
    Events events = Events.ofSeed(1);
    SpecificRecord error = events.error("ValueError", "bad shape");

    start();
    given(ERRORS, 0, UNKNOWN, error);
    given(RUNS, 0, CACHED, events.started());

    awaitPosition(RUNS, 1);
    awaitState(State.PAUSED);
    assertThat(position(ERRORS)).as("in front of the record").isZero();
    assertThat(kafka.paused()).containsExactly(ERRORS);

    projection.remember(UNKNOWN, Topics.ERRORS.schema().toString());
    given(ERRORS, 0, UNKNOWN, error);
    now.set(now.get().plusSeconds(10));

    awaitPosition(ERRORS, 1);
    awaitState(State.RUNNING);
    endInOrder();
  }

  @Test
  void aMemberThatWasGivenSomeOfThePartitionsReadsNone() throws Exception {
    start(List.of(RUNS, ERRORS));
    given(RUNS, 0, CACHED, Events.ofSeed(1).started());

    awaitState(State.WAITING);
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("2 of 4 partitions"));
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("PostgreSQL"));
    assertThat(projection.positions()).isEmpty();
    endInOrder();
  }

  @Test
  void recordsThatWereDeletedBeforeTheyWereReadStopItAndAreNotJumpedOver() throws Exception {
    start();
    awaitState(State.RUNNING);

    brokers.partitions.put(RUNS, new LogState.PartitionLog("id-of-" + RUNS.topic(), 500, 1_000));
    fails(new OffsetOutOfRangeException(Map.of(RUNS, 0L)));

    // Right after an outage it waits a little before it compares positions with the log.
    awaitState(State.PAUSED);
    now.set(now.get().plusSeconds(10));
    assertThatThrownBy(this::result)
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("stored 0, found 500");
    assertThat(position(RUNS)).isZero();
  }

  @Test
  void anOutageOfTheBrokersPausesItUntilTheyAnswer() throws Exception {
    start();
    awaitState(State.RUNNING);

    fails(new KafkaException("no route to any broker"));
    awaitState(State.PAUSED);
    assertThat(health.report().reasons()).anyMatch(why -> why.contains("no route to any broker"));

    now.set(now.get().plusSeconds(10));
    awaitState(State.RUNNING);
    given(RUNS, 0, CACHED, Events.ofSeed(1).started());
    awaitPosition(RUNS, 1);
    endInOrder();
  }

  @Test
  void whoClaimsThePositionsTakesOverAndTheBatchInHandIsNotWritten() throws Exception {
    start();
    awaitState(State.RUNNING);
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = other.createStatement()) {
      statement.execute("UPDATE positions SET owner = 'another-service'");
    }

    given(RUNS, 0, CACHED, Events.ofSeed(1).started());

    assertThatThrownBy(this::result)
        .isInstanceOf(TakenOverException.class)
        .hasMessageContaining(database.toString());
    projection.reopen();
    assertThat(position(RUNS)).isZero();
  }

  @Test
  void aMemberWithTheSameInstanceIdTakesOver() throws Exception {
    start();
    awaitState(State.RUNNING);

    fails(new FencedInstanceIdException("the broker knows a newer one"));

    assertThatThrownBy(this::result).isInstanceOf(TakenOverException.class);
  }

  @Test
  void brokersThatRefuseItAreNothingToWaitFor() throws Exception {
    start();
    awaitState(State.RUNNING);

    fails(new TopicAuthorizationException("Not authorized to access topics"));

    assertThatThrownBy(this::result)
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("Not authorized");
  }
}
