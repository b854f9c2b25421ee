package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunSelector;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.Generation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger that does not change. */
@OnEachStore
class SnapshotTest {

  @TempDir Path directory;
  private final Events run = Events.ofSeed(1);
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
    laboratory.deliver(run.started(), run.metric("loss", 1, 0.5));
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  @Test
  void aCommitAfterItBeganIsNotSeen() {
    try (Snapshot snapshot = ledger.snapshot()) {
      laboratory.deliver(
          Events.ofSeed(2).started(), run.metric("loss", 2, 0.25), run.results("{}"));

      assertThat(snapshot.runs(RunFilter.all())).hasSize(1);
      assertThat(snapshot.points(run.run(), "loss")).hasSize(1);
      assertThat(snapshot.details(run.run()).results()).isEmpty();
      assertThat(snapshot.curve(run.run(), "loss", 10).points()).isOne();
      assertThat(snapshot.best("loss", Optimum.MIN).orElseThrow().best().value()).isEqualTo(0.5);
      assertThat(ledger.points(run.run(), "loss")).hasSize(2);
    }
    assertThat(ledger.runs(RunFilter.all())).hasSize(2);
  }

  @Test
  void itBeginsWhenItIsTakenAndNotWithItsFirstQuestion() {
    try (Snapshot snapshot = ledger.snapshot()) {
      laboratory.deliver(run.deleted());

      assertThat(snapshot.run(run.run())).isPresent();
      assertThat(ledger.run(run.run())).isEmpty();
    }
  }

  @OnlyOnSqlite
  @Test
  void itStaysOnItsGenerationWhileARebuildSwapsTheFile() {
    try (Snapshot snapshot = ledger.snapshot()) {
      Generation next = Generation.next(laboratory.database());
      try (Projection projection = SqliteProjection.create(next)) {
        projection.claim(Deliveries.OWNER, Deliveries.beginnings());
        projection.finish();
      }
      next.publish();

      assertThat(ledger.runs(RunFilter.all())).isEmpty();
      assertThat(snapshot.runs(RunFilter.all())).hasSize(1);
    }
  }

  @Test
  void aFailedQuestionDoesNotEndIt() {
    try (Snapshot snapshot = ledger.snapshot()) {
      laboratory.deliver(Events.ofSeed(2).started());

      assertThatExceptionOfType(RunNotFoundException.class)
          .isThrownBy(() -> snapshot.find(RunSelector.parse("nobody")));
      assertThatExceptionOfType(MetricNotFoundException.class)
          .isThrownBy(() -> snapshot.points(run.run(), "los"));
      assertThatExceptionOfType(LedgerUnavailableException.class)
          .isThrownBy(() -> snapshot.read(handle -> handle.execute("SELECT no_such")))
          .withMessageContaining("column")
          .withMessageContaining("no_such");
      assertThat(snapshot.runs(RunFilter.all())).hasSize(1);
    }
  }

  @Test
  void whatIsAskedAfterItsTimeEndsItSoThatTheLogCanShrink() {
    Snapshot snapshot = ledger.snapshot(Duration.ofNanos(1));

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> snapshot.runs(RunFilter.all()))
        .withMessageContaining("The snapshot was ended after");
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> snapshot.runs(RunFilter.all()));
    assertThat(laboratory.emptiesTheLog()).isTrue();
  }

  @OnlyOnSqlite
  @Test
  void anOpenOneHoldsTheLogAndAClosedOneDoesNot() {
    try (Snapshot snapshot = ledger.snapshot()) {
      laboratory.deliver(run.metric("loss", 2, 0.25));
      assertThat(snapshot.runs(RunFilter.all())).hasSize(1);
      assertThat(laboratory.emptiesTheLog()).isFalse();
    }

    assertThat(laboratory.emptiesTheLog()).isTrue();
  }

  @Test
  void closingItTwiceOrAfterTheLedgerDoesNoHarm() {
    Snapshot snapshot = ledger.snapshot();
    ledger.close();

    assertThat(snapshot.runs(RunFilter.all())).hasSize(1);
    snapshot.close();
    snapshot.close();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> snapshot.runs(RunFilter.all()))
        .withMessage("The snapshot was closed.");
  }

  @Test
  void severalThreadsAskOneAndWaitForOneAnother() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Snapshot snapshot = ledger.snapshot()) {
      var answers =
          Stream.generate(() -> threads.submit(() -> snapshot.details(run.run())))
              .limit(40)
              .toList();

      for (var answer : answers) {
        assertThat(answer.get(30, TimeUnit.SECONDS).metrics()).hasSize(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
