package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Events;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.Topics;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.Generation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Exactly what is before the ends is read, and what prevents that is reported. */
@Timeout(60)
class ReplayTest {

  private static final TopicPartition RUNS = LogInMemory.partition(Topics.RUNS);

  @TempDir private Path directory;
  private final LogInMemory log = new LogInMemory();
  private final Events events = Events.ofSeed(1);
  private final List<Long> progress = new ArrayList<>();
  private Map<Integer, String> schemas = LogInMemory.schemas();
  private Projection projection;

  @BeforeEach
  void openADatabase() {
    projection = SqliteProjection.create(Generation.next(directory.resolve("ledger.db")));
    projection.claim("replay", PositionCheck.beginnings(log.inspect()));
  }

  @AfterEach
  void nobodyReadsAnyMore() {
    projection.close();
    assertThat(log.isLeftAlone()).as("every consumer is closed").isTrue();
  }

  private Replay.Replayed replay(Map<TopicPartition, Long> ends) throws InterruptedException {
    return replay(projection.positions(), ends);
  }

  private Replay.Replayed replay(List<Position> from, Map<TopicPartition, Long> ends)
      throws InterruptedException {
    return new Replay(log)
        .run(projection, from, ends, schemas, (done, total, soFar) -> progress.add(done));
  }

  private long position(TopicPartition partition) {
    return PositionCheck.byPartition(projection.positions()).get(partition).nextOffset();
  }

  /** Time passes whenever the clock is read. */
  private void hurry() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    log.clock = () -> now.updateAndGet(before -> before.plusSeconds(61));
  }

  @Test
  void everythingBeforeTheEndsIsAppliedAndNothingFromThemOn() throws Exception {
    log.append(events.started());
    log.append(events.error("ValueError", "bad shape"));
    Map<TopicPartition, Long> ends = log.ends();
    log.append(events.completed());

    Replay.Replayed replayed = replay(ends);

    assertThat(replayed.offsets()).isEqualTo(2);
    assertThat(replayed.result().applied()).isEqualTo(2);
    assertThat(position(RUNS)).isEqualTo(1);
    assertThat(progress).last().isEqualTo(2L);
  }

  @Test
  void offsetsWithoutRecordsAreReadToTheirEndToo() throws Exception {
    log.append(events.started());
    log.marker(Topics.RUNS);
    log.marker(Topics.SLURM);

    Replay.Replayed replayed = replay(log.ends());

    assertThat(replayed.offsets()).isEqualTo(3);
    assertThat(position(RUNS)).isEqualTo(2);
    assertThat(position(LogInMemory.partition(Topics.SLURM))).isEqualTo(1);
  }

  @Test
  void anEmptyLogIsReplayedAtOnce() throws Exception {
    assertThat(replay(log.ends()).offsets()).isZero();
    assertThat(progress).isEmpty();
  }

  @Test
  void theSchemasThatWereUsedAreInTheNewDatabaseAndNoOthers() throws Exception {
    log.append(events.started());

    assertThat(replay(log.ends()).result().applied()).isEqualTo(1);

    assertThat(projection.schema(LogInMemory.schemaId(Topics.RUNS))).isPresent();
    assertThat(projection.schema(LogInMemory.schemaId(Topics.ERRORS))).isEmpty();
  }

  @Test
  void aRecordThatIsNoEventIsADeadLetterAndEndsNothing() throws Exception {
    log.append(Topics.RUNS, null, new byte[] {42});
    log.append(events.started());

    Replay.Replayed replayed = replay(log.ends());

    assertThat(replayed.result().applied()).isEqualTo(1);
    assertThat(replayed.result().deadLetters()).isEqualTo(1);
  }

  @Test
  void recordsThatVanishWhileTheyAreReadEndIt() {
    log.append(events.started());
    log.atPoll =
        () -> {
          throw new OffsetOutOfRangeException(Map.of(RUNS, 0L));
        };

    assertThatThrownBy(() -> replay(log.ends()))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("changed while it was read")
        .hasMessageContaining("again");
  }

  @Test
  void brokersThatRefuseEndIt() {
    log.append(events.started());
    log.atPoll =
        () -> {
          throw new KafkaException("Not authorized.");
        };

    assertThatThrownBy(() -> replay(log.ends()))
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("Not authorized.");
  }

  @Test
  void brokersThatGiveNothingForAMinuteEndItAndThePartitionIsNamed() {
    Map<TopicPartition, Long> ends = new HashMap<>(log.ends());
    ends.put(RUNS, 1L);
    hurry();

    assertThatThrownBy(() -> replay(ends))
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("returned nothing for 60 s")
        .hasMessageContaining("runledger.runs-0")
        .hasMessageContaining("nothing was changed");
  }

  @Test
  void aSchemaThatNobodyGivesEndsItWhenTheRegistryStaysAway() {
    schemas = Map.of();
    log.append(events.started());
    hurry();

    assertThatThrownBy(() -> replay(log.ends()))
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("schema registry does not answer")
        .hasMessageContaining("nothing was changed");
    assertThat(position(RUNS)).isZero();
  }

  /** Whoever waits for the next slice would wait for ever. */
  @Test
  void aReaderThatRunsOutOfMemoryEndsItWithAWayOut() {
    log.append(events.started());
    log.atPoll =
        () -> {
          throw new OutOfMemoryError("Java heap space");
        };

    assertThatThrownBy(() -> replay(log.ends()))
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("-Xmx");
  }

  @Test
  void whatTheDatabaseRefusesIsTheCallersAndTheReaderEnds() throws Exception {
    log.append(events.started());
    List<Position> before = projection.positions();
    assertThat(replay(before, log.ends()).offsets()).isEqualTo(1);
    log.append(events.completed());

    assertThatThrownBy(() -> replay(before, log.ends())).isInstanceOf(FencedException.class);
    assertThat(log.readers()).isEqualTo(2);
  }

  @Test
  void whoIsInterruptedLeavesAndTheReaderEnds() {
    log.append(events.started());
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> replay(log.ends())).isInstanceOf(InterruptedException.class);
  }
}
