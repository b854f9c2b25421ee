package io.runledger.web.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.Ledger;
import io.runledger.schemas.RunId;
import io.runledger.schemas.Topics;
import io.runledger.web.door.Accepted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A read waits for what was accepted before it, however much that is. */
class ArrivalTest {

  /** A door that is told what arrived. */
  private static final class Door implements Accepted {
    private final Map<RunId, List<Mark>> awaited = new LinkedHashMap<>();

    void accepted(Events job, long seq) {
      awaited.put(
          job.run(),
          List.of(new Mark(job.attemptId(), job.writerId(), Topics.RUNS.streamName(), seq)));
    }

    @Override
    public Optional<AcceptedRun> run(RunId run) {
      return Optional.empty();
    }

    @Override
    public List<Mark> awaited(RunId run) {
      return awaited.getOrDefault(run, List.of());
    }

    @Override
    public Map<RunId, List<Mark>> awaited() {
      return new LinkedHashMap<>(awaited);
    }

    @Override
    public void arrived(RunId run, List<Mark> marks) {
      assertThat(awaited.remove(run)).isEqualTo(marks);
    }

    @Override
    public List<Experiment> experiments() {
      return List.of();
    }
  }

  private final Door door = new Door();
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open(@TempDir Path directory) {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private static Events job(int number) {
    return Events.ofName("p", "n" + number, new UUID(7, number)).attempt(10 + number);
  }

  private Events[] jobs(int from, int count) {
    Events[] jobs =
        IntStream.range(from, from + count).mapToObj(ArrivalTest::job).toArray(Events[]::new);
    for (Events each : jobs) {
      door.accepted(each, 0);
    }
    return jobs;
  }

  private void deliver(Events... jobs) {
    laboratory.deliver(Stream.of(jobs).map(Events::started).toArray(SpecificRecord[]::new));
  }

  @Test
  void whatThousandsOfRunsSaidIsThereWithoutWaiting() throws InterruptedException {
    deliver(jobs(0, 2_500));

    boolean isThere = new Arrival(ledger, door, Duration.ZERO).ofAll();

    assertThat(isThere).isTrue();
    assertThat(door.awaited()).isEmpty();
  }

  @Test
  void oneThatIsMissingIsWaitedForAndTheOthersAreKnown() throws InterruptedException {
    deliver(jobs(0, 3));
    Events late = jobs(3, 1)[0];
    Arrival arrival = new Arrival(ledger, door, Duration.ofMillis(20));

    assertThat(arrival.ofAll()).isFalse();
    assertThat(door.awaited()).containsOnlyKeys(late.run());
    assertThat(arrival.of(late.run())).isFalse();

    deliver(late);
    assertThat(arrival.of(late.run())).isTrue();
    assertThat(door.awaited()).isEmpty();
  }

  @Test
  void onceWhatWasMissingHasComeReadsWaitAsLongAsBefore() throws Exception {
    Arrival arrival = new Arrival(ledger, door, Duration.ofSeconds(3));
    Events late = jobs(0, 1)[0];
    assertThat(arrival.of(late.run())).isFalse();

    deliver(late);
    Events next = jobs(1, 1)[0];
    CompletableFuture<Void> coming =
        CompletableFuture.runAsync(
            () -> deliver(next), CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));

    assertThat(arrival.of(next.run())).isTrue();
    coming.join();
  }

  @Test
  void itIsWaitedForTheLastOfTheEvents() throws InterruptedException {
    Events job = job(0);
    door.accepted(job, 1);
    laboratory.deliver(job.started());
    Arrival arrival = new Arrival(ledger, door, Duration.ZERO);

    assertThat(arrival.ofAll()).isFalse();
    laboratory.deliver(job.completed());

    assertThat(arrival.ofAll()).isTrue();
  }
}
