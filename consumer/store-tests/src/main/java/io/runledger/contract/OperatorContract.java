package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.batch.AcceptedGap;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does with dead letters and gaps. */
abstract class OperatorContract extends Contract {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Events JOB = Events.ofSeed(3);

  @TempDir private Path directory;
  private TestDatabase database;
  private Projection projection;

  @BeforeEach
  void openADatabaseWithADeadLetter() {
    database = database(directory, "runledger");
    projection = Deliveries.open(database);
    projection.apply(aBadRecordOfTheJob(projection));
  }

  private static Batch aBadRecordOfTheJob(Projection projection) {
    Batch batch =
        Deliveries.batch(
            projection, List.of(new Decoded.Malformed("unknown schema", "No schema 7.")));
    IncomingRecord record = batch.records().get(0);
    byte[] key = JOB.run().toString().getBytes(StandardCharsets.UTF_8);
    return new Batch(
        List.of(
            new IncomingRecord(
                record.source(),
                Optional.of(key),
                record.value(),
                record.headersJson(),
                record.decoded())),
        batch.advances());
  }

  @AfterEach
  void close() {
    projection.close();
  }

  private DeadLetter letter() {
    return projection.deadLetter(1).orElseThrow();
  }

  @Test
  void aLetterThatCanBeDecodedNowIsAppliedAndLeavesATrace() throws SQLException {
    Optional<String> trouble =
        projection.retry(letter(), new Decoded.Event(JOB.metric("loss", 0, 0.5)), NOW);

    assertThat(trouble).isEmpty();
    assertThat(letter().state()).isEqualTo("retried");
    assertThat(Tables.row(database, "SELECT tries, disposed_at, disposition FROM dead_letters"))
        .isEqualTo("1|2026-01-02 03:04:05|applied");
    assertThat(Tables.row(database, "SELECT count, min_value FROM metric_series"))
        .isEqualTo("1|0.5");
  }

  @Test
  void aFailedRetryChangesNothingButTheCountAndTimeOfTries() throws SQLException {
    Optional<String> trouble =
        projection.retry(letter(), new Decoded.Malformed("truncated", "Half of it."), NOW);

    assertThat(trouble).hasValue("Half of it.");
    assertThat(Tables.row(database, "SELECT state, tries, reason, detail FROM dead_letters"))
        .isEqualTo("waiting|1|unknown schema|No schema 7.");
  }

  @Test
  void aLetterIsDismissedOnceAndKeepsItsBytes() throws SQLException {
    assertThat(projection.dismiss(1, "a test of ours", NOW)).isTrue();
    assertThat(projection.dismiss(1, "again", NOW)).isFalse();
    assertThat(projection.dismiss(99, "not there", NOW)).isFalse();

    assertThat(Tables.row(database, "SELECT state, disposition, length(value) FROM dead_letters"))
        .isEqualTo("dismissed|a test of ours|6");
  }

  @Test
  void whatOperatorsDidIsNoDifferenceAndADismissalIsCarriedOver() throws SQLException {
    TestDatabase other = database(directory, "other");
    try (Projection rebuilt = Deliveries.open(other)) {
      rebuilt.apply(aBadRecordOfTheJob(rebuilt));
      projection.dismiss(1, "a test of ours", NOW);
      assertThat(database.differencesFrom(other)).isEmpty();

      rebuilt.carryDismissal(
          new Dismissal(
              TopicNames.DEFAULT.name(Topics.METRICS),
              "id-of-" + TopicNames.DEFAULT.name(Topics.METRICS),
              0,
              0,
              "2026-01-02 03:04:05",
              "a test of ours"));

      assertThat(Tables.row(other, "SELECT state, disposed_at, disposition FROM dead_letters"))
          .isEqualTo("dismissed|2026-01-02 03:04:05|a test of ours");
    }
  }

  @Test
  void anAcceptedGapMovesThePositionAndIsNotedWithIt() throws SQLException {
    Position at = position(Topics.METRICS);
    Position resumeAt = Deliveries.moved(at, 9);
    Position gone = position(Topics.SLURM);

    projection.acceptGaps(
        List.of(
            new AcceptedGap(at, 1, 9, "deleted", Optional.of(resumeAt)),
            new AcceptedGap(gone, 0, 4, "no such partition", Optional.empty())));

    assertThat(position(Topics.METRICS).nextOffset()).isEqualTo(9);
    assertThat(projection.positions()).extracting(Position::topic).doesNotContain(gone.topic());
    assertThat(projection.gaps()).isEqualTo(2);
    assertThat(
            Tables.row(
                database,
                "SELECT from_offset, to_offset, reason FROM gaps WHERE partition = 0 AND reason = 'deleted'"))
        .isEqualTo("1|9|deleted");
  }

  private Position position(Topics topic) {
    return projection.positions().stream()
        .filter(position -> position.topic().equals(TopicNames.DEFAULT.name(topic)))
        .findFirst()
        .orElseThrow();
  }
}
