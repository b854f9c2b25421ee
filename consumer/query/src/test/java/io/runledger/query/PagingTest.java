package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.filter.Field.Attribute;
import io.runledger.query.filter.Order;
import io.runledger.query.filter.Value;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunRow;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much is read a page at a time, and what comes meanwhile shifts nothing. */
@OnEachStore
class PagingTest {

  private static final int PAGE_OF_POINTS = 10_000;
  private static final int POINTS = 4 * PAGE_OF_POINTS;

  @TempDir Path directory;
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.empty(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private static Events newRun(int number, long attempt) {
    return Events.ofName("p", "n" + number, new UUID(7, number)).attempt(attempt);
  }

  @Test
  void pagesOfAThousandRunsOfOneTimeHaveEachOnceWhileNewRunsComeIn() {
    List<Events> before = IntStream.range(0, 1_000).mapToObj(i -> newRun(i, 5)).toList();
    laboratory.deliver(before.stream().map(Events::started).toArray(SpecificRecord[]::new));

    List<RunId> seen = new ArrayList<>();
    List<Run> page = ledger.runs(RunFilter.newest(90));
    while (!page.isEmpty()) {
      page.forEach(run -> seen.add(run.id()));
      laboratory.deliver(newRun(1_000 + seen.size(), 6).started());
      page = ledger.runs(RunFilter.newest(90).after(page.get(page.size() - 1).cursor()));
    }

    assertThat(seen).containsExactlyInAnyOrderElementsOf(before.stream().map(Events::run).toList());
  }

  @Test
  void theOtherFiltersHoldBehindACursorToo() {
    for (int i = 0; i < 6; i++) {
      Events run = newRun(i, 1 + i);
      laboratory.deliver(run.started(), i % 2 == 0 ? run.completed() : run.metric("loss", 1, i));
    }
    RunFilter completed = RunFilter.newest(2).withStatus(RunStatus.COMPLETED);

    List<Run> first = ledger.runs(completed);
    List<Run> second = ledger.runs(completed.after(first.get(1).cursor()));

    assertThat(first).extracting(run -> run.name().orElseThrow()).containsExactly("n4", "n2");
    assertThat(second).extracting(run -> run.name().orElseThrow()).containsExactly("n0");
    assertThat(ledger.countRuns(completed.after(first.get(0).cursor()))).isEqualTo(2);
  }

  @Test
  void runsOfOneSecondComeInTheOrderOfTheirStartsInEitherDirection() {
    for (int i = 0; i < 7; i++) {
      laboratory.deliver(newRun(i, 10 + i).started());
    }

    assertThat(pages("created")).containsExactly("n0", "n1", "n2", "n3", "n4", "n5", "n6");
    assertThat(pages("status, created asc"))
        .containsExactly("n0", "n1", "n2", "n3", "n4", "n5", "n6");
    assertThat(pages("created desc")).containsExactly("n6", "n5", "n4", "n3", "n2", "n1", "n0");
    assertThat(pages("status")).containsExactly("n6", "n5", "n4", "n3", "n2", "n1", "n0");
  }

  private List<String> pages(String order) {
    List<String> names = new ArrayList<>();
    RunFilter filter = RunFilter.newest(3).inOrder(Order.parse(order));
    List<RunRow> rows = ledger.rows(filter, List.of(Attribute.NAME));
    while (!rows.isEmpty()) {
      rows.forEach(row -> names.add(((Value.Text) row.values().get(0).orElseThrow()).text()));
      rows = ledger.rows(filter.after(rows.get(rows.size() - 1).cursor()), List.of(Attribute.NAME));
    }
    return names;
  }

  private Events longRun() {
    Events run = Events.ofSeed(1);
    laboratory.deliver(run.started());
    laboratory.deliver(points(run, POINTS));
    return run;
  }

  private static SpecificRecord[] points(Events run, int count) {
    return IntStream.range(0, count / PAGE_OF_POINTS)
        .map(record -> record * PAGE_OF_POINTS)
        .mapToObj(
            from ->
                run.metrics(
                    IntStream.range(from, from + PAGE_OF_POINTS)
                        .mapToObj(step -> Events.call(step, Map.of("loss", (double) step)))
                        .toArray(MetricRow[]::new)))
        .toArray(SpecificRecord[]::new);
  }

  /** Runs something when the first point is visited, and counts how many are. */
  private static int visit(LedgerReader reader, Events run, Runnable first) {
    AtomicInteger visited = new AtomicInteger();
    reader.forEachPoint(
        run.run(),
        "loss",
        point -> {
          assertThat(point.value()).isEqualTo(visited.get());
          if (visited.getAndIncrement() == 0) {
            first.run();
          }
        });
    return visited.get();
  }

  @Test
  void ofManyPointsAPageIsInMemoryAndNothingOfTheDatabaseIsHeld() {
    Events run = longRun();

    assertThat(visit(ledger, run, () -> assertThat(laboratory.emptiesTheLog()).isTrue()))
        .isEqualTo(POINTS);
    // What is gone by then cannot come from memory.
    assertThat(visit(ledger, run, this::deletePoints)).isEqualTo(PAGE_OF_POINTS);
  }

  @Test
  void aSnapshotReadsPagesOfItsMoment() {
    Events run = longRun();

    try (Snapshot snapshot = ledger.snapshot()) {
      assertThat(visit(snapshot, run, this::deletePoints)).isEqualTo(POINTS);
    }
  }

  private void deletePoints() {
    assertThat(laboratory.change("DELETE FROM metric_points")).isEqualTo(POINTS);
  }

  @Test
  void anAttemptThatResumesWhilePointsAreVisitedLeavesNoHole() {
    Events first = Events.ofSeed(1).attempt(10);
    Events second = first.attempt(20);
    laboratory.deliver(first.started());
    laboratory.deliver(points(first, 2 * PAGE_OF_POINTS));

    List<MetricPoint> visited = new ArrayList<>();
    ledger.forEachPoint(
        first.run(),
        "loss",
        point -> {
          if (visited.isEmpty()) {
            laboratory.deliver(
                second.started(start -> start.setResumedFromStep(PAGE_OF_POINTS + 5L)));
          }
          visited.add(point);
        });

    assertThat(visited).hasSize(2 * PAGE_OF_POINTS);
    assertThat(ledger.points(first.run(), "loss")).hasSize(PAGE_OF_POINTS + 5);
  }
}
