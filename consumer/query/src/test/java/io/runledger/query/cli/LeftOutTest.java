package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.query.Ledger;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.ErrorLogged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing is left out without a word, and nothing at all where no terminal limits it. */
class LeftOutTest extends OpenLaboratory {

  private Command onTerminal(String... words) {
    Command done = Command.onTerminal(160, laboratory.location(), words);
    assertThat(done.code()).as(done.err()).isZero();
    return done;
  }

  /** 60 runs of a grid, each with an error, a SLURM job and 30 points. */
  private void grid() {
    List<SpecificRecord> events = new ArrayList<>();
    for (int seed = 0; seed < 60; seed++) {
      Events job = Events.ofSeed(100 + seed).attempt(1 + seed);
      events.addAll(
          List.of(
              job.started(), job.error("Error" + seed, "m"), job.slurm(4_000 + seed, "FAILED")));
      for (int step = 0; step < 30; step++) {
        events.add(job.metric("loss", step, seed - step));
      }
    }
    deliver(events);
  }

  private void deliver(List<SpecificRecord> events) {
    laboratory.deliver(events.toArray(SpecificRecord[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "list, runs, 60, 50",
    "errors, errors, 60, 20",
    "jobs, jobs, 60, 50",
    "best loss, runs, 60, 5",
    "errors --since 2026-01-01, errors, 60, 20"
  })
  void aListIsWholeUnlessItIsATableOnATerminal(String verb, String what, int all, int some) {
    grid();
    String[] words = verb.split(" ");

    assertThat(onTerminal(words).lines()).hasSize(some + 1);
    assertThat(onTerminal(words).err())
        .isEqualToIgnoringNewLines(
            "%d of %d %s shown; --limit N or --all shows more.".formatted(some, all, what));
    for (Command whole : List.of(run(words), onTerminal(with(words, "--all")))) {
      assertThat(whole.lines()).hasSize(all + 1);
      assertThat(whole.err()).isEmpty();
    }
    for (Command whole : List.of(run(with(words, "--csv")), onTerminal(with(words, "--csv")))) {
      assertThat(whole.csv()).hasSize(all);
      assertThat(whole.err()).isEmpty();
    }
    for (Command whole : List.of(run(with(words, "--json")), onTerminal(with(words, "--json")))) {
      assertThat(rows(whole)).isEqualTo(all);
      assertThat(whole.err()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"list, runs", "errors, errors", "jobs, jobs", "best loss, runs"})
  void aLimitIsKeptInEveryFormAndWhatItLeavesOutIsSaid(String verb, String what) {
    grid();
    String[] words = verb.split(" ");
    String note = "7 of 60 " + what + " shown; --limit N or --all shows more.";

    for (String form : List.of("--csv", "--json", "")) {
      for (boolean terminal : new boolean[] {true, false}) {
        String[] limited = with(words, "--limit", "7", form);
        Command done = terminal ? onTerminal(limited) : run(limited);
        assertThat(done.err()).as(form).isEqualToIgnoringNewLines(note);
      }
    }
    assertThat(run(with(words, "--limit", "7", "--csv")).csv()).hasSize(7);
    assertThat(rows(run(with(words, "--limit", "7", "--json")))).isEqualTo(7);
    assertThat(run(with(words, "--limit", "7")).lines()).hasSize(8);
    assertThat(run(with(words, "--limit", "60")).err()).isEmpty();
  }

  @Test
  void pointsBeyondThoseOfATerminalAreCounted() {
    grid();
    String id = Events.ofSeed(100).run().toString();

    assertThat(onTerminal("metrics", id, "loss").err())
        .isEqualToIgnoringNewLines("20 of 30 points shown; --limit N or --all shows more.");
    assertThat(onTerminal("metrics", id, "loss").out()).doesNotContain("\n   9");
    assertThat(run("metrics", id, "loss").out().lines().filter(line -> line.matches(" +\\d+ .*")))
        .hasSize(30);
    assertThat(run("metrics", id, "loss").err()).isEmpty();
    assertThat(run("metrics", id, "loss", "--limit", "4", "--csv").csv())
        .extracting(row -> row.getField("step"))
        .containsExactly("26", "27", "28", "29");
    assertThat(run("metrics", id, "loss", "--limit", "4", "--csv").err())
        .isEqualToIgnoringNewLines("4 of 30 points shown; --limit N or --all shows more.");
    assertThat(onTerminal("metrics", id, "loss", "--all", "--json").err()).isEmpty();
  }

  @Test
  void allAndALimitAreNotAskedForTogether() {
    assertThat(Command.at(laboratory.location(), "list", "--all", "--limit", "3").code())
        .isEqualTo(2);
  }

  /** Pages have some hundred runs: what is read is the whole all the same, each run once. */
  @Test
  void manyRunsAreVisitedOnceEachInTheOrderOfTheirCreation() {
    List<RunId> newestFirst = new ArrayList<>();
    List<SpecificRecord> events = new ArrayList<>();
    for (int i = 0; i < 1_203; i++) {
      // Two runs share an attempt's id now and then.
      Events job = Events.ofName("p", "n" + i, new UUID(7, i)).attempt(1 + i - i % 3 % 2);
      events.add(job.started());
    }
    deliver(events);
    try (Ledger ledger = laboratory.open()) {
      ledger.forEachRun(RunFilter.all(), run -> newestFirst.add(run.id()));

      assertThat(newestFirst)
          .hasSize(1_203)
          .doesNotHaveDuplicates()
          .containsExactlyElementsOf(
              ledger.runs(RunFilter.all()).stream().map(run -> run.id()).toList());
    }
    assertThat(run("list").lines()).hasSize(1_204);
    assertThat(run("list", "--csv").csv()).hasSize(1_203);
  }

  /** Of many errors with tracebacks a page is in memory; ties and unknown times lose none. */
  @Test
  void manyErrorsAreVisitedOnceEachNewestFirst() {
    Instant noon = Instant.parse("2026-05-05T12:00:00Z");
    Instant never = Instant.parse("+12000-01-01T00:00:00Z");
    List<Events> jobs =
        IntStream.range(0, 4).mapToObj(seed -> Events.ofSeed(seed).attempt(1 + seed)).toList();
    List<SpecificRecord> events = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      Events job = jobs.get(i % 4);
      Instant at = i % 50 == 0 ? never : noon.plusSeconds(i / 10);
      events.add(ErrorLogged.newBuilder(job.error("E", "m" + i)).setAt(at).build());
    }
    Events killed = Events.ofSeed(99).attempt(9);
    events.addAll(
        List.of(killed.started(), killed.status(RunStatus.FAILED, StatusSource.WRAPPER, 137)));
    deliver(events);

    try (Ledger ledger = laboratory.open()) {
      List<RunError> all = new ArrayList<>();
      ledger.forEachError(ErrorFilter.all(), all::add);

      assertThat(all).hasSize(251).doesNotHaveDuplicates();
      assertThat(all.subList(0, 246))
          .isSortedAccordingTo((a, b) -> b.at().orElseThrow().compareTo(a.at().orElseThrow()));
      assertThat(all.subList(246, 251)).allMatch(error -> error.at().isEmpty());
      assertThat(ledger.countErrors(ErrorFilter.all())).isEqualTo(251);

      ErrorFilter ofOne = ErrorFilter.all().of(Events.ofSeed(1).run());
      assertThat(ledger.errors(ofOne))
          .hasSize((int) ledger.countErrors(ofOne))
          .doesNotHaveDuplicates()
          .isSubsetOf(all);
      ErrorFilter later = ErrorFilter.newest(1_000).since(noon.plusSeconds(20));
      assertThat(ledger.errors(later))
          .hasSize((int) ledger.countErrors(later))
          .allMatch(error -> error.at().isPresent());

      List<RunError> last = new ArrayList<>();
      ledger.forEachError(ErrorFilter.all().onlyLastOfEachRun(), last::add);
      assertThat(last)
          .as("of each run the newest")
          .isEqualTo(
              List.copyOf(
                  all.stream()
                      .collect(
                          Collectors.toMap(
                              RunError::runId,
                              error -> error,
                              (newer, older) -> newer,
                              LinkedHashMap::new))
                      .values()))
          .hasSize(5);
      assertThat(ledger.countErrors(ErrorFilter.all().onlyLastOfEachRun())).isEqualTo(5);
    }
  }

  /** All rows were in memory before the first was printed. */
  @ParameterizedTest
  @CsvSource({
    "runs, UPDATE experiment_runs SET deleted = 1, 500",
    "errors, DELETE FROM run_errors, 100",
    "jobs, DELETE FROM slurm_jobs, 500",
    "best, DELETE FROM experiment_runs, 500"
  })
  void aPageIsReadWhenItsFirstRowIsWanted(String what, String sql, int page) {
    List<SpecificRecord> events = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      Events job = Events.ofSeed(i).attempt(1 + i);
      events.addAll(
          List.of(
              job.started(),
              job.error("E", "m"),
              job.slurm(4_000 + i, "RUNNING"),
              job.metric("a", 1, i)));
    }
    deliver(events);
    AtomicInteger visited = new AtomicInteger();
    Runnable visitor =
        () -> {
          if (visited.incrementAndGet() == 1) {
            change(sql);
          }
        };
    try (Ledger ledger = laboratory.open()) {
      switch (what) {
        case "runs" -> ledger.forEachRun(RunFilter.all(), row -> visitor.run());
        case "errors" -> ledger.forEachError(ErrorFilter.all(), row -> visitor.run());
        case "jobs" -> ledger.forEachSlurmJob(JobFilter.all(), row -> visitor.run());
        default -> ledger.forEachBest("a", Optimum.MAX, RunFilter.all(), row -> visitor.run());
      }
    }
    assertThat(visited).hasValue(page);
  }

  private void change(String sql) {
    assertThat(laboratory.change(sql)).isEqualTo(600);
  }

  @Test
  void aTableOfAThousandRowsAndMoreIsPrintedInPortionsUnderOneLineOfTitles() {
    Events job = Events.ofSeed(1);
    List<SpecificRecord> events = new ArrayList<>(List.of(job.started()));
    for (int step = 0; step < 2_500; step++) {
      events.add(job.metric("loss", step, step));
    }
    deliver(events);

    List<String> lines = run("metrics", job.run().toString(), "loss").lines();
    assertThat(lines.stream().filter(line -> line.contains("VALUE"))).hasSize(1);
    assertThat(lines.stream().filter(line -> line.matches(" *\\d+ .*UTC|.* \\d\\d:\\d\\d:\\d\\d")))
        .hasSize(2_500);
  }

  private static int rows(Command done) {
    return Map.of("runs", 1, "errors", 1, "slurm_jobs", 1).keySet().stream()
        .filter(done.json()::has)
        .mapToInt(list -> done.json().get(list).size())
        .sum();
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(List.of(words));
    List.of(more).stream().filter(word -> !word.isEmpty()).forEach(all::add);
    return all.toArray(String[]::new);
  }
}
