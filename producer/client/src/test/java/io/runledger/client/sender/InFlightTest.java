package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.client.sender.EventProducer.Sent;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.spool.Quarantine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the broker's answers to the records of a chunk mean for the chunk. */
class InFlightTest {

  @TempDir private Path spool;
  private final Undelivered undelivered = new Undelivered();
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final List<SpecificRecord> notices = new ArrayList<>();
  private final EventProducer producer =
      new EventProducer(
          TopicNames.DEFAULT,
          Map.of(),
          1 << 20,
          (topic, event) -> {
            notices.add(event);
            return new byte[16];
          },
          properties -> kafka);
  private InFlight inFlight;

  @BeforeEach
  void nothingIsOnItsWay() {
    inFlight = new InFlight(spool.resolve("writer"), undelivered);
  }

  private static Sent unanswered(long seq, int events) {
    return new Sent(metric(seq), events, new CompletableFuture<>());
  }

  private static Sent taken(long seq, int events) {
    return new Sent(metric(seq), events, CompletableFuture.completedFuture(null));
  }

  private static Sent refused(long seq, int events, Exception why) {
    return new Sent(metric(seq), events, CompletableFuture.failedFuture(why));
  }

  private static Sent tooLarge(long seq, int events) {
    return refused(seq, events, new RecordTooLargeException("1 MB at most"));
  }

  private static MetricsLogged metric(long seq) {
    return new MetricsLogged(
        1L, 2L, 77L, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, Map.of("a", 1.0))));
  }

  /** The chunk goes again one by one, because a record of several events was refused. */
  private void oneByOne() throws IOException {
    inFlight.carry(List.of(tooLarge(0, 3)));
    assertThat(inFlight.settle(producer)).isEmpty();
    assertThat(inFlight.isOneByOne()).isTrue();
  }

  @Test
  void aChunkIsAnsweredWhenEachOfItsRecordsIs() {
    inFlight.carry(List.of(taken(0, 1), unanswered(1, 1)));
    assertThat(inFlight.isAnswered()).isFalse();

    inFlight.carry(List.of(taken(0, 1), tooLarge(1, 1)));
    assertThat(inFlight.isAnswered()).isTrue();
  }

  @Test
  void whatTheBrokerHasCountsByEventsAndNewsOfOursDoNot() throws IOException {
    inFlight.carry(List.of(taken(0, 3), taken(3, 1), taken(4, 0)));

    assertThat(inFlight.settle(producer)).contains(4L);
    assertThat(inFlight.isEmpty()).isTrue();
  }

  @Test
  void aRecordThatALeaderLostSendsTheWholeChunkAgain() {
    inFlight.carry(
        List.of(taken(0, 1), refused(1, 1, new NotLeaderOrFollowerException("an election"))));

    assertThatThrownBy(() -> inFlight.settle(producer))
        .isInstanceOf(BrokerException.class)
        .hasCauseInstanceOf(NotLeaderOrFollowerException.class);

    assertThat(inFlight.isEmpty()).isTrue();
    assertThat(inFlight.isOneByOne()).isFalse();
  }

  @Test
  void aPackedRecordThatIsTooLargeQuarantinesNothingYet() throws IOException {
    oneByOne();

    assertThat(inFlight.isEmpty()).isTrue();
    assertThat(Quarantine.sendable(spool)).isEmpty();
    assertThat(undelivered.sentence()).isEmpty();
  }

  @Test
  void anEventThatIsTooLargeByItselfIsKeptAndItsRunIsToldBeforeTheChunkIsDone() throws IOException {
    oneByOne();
    inFlight.carry(List.of(taken(0, 1), tooLarge(1, 1), taken(2, 1)));

    assertThat(inFlight.settle(producer)).isEmpty();
    assertThat(inFlight.isAnswered()).as("the news").isFalse();
    assertThat(Quarantine.sendable(spool)).hasSize(1);
    assertThat(((RunEvent) notices.get(0)).getEvent()).isInstanceOf(EventsDropped.class);
    assertThat(kafka.completeNext()).isTrue();

    assertThat(inFlight.settle(producer)).contains(2L);
    assertThat(undelivered.sentence()).hasValueSatisfying(s -> assertThat(s).contains("1 event"));
    assertThat(inFlight.isOneByOne()).as("the next chunk is packed again").isFalse();
  }

  @Test
  void newsThatAreRefusedForTheirSizeAreNotQuarantinedAsWell() throws IOException {
    oneByOne();
    inFlight.carry(List.of(tooLarge(1, 1)));
    assertThat(inFlight.settle(producer)).isEmpty();
    assertThat(kafka.errorNext(new RecordTooLargeException("10 bytes at most"))).isTrue();

    assertThat(inFlight.settle(producer)).contains(0L);

    assertThat(Quarantine.sendable(spool)).hasSize(1);
    assertThat(notices).hasSize(1);
  }

  /** It was, because it is put there again whenever its chunk is sent again. */
  @Test
  void anEventInQuarantineIsNotCountedTwiceWhenItsNewsDidNotArriveAtOnce() throws IOException {
    oneByOne();
    inFlight.carry(List.of(tooLarge(1, 1)));
    assertThat(inFlight.settle(producer)).isEmpty();
    assertThat(kafka.errorNext(new NotLeaderOrFollowerException("an election"))).isTrue();
    assertThatThrownBy(() -> inFlight.settle(producer)).isInstanceOf(BrokerException.class);

    inFlight.carry(List.of(tooLarge(1, 1)));
    assertThat(inFlight.settle(producer)).isEmpty();
    assertThat(kafka.completeNext()).isTrue();
    assertThat(inFlight.settle(producer)).contains(0L);

    assertThat(Quarantine.sendable(spool)).hasSize(1);
    assertThat(undelivered.sentence()).hasValueSatisfying(s -> assertThat(s).contains("1 event"));
  }

  @Test
  void whatIsDroppedLeavesNoCountBehind() throws IOException {
    oneByOne();
    inFlight.carry(List.of(taken(0, 5), tooLarge(5, 1)));
    assertThat(inFlight.settle(producer)).isEmpty();

    inFlight.drop();
    inFlight.carry(List.of(taken(0, 5)));

    assertThat(inFlight.settle(producer)).contains(5L);
    assertThat(undelivered.sentence()).isEmpty();
  }
}
