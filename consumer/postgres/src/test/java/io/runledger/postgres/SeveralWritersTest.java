package io.runledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Events;
import io.runledger.contract.Oracle;
import io.runledger.contract.OracleDump;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.batch.Source;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.OperatorMail;
import io.runledger.fold.projection.OperatorMail.Answer;
import io.runledger.fold.projection.OperatorMail.Request;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several sessions that fill one ledger, each the positions that it claimed. */
class SeveralWritersTest {

  @TempDir private Path directory;

  /** A writer that reads one partition of each topic. */
  private static final class Writer implements AutoCloseable {
    private final Projection projection;
    private final int number;

    private Writer(TestLedger ledger, int number) {
      this.projection = PostgresProjection.join(ledger.url());
      this.number = number;
      claim("g/" + UUID.randomUUID());
    }

    private void claim(String owner) {
      projection.claim(
          owner,
          TopicNames.DEFAULT.all().stream()
              .map(
                  topic ->
                      new Position(
                          "cluster", topic, "id-of-" + topic, number, 0, OptionalInt.empty()))
              .toList());
    }

    private BatchResult apply(SpecificRecord... events) {
      return apply(List.of(events));
    }

    private BatchResult apply(List<SpecificRecord> events) {
      Map<String, Position> from = new HashMap<>();
      for (Position position : projection.positions()) {
        if (position.partition() == number) {
          from.put(position.topic(), position);
        }
      }
      Map<String, Position> to = new HashMap<>(from);
      List<IncomingRecord> records = new ArrayList<>();
      for (SpecificRecord event : events) {
        String topic = topicOf(event);
        Position at = to.get(topic);
        records.add(
            new IncomingRecord(
                new Source(topic, number, at.nextOffset(), 1_700_000_000_000L),
                Optional.of(
                    new RunId(Envelope.of(event).run())
                        .toString()
                        .getBytes(StandardCharsets.UTF_8)),
                Optional.of(new byte[] {0}),
                "[]",
                new Decoded.Event(event)));
        to.put(topic, at.at(at.nextOffset() + 1, OptionalInt.of(0)));
      }
      return projection.apply(
          new Batch(
              records,
              from.values().stream()
                  .filter(position -> !to.get(position.topic()).equals(position))
                  .map(position -> new Advance(position, to.get(position.topic())))
                  .toList()));
    }

    private static String topicOf(SpecificRecord event) {
      for (Topics topic : Topics.values()) {
        if (topic.schema().equals(event.getSchema())) {
          return TopicNames.DEFAULT.name(topic);
        }
      }
      throw new AssertionError(event.getSchema().getName());
    }

    @Override
    public void close() {
      projection.close();
    }
  }

  private Map<String, List<String>> dump() throws SQLException {
    try (Connection connection = ledger().connect()) {
      return OracleDump.of(connection);
    }
  }

  private TestLedger ledger() {
    return TestLedger.of(directory, "runledger");
  }

  @Test
  void eachAppliesWhatIsInItsPartitionsAndFencesNobody() throws Exception {
    Events one = Events.ofSeed(1);
    Events other = Events.ofSeed(2);
    List<SpecificRecord> ofOne = List.of(one.started(), one.metric("loss", 0, 0.5));
    List<SpecificRecord> ofOther = List.of(other.started(), other.metric("loss", 0, 0.25));
    try (Writer first = new Writer(ledger(), 0);
        Writer second = new Writer(ledger(), 1)) {
      first.apply(ofOne);
      second.apply(ofOther);
      first.apply(one.completed());
    }

    List<SpecificRecord> all = new ArrayList<>(ofOne);
    all.addAll(ofOther);
    assertThat(dump().get("metric_points")).isEqualTo(Oracle.of(all).get("metric_points"));
  }

  @Test
  void whoClaimsAPartitionFencesItsOwnerThereAlone() {
    try (Writer first = new Writer(ledger(), 0);
        Writer second = new Writer(ledger(), 0);
        Writer third = new Writer(ledger(), 1)) {
      assertThatThrownBy(() -> first.apply(Events.ofSeed(1).started()))
          .isInstanceOf(FencedException.class);
      assertThat(second.apply(Events.ofSeed(1).started()).applied()).isEqualTo(1);
      assertThat(third.apply(Events.ofSeed(2).started()).applied()).isEqualTo(1);
    }
  }

  @Test
  void whatNeedsTheLedgerAloneIsRefusedWhileSomebodyFillsIt() {
    try (Writer first = new Writer(ledger(), 0)) {
      assertThat(first.projection.positions()).isNotEmpty();
      assertThatThrownBy(() -> PostgresProjection.open(ledger().url()))
          .isInstanceOf(ProjectionInUseException.class)
          .hasMessageContaining("needs it alone");
    }
    try (Projection alone = PostgresProjection.open(ledger().url())) {
      assertThat(alone.positions()).isNotEmpty();
      assertThatThrownBy(() -> PostgresProjection.join(ledger().url()))
          .isInstanceOf(ProjectionInUseException.class)
          .hasMessageContaining("try again when it is done");
    }
  }

  /** As when partitions were added: the old events of a run are in one, the new in another. */
  @Test
  void whatAnotherWriterAppliedOfARunInBetweenIsNotForgotten() throws Exception {
    Events job = Events.ofSeed(3);
    SpecificRecord start = job.started();
    SpecificRecord first = job.metric("loss", 0, 3);
    SpecificRecord second = job.metric("loss", 1, 1);
    SpecificRecord third = job.metric("loss", 2, 2);
    try (Writer one = new Writer(ledger(), 0);
        Writer other = new Writer(ledger(), 1)) {
      one.apply(start, first);
      other.apply(second);

      assertThat(one.apply(second).duplicates()).isEqualTo(1);
      one.apply(third);
      assertThat(other.apply(third).duplicates()).isEqualTo(1);
    }

    assertThat(dump()).isEqualTo(Oracle.of(List.of(start, first, second, third)));
  }

  @Test
  void writersThatShareAllTheirRunsGiveTheRowsOfTheOracle() throws Exception {
    Random random = new Random(4_711);
    List<SpecificRecord> events = new ArrayList<>();
    for (int seed = 1; seed <= 6; seed++) {
      Events job = Events.ofSeed(seed);
      events.add(job.started());
      for (int step = 0; step < 40; step++) {
        events.add(job.metric(step % 2 == 0 ? "loss" : "f1", step, random.nextDouble()));
      }
      events.add(job.error("ValueError", "bad shape"));
      events.add(job.completed());
    }
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<Long>> applied = new ArrayList<>();
      for (int number = 0; number < 3; number++) {
        int partition = number;
        long seed = random.nextLong();
        applied.add(threads.submit(() -> deliverHalf(partition, events, new Random(seed))));
      }
      for (Future<Long> one : applied) {
        assertThat(one.get(120, TimeUnit.SECONDS)).isPositive();
      }
      try (Writer last = new Writer(ledger(), 3)) {
        last.apply(events);
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(dump()).isEqualTo(Oracle.of(events));
  }

  /** Half of the events, chosen and ordered at random, in batches that have several runs each. */
  private long deliverHalf(int partition, List<SpecificRecord> events, Random random) {
    long applied = 0;
    try (Writer writer = new Writer(ledger(), partition)) {
      for (int batch = 0; batch < 20; batch++) {
        List<SpecificRecord> some = new ArrayList<>();
        for (int i = 0; i < events.size() / 40; i++) {
          some.add(events.get(random.nextInt(events.size())));
        }
        applied += writer.apply(some).applied();
      }
    }
    return applied;
  }

  @Test
  void aRequestOfAnOperatorWaitsInATableUntilItIsAnswered() {
    Request retry = new Request(7, Optional.empty());
    Request dismiss = new Request(3, Optional.of("a test of ours"));
    try (Writer writer = new Writer(ledger(), 0);
        OperatorMail operator = ledger().location().mail().orElseThrow();
        OperatorMail service = ledger().location().mail().orElseThrow()) {
      assertThat(writer.projection.isCurrent()).isTrue();
      operator.leave(List.of(retry, dismiss));
      assertThat(service.waiting()).containsExactly(dismiss, retry);
      assertThat(operator.take(dismiss)).isEmpty();

      service.answer(dismiss, new Answer(true, "Dead letter 3 is dismissed."));
      operator.withdraw(retry);

      assertThat(service.waiting()).isEmpty();
      assertThat(operator.take(dismiss)).hasValue(new Answer(true, "Dead letter 3 is dismissed."));
      assertThat(operator.take(dismiss)).isEmpty();
    }
  }
}
