package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.contract.process.OtherProgram;
import io.runledger.fold.projection.Projection;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunFilter;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.Generation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers alongside the writer, and alongside a rebuild that swaps the file. */
@OnEachStore
class WhileWrittenTest {

  @TempDir Path directory;

  @Test
  @Timeout(120)
  void severalThreadsReadWholeBatchesWhileAnotherWrites() throws Exception {
    ExecutorService readers = Executors.newFixedThreadPool(3);
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      Events run = Events.ofSeed(1);
      laboratory.deliver(run.started());
      AtomicBoolean writing = new AtomicBoolean(true);
      try (Ledger ledger = laboratory.open()) {
        List<Future<Long>> reading = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          reading.add(readers.submit(() -> readWhile(writing, ledger, run)));
        }

        for (int step = 0; step < 300; step++) {
          // Two records in one batch: whoever sees one of them sees both.
          laboratory.deliver(
              run.metrics(Events.call(step, Map.of("loss", 1.0 / (step + 1)))),
              run.metrics(Events.call(step, Map.of("accuracy", 1.0 - 1.0 / (step + 1)))));
        }
        writing.set(false);

        for (Future<Long> one : reading) {
          assertThat(one.get(60, TimeUnit.SECONDS)).isPositive();
        }
        assertThat(ledger.points(run.run(), "loss")).hasSize(300);
      }
    } finally {
      readers.shutdownNow();
    }
  }

  private static long readWhile(AtomicBoolean writing, Ledger ledger, Events run) {
    long reads = 0;
    int seen = 0;
    do {
      Map<String, Long> counts =
          ledger.logCalls(run.run()).stream()
              .flatMap(call -> call.values().keySet().stream())
              .collect(Collectors.groupingBy(name -> name, Collectors.counting()));
      assertThat(counts.getOrDefault("loss", 0L)).isEqualTo(counts.getOrDefault("accuracy", 0L));
      RunDetails details = ledger.details(run.run());
      assertThat(details.metrics().stream().map(MetricSummary::count).distinct().count())
          .isLessThanOrEqualTo(1);
      int now = counts.getOrDefault("loss", 0L).intValue();
      assertThat(now).isGreaterThanOrEqualTo(seen);
      seen = now;
      reads++;
    } while (writing.get());
    return reads;
  }

  @OnlyOnSqlite
  @Test
  void aReaderFollowsWhereTheLinkPoints() {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open()) {
      assertThat(ledger.runs(RunFilter.all())).hasSize(6);

      Events run = Events.ofSeed(77);
      swap(laboratory.database(), run);

      assertThat(ledger.runs(RunFilter.all())).extracting(Run::id).containsExactly(run.run());
    }
  }

  @OnlyOnSqlite
  @Test
  @Timeout(120)
  void noReadFailsWhileGenerationsAreSwappedAndOldOnesDeleted() throws Exception {
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      laboratory.deliver(Events.ofSeed(0).started());
    }
    Path database = directory.resolve("runledger.db");
    AtomicBoolean swapping = new AtomicBoolean(true);
    AtomicInteger reads = new AtomicInteger();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try (Ledger ledger = Ledger.open(database)) {
      List<Future<?>> reading = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        reading.add(
            readers.submit(
                () -> {
                  while (swapping.get()) {
                    List<Run> runs = ledger.runs(RunFilter.all());
                    assertThat(runs).hasSize(1);
                    reads.incrementAndGet();
                  }
                }));
      }

      for (int generation = 1; generation <= 10; generation++) {
        swap(database, Events.ofSeed(generation));
        Generation.deleteOthers(database);
        int before = reads.get();
        // A reader at least has seen this generation, or the one before, before the next swap.
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> reads.get() > before + 1);
      }
      swapping.set(false);

      for (Future<?> one : reading) {
        one.get(60, TimeUnit.SECONDS);
      }
      assertThat(ledger.runs(RunFilter.all()).get(0).key().orElseThrow().seed())
          .isEqualTo(OptionalLong.of(10));
    } finally {
      swapping.set(false);
      readers.shutdownNow();
    }
  }

  @OnlyOnSqlite
  @Test
  void aReaderThatOpensTheDatabaseLeavesTheLocksOfTheWriterInItsProcess() throws Exception {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open()) {
      assertThat(ledger.runs(RunFilter.all())).isNotEmpty();
      laboratory.open().close();

      assertThat(OtherProgram.wouldDeleteTheLog(laboratory.database())).isFalse();
    }
    assertThat(OtherProgram.wouldDeleteTheLog(directory.resolve("runledger.db"))).isTrue();
  }

  /** What a rebuild does: a new generation with just this run, put in place. */
  private static void swap(Path database, Events run) {
    Generation next = Generation.next(database);
    try (Projection projection = SqliteProjection.create(next)) {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      Deliveries.deliver(projection, run.started());
      projection.finish();
    }
    next.publish();
  }
}
