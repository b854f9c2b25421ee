package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.runledger.contract.Events;
import io.runledger.query.failure.AmbiguousRunException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunSelector;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnEachStore
class RunLocatorTest {

  @TempDir Path directory;
  private Laboratory laboratory;
  private Ledger ledger;

  @BeforeEach
  void open() {
    laboratory = Laboratory.filled(directory);
    ledger = laboratory.open();
  }

  @AfterEach
  void close() {
    ledger.close();
    laboratory.close();
  }

  private RunId find(String typed) {
    return ledger.find(RunSelector.parse(typed));
  }

  @Test
  void aRunIsFoundByAnyOfItsNames() {
    RunId run = Laboratory.COMPLETED;

    assertThat(find(run.toString())).isEqualTo(run);
    assertThat(find(run.toString().toUpperCase(Locale.ROOT))).isEqualTo(run);
    assertThat(find(run.toString().substring(0, 5))).isEqualTo(run);
    assertThat(find("id:" + run.toString().substring(0, 5))).isEqualTo(run);
    assertThat(find(Long.toString(run.value()))).isEqualTo(run);
    assertThat(find("7/mnist/cnn/s01/-/3")).isEqualTo(run);
    assertThat(find("key:7/mnist/cnn/s01/-/3")).isEqualTo(run);
    assertThat(find("name:baseline")).isEqualTo(Laboratory.FAILED);
    assertThat(find("baseline")).isEqualTo(Laboratory.FAILED);
  }

  @Test
  void aRunIsFoundByItsSlurmJobAndArrayTask() {
    assertThat(find("slurm:4711")).isEqualTo(Laboratory.TIMED_OUT);
    assertThat(find("slurm:4710")).isEqualTo(Laboratory.TIMED_OUT);
    assertThat(find("slurm:4710_4")).isEqualTo(Laboratory.TIMED_OUT);
    assertThat(find("4710_4")).isEqualTo(Laboratory.TIMED_OUT);
    assertThatExceptionOfType(RunNotFoundException.class).isThrownBy(() -> find("slurm:4710_5"));
  }

  @Test
  void anOperatorFindsADeletedRunWithItsNewestAttempt() {
    Events run = Events.ofSeed(31);
    laboratory.deliver(run.started(), run.deleted());

    LocatedRun found = ledger.locate(RunSelector.parse("7/mnist/cnn/s01/-/31"));

    assertThat(found.run()).isEqualTo(run.run());
    assertThat(found.newestAttempt()).isPresent();
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("7/mnist/cnn/s01/-/31"))
        .withMessageContaining("runledger restore");
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> ledger.locate(RunSelector.parse("7/mnist/cnn/s01/-/32")));
  }

  @Test
  void anOperatorUndoesWhatALineOnTheRunAsAWholeHasSaid() {
    Events run = Events.ofSeed(31).attempt(50);
    Events line = run.attempt(60);
    laboratory.deliver(run.started(), line.annotated("of a line", List.of("paper"), List.of()));

    LocatedRun found = ledger.locate(RunSelector.parse("7/mnist/cnn/s01/-/31"));
    Events operator = run.attempt(found.newestAttempt().orElseThrow()).writer(7_000);
    laboratory.deliver(operator.annotated("of an operator", List.of(), List.of("paper")));

    Run shown = ledger.details(run.run()).run();
    assertThat(shown.tags()).isEmpty();
    assertThat(shown.notes()).contains("of an operator");
  }

  @Test
  void aWordOfAnEarlierAttemptWithAGreaterIdDoesNotHoldAnOperatorBack() {
    Events first = Events.ofSeed(31).attempt(90);
    Events second = first.attempt(50);
    laboratory.deliver(
        first.started(),
        first.annotated("of the first", List.of(), List.of()),
        second.started(start -> start.setPredecessorAttemptId(90L)));

    LocatedRun found = ledger.locate(RunSelector.parse("7/mnist/cnn/s01/-/31"));

    assertThat(found.newestAttempt()).hasValue(50);
  }

  @Test
  void whatAnOperatorChoosesIsWhatTheListShows() {
    Events hidden = Events.ofSeed(31);
    laboratory.deliver(hidden.started(), hidden.completed(), hidden.deleted());
    RunFilter completed = RunFilter.all().withStatus(RunStatus.COMPLETED);

    List<LocatedRun> shown = ledger.locateAll(completed, false);
    List<LocatedRun> deleted = ledger.locateAll(completed, true);

    assertThat(shown.stream().map(LocatedRun::run))
        .isNotEmpty()
        .containsExactlyElementsOf(ledger.runs(completed).stream().map(Run::id).toList());
    assertThat(deleted)
        .containsExactly(
            new LocatedRun(
                hidden.run(),
                deleted.get(0).newestAttempt(),
                RunStatus.COMPLETED,
                Optional.of("7/mnist/cnn/s01/-/31")));
    assertThat(ledger.locateAll(completed.withTag("nobody's"), true)).isEmpty();
  }

  @Test
  void aKeyFindsARunThatWasGivenAnotherName() {
    Events run = Events.ofSeed(30);
    laboratory.deliver(run.started(start -> start.setName("my favourite")));

    assertThat(find("7/mnist/cnn/s01/-/30")).isEqualTo(run.run());
    assertThat(find("my favourite")).isEqualTo(run.run());
  }

  @Test
  void aNameThatSeveralRunsBearListsThemNewestFirst() {
    Events second = Laboratory.baseline(new UUID(8, 8)).attempt(50);
    laboratory.deliver(second.started());

    assertThatExceptionOfType(AmbiguousRunException.class)
        .isThrownBy(() -> find("baseline"))
        .satisfies(e -> assertThat(e.candidates()).containsExactly(second.run(), Laboratory.FAILED))
        .withMessageStartingWith("'baseline' matches 2 runs; specify one by its id:")
        .withMessageContaining(second.run().toString())
        .withMessageContaining("failed");
  }

  /** Ten of them were listed, and five of near names. */
  @Test
  void allRunsOfANameAndAllNearNamesAreListed() {
    for (int i = 0; i < 60; i++) {
      laboratory.deliver(
          Events.ofName("p", "twin", new UUID(11, i)).attempt(100 + i).started(),
          Events.ofName("p", "grid-%02d".formatted(i), new UUID(12, i)).attempt(200 + i).started());
    }

    assertThatExceptionOfType(AmbiguousRunException.class)
        .isThrownBy(() -> find("twin"))
        .satisfies(e -> assertThat(e.candidates()).hasSize(60))
        .withMessageStartingWith("'twin' matches 60 runs;")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(61));
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("grid"))
        .satisfies(
            e ->
                assertThat(e.getMessage().lines().filter(line -> line.contains("'grid-")))
                    .hasSize(60));
  }

  @Test
  void aPrefixThatSeveralIdsBeginWithListsThem() {
    // Seven of them share one of eight first characters sooner or later.
    for (int seed = 300; seed < 320; seed++) {
      laboratory.deliver(Events.ofSeed(seed).started());
    }

    assertThatExceptionOfType(AmbiguousRunException.class)
        .isThrownBy(() -> find("id:7"))
        .satisfies(
            e ->
                assertThat(e.candidates())
                    .hasSizeGreaterThan(1)
                    .allMatch(id -> id.toString().startsWith("7")));
  }

  @Test
  void aWholeIdIsThatRunEvenWhereAnotherBearsItAsItsName() {
    Events impostor =
        Events.ofName("vision", Laboratory.COMPLETED.toString(), new UUID(9, 9)).attempt(60);
    laboratory.deliver(impostor.started());

    assertThat(find(Laboratory.COMPLETED.toString())).isEqualTo(Laboratory.COMPLETED);
    assertThat(find("name:" + Laboratory.COMPLETED)).isEqualTo(impostor.run());
  }

  @Test
  void whatFitsNothingIsNamedInTheError() {
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("nothing"))
        .withMessageStartingWith("No run matches 'nothing'. Specify a run by its id");
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("base"))
        .withMessage("No run matches 'base'. Did you mean 'baseline'?");
    assertThatExceptionOfType(RunNotFoundException.class).isThrownBy(() -> find(""));
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("9223372036854775808"));
  }

  @Test
  void aDeletedRunIsSaidToBeDeleted() {
    Events run = Events.ofSeed(31);
    laboratory.deliver(run.started(), run.deleted());

    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("7/mnist/cnn/s01/-/31"))
        .withMessageContaining("was deleted");
  }

  @Test
  void aPrefixThatMakesNoSenseIsAMistake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunSelector.parse("slurm:abc"))
        .withMessageContaining("slurm:4711");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunSelector.parse("key:7/mnist"))
        .withMessageContaining("six parts");
  }

  @Test
  void sqlInANameIsAName() {
    assertThatExceptionOfType(RunNotFoundException.class)
        .isThrownBy(() -> find("' OR 1=1 --"))
        .withMessageContaining("' OR 1=1 --");
    assertThat(ledger.runs(RunFilter.all().withTag("\"];DROP TABLE experiment_runs"))).isEmpty();
    assertThat(ledger.runs(RunFilter.all())).hasSize(6);
  }
}
