package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.TopicNames;
import io.runledger.service.stop.PositionException;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class PositionCheckTest {

  private static final ProjectionLocation DATABASE = new SqliteLocation(Path.of("ledger.db"));
  private static final TopicPartition METRICS = new TopicPartition("runledger.metrics", 2);

  @Test
  void readingGoesOnFromTheStoredPosition() {
    Position stored = stored("topic-a", 500);

    List<Position> start = PositionCheck.resume(DATABASE, List.of(stored), log("topic-a", 0, 900));

    assertThat(start).containsExactly(stored);
  }

  @Test
  void aPositionAtEitherEndOfTheLogIsGood() {
    LogState log = log("topic-a", 500, 500);

    List<Position> start = PositionCheck.resume(DATABASE, List.of(stored("topic-a", 500)), log);

    assertThat(start).extracting(Position::nextOffset).containsExactly(500L);
  }

  @Test
  void aPartitionNeverReadBeginsAtItsFirstOffset() {
    List<Position> start = PositionCheck.resume(DATABASE, List.of(), log("topic-a", 0, 900));

    assertThat(start).extracting(Position::nextOffset).containsExactly(0L);
  }

  @Test
  void aTopicMadeAnewStopsTheService() {
    LogState log = log("topic-b", 0, 900);

    assertThatThrownBy(() -> PositionCheck.resume(DATABASE, List.of(stored("topic-a", 500)), log))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("runledger.metrics was deleted and recreated")
        .hasMessageContaining("id topic-a stored, id topic-b found")
        .hasMessageContaining(
            "runledger accept-gap --topic runledger.metrics --partition 2 --db ledger.db")
        .hasMessageContaining("runledger rebuild --accept-gap --db ledger.db");
  }

  @Test
  void deletedHistoryStopsTheService() {
    LogState log = log("topic-a", 600, 900);

    assertThatThrownBy(() -> PositionCheck.resume(DATABASE, List.of(stored("topic-a", 500)), log))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("runledger.metrics partition 2")
        .hasMessageContaining("stored 500, found 600");
  }

  @Test
  void aFreshDatabaseDoesNotBeginInTheMiddleOfTheLog() {
    assertThatThrownBy(() -> PositionCheck.resume(DATABASE, List.of(), log("topic-a", 7, 900)))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("stored 0, found 7");
  }

  @Test
  void aTruncatedLogStopsTheService() {
    LogState log = log("topic-a", 0, 320);

    assertThatThrownBy(() -> PositionCheck.resume(DATABASE, List.of(stored("topic-a", 500)), log))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("Projection ahead of log")
        .hasMessageContaining("has stored 500, and the log ends at 320");
  }

  @Test
  void anotherClusterStopsTheService() {
    LogState log =
        new LogState(
            LogKind.TOPICS,
            "elsewhere",
            Map.of(METRICS, new LogState.PartitionLog("topic-a", 0, 900)));

    assertThatThrownBy(() -> PositionCheck.resume(DATABASE, List.of(stored("topic-a", 500)), log))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("filled from cluster here, and these brokers are cluster elsewhere");
  }

  @Test
  void behindAnAcceptedGapReadingGoesOnWhereTheLogDoes() {
    assertThat(behind("topic-a", 600, 900)).as("deleted records").isEqualTo(600);
    assertThat(behind("topic-a", 0, 320)).as("a log that lost its end").isEqualTo(320);
    assertThat(behind("topic-b", 0, 900)).as("a recreated topic").isZero();
  }

  private static long behind(String topicId, long start, long end) {
    LogState log = log(topicId, start, end);
    List<PositionCheck.MissingHistory> missing =
        PositionCheck.missing(List.of(stored("topic-a", 500)), log);
    assertThat(missing).hasSize(1);
    Position resumeAt = PositionCheck.behind(missing.get(0), log).orElseThrow();
    assertThat(resumeAt.topicId()).isEqualTo(topicId);
    return resumeAt.nextOffset();
  }

  @Test
  void aRebuildNamesTheHistoryThatItWouldLack() {
    List<PositionCheck.MissingHistory> missing =
        PositionCheck.missingForRebuild(List.of(stored("topic-a", 500)), log("topic-a", 40, 900));

    assertThat(missing).hasSize(1);
    assertThat(missing.get(0).from()).isZero();
    assertThat(missing.get(0).to()).isEqualTo(40);
  }

  @Test
  void aDatabaseOfAnotherPrefixIsRefusedWithASentenceThatNamesBoth() {
    List<Position> stored = List.of(stored("topic-a", 500));

    PositionCheck.requireOwnTopics(DATABASE, stored, TopicNames.DEFAULT);
    PositionCheck.requireOwnTopics(DATABASE, List.of(), new TopicNames("lab"));

    assertThatThrownBy(
            () -> PositionCheck.requireOwnTopics(DATABASE, stored, new TopicNames("lab")))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("ledger.db was filled from the topics runledger.*")
        .hasMessageContaining("topics.prefix is lab")
        .hasMessageContaining("set topics.prefix=runledger");
  }

  private static Position stored(String topicId, long nextOffset) {
    return new Position(
        "here", METRICS.topic(), topicId, METRICS.partition(), nextOffset, OptionalInt.of(3));
  }

  private static LogState log(String topicId, long start, long end) {
    return new LogState(
        LogKind.TOPICS, "here", Map.of(METRICS, new LogState.PartitionLog(topicId, start, end)));
  }
}
