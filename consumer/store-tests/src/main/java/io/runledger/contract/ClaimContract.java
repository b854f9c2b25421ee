package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Positions: each belongs to whoever claimed it last, whatever becomes of the others. */
abstract class ClaimContract extends OpenProjection {

  private static final Position OF_RUNS = position(Topics.RUNS);
  private static final Position OF_METRICS = position(Topics.METRICS);

  private static Position position(Topics topic) {
    return Deliveries.beginnings().stream()
        .filter(position -> position.topic().equals(TopicNames.DEFAULT.name(topic)))
        .findFirst()
        .orElseThrow();
  }

  private static Position ofPartitionOne(Position position) {
    return new Position(
        position.clusterId(), position.topic(), position.topicId(), 1, 0, OptionalInt.empty());
  }

  private static Batch step(Position from, long to) {
    return new Batch(List.of(), List.of(new Advance(from, from.at(to, OptionalInt.empty()))));
  }

  private Optional<String> owner(Position position) {
    return owned(position).flatMap(OwnedPosition::owner);
  }

  private Optional<OwnedPosition> owned(Position position) {
    return projection.owners().stream()
        .filter(
            owned ->
                owned.position().topic().equals(position.topic())
                    && owned.position().partition() == position.partition())
        .findFirst();
  }

  @Test
  void aClaimTakesThePositionsThatItNamesAndNoOthers() throws SQLException {
    somebodyElseClaimsEverything();

    projection.claim(Deliveries.OWNER, List.of(OF_RUNS));

    assertThat(owner(OF_RUNS)).hasValue(Deliveries.OWNER);
    assertThat(owner(OF_METRICS)).hasValue("another");
  }

  @Test
  void aClaimAddsWhatIsMissingAndLeavesAStoredOffsetAsItIs() {
    projection.apply(step(OF_RUNS, 5));
    Position fresh = ofPartitionOne(OF_RUNS);

    projection.claim(Deliveries.OWNER, List.of(OF_RUNS, fresh));

    assertThat(owned(OF_RUNS).orElseThrow().position().nextOffset()).isEqualTo(5);
    assertThat(owned(fresh)).hasValue(new OwnedPosition(fresh, Optional.of(Deliveries.OWNER)));
  }

  @Test
  void whoLostOnePositionIsFencedThereAndGoesOnWithTheOthers() throws SQLException {
    Tables.change(
        database, "UPDATE positions SET owner = 'another' WHERE topic = '" + OF_RUNS.topic() + "'");

    assertThatThrownBy(() -> projection.apply(step(OF_RUNS, 1)))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining(OF_RUNS.topic());
    projection.apply(step(OF_METRICS, 1));

    assertThat(owned(OF_RUNS).orElseThrow().position().nextOffset()).isZero();
    assertThat(owned(OF_METRICS).orElseThrow().position().nextOffset()).isEqualTo(1);
  }

  @Test
  void aBatchThatIsFencedInOnePositionMovesNoneOfThem() throws SQLException {
    Tables.change(
        database, "UPDATE positions SET owner = 'another' WHERE topic = '" + OF_RUNS.topic() + "'");
    Batch both =
        new Batch(
            List.of(),
            List.of(
                new Advance(OF_METRICS, OF_METRICS.at(1, OptionalInt.empty())),
                new Advance(OF_RUNS, OF_RUNS.at(1, OptionalInt.empty()))));

    assertThatThrownBy(() -> projection.apply(both)).isInstanceOf(FencedException.class);

    assertThat(owned(OF_METRICS).orElseThrow().position().nextOffset()).isZero();
  }

  @Test
  void whatWasGivenBackIsNobodysAndCannotBeMovedOn() {
    projection.release(List.of(OF_RUNS));

    assertThat(owner(OF_RUNS)).isEmpty();
    assertThat(owner(OF_METRICS)).hasValue(Deliveries.OWNER);
    assertThatThrownBy(() -> projection.apply(step(OF_RUNS, 1)))
        .isInstanceOf(FencedException.class);

    projection.claim(Deliveries.OWNER, List.of(OF_RUNS));
    projection.apply(step(OF_RUNS, 1));

    assertThat(owned(OF_RUNS).orElseThrow().position().nextOffset()).isEqualTo(1);
  }

  @Test
  void whatSomebodyElseHasClaimedMeanwhileIsNotGivenBack() throws SQLException {
    somebodyElseClaimsEverything();

    projection.release(List.of(OF_RUNS));

    assertThat(owner(OF_RUNS)).hasValue("another");
  }

  @Test
  void whoClaimedNothingMovesNothing() {
    projection.release(Deliveries.beginnings());
    projection.close();
    projection = database.open();

    assertThatThrownBy(() -> projection.apply(step(OF_RUNS, 1)))
        .isInstanceOf(FencedException.class);
  }

  @Test
  void aClaimForgetsWhatWasReadBeforeSomebodyElseHadThePartition() throws SQLException {
    Events job = Events.ofSeed(3);
    Deliveries.deliver(projection, job.started(), job.metric("loss", 0, 0.5));

    // As if another one had applied the log call that follows, and given the partitions back.
    Tables.change(database, "UPDATE event_streams SET seen = '0-1', events = 2, last_seq = 1");
    projection.claim(Deliveries.OWNER, Deliveries.beginnings());

    assertThat(Deliveries.deliver(projection, job.metric("loss", 1, 0.25)).duplicates())
        .isEqualTo(1);
  }

  private void somebodyElseClaimsEverything() throws SQLException {
    Tables.change(database, "UPDATE positions SET owner = 'another'");
  }
}
