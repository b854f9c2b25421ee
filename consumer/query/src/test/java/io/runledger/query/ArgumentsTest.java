package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunSelector;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes no sense is refused with a sentence; SQLite would take a negative limit for none. */
@OnEachStore
class ArgumentsTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void aNumberThatLeavesNothingIsRefused(int number) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunFilter.newest(number))
        .withMessage("The limit must be at least 1, not %d.", number);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ErrorFilter.newest(number))
        .withMessage("The limit must be at least 1, not %d.", number);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobFilter.newest(number))
        .withMessage("The limit must be at least 1, not %d.", number);
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open();
        Snapshot snapshot = ledger.snapshot()) {
      for (LedgerReader reader : new LedgerReader[] {ledger, snapshot}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> reader.lastPoints(Laboratory.COMPLETED, "val/loss", number))
            .withMessage("The limit must be at least 1, not %d.", number);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> reader.curve(Laboratory.COMPLETED, "val/loss", number))
            .withMessage("The width must be at least 1, not %d.", number);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> reader.curves(Laboratory.COMPLETED, number, 10))
            .withMessage("The number of metrics must be at least 1, not %d.", number);
        assertThatIllegalArgumentException()
            .isThrownBy(() -> reader.curves(Laboratory.COMPLETED, 1, number))
            .withMessage("The width must be at least 1, not %d.", number);
      }
    }
  }

  @Test
  void nullIsRefusedAndTheNextQuestionIsAnswered() {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open();
        Snapshot snapshot = ledger.snapshot()) {
      for (LedgerReader reader : new LedgerReader[] {ledger, snapshot}) {
        List<ThrowingCallable> mistakes =
            List.of(
                () -> reader.run(null),
                () -> reader.runs(null),
                () -> reader.points(Laboratory.COMPLETED, null),
                () -> reader.forEachPoint(null, "val/loss", point -> {}),
                () -> reader.best(null, Optimum.MIN),
                () -> reader.best("val/loss", null, RunFilter.all()),
                () -> reader.errors(null));

        assertThat(mistakes)
            .allSatisfy(mistake -> assertThatNullPointerException().isThrownBy(mistake));
        assertThat(reader.runs(RunFilter.all())).hasSize(6);
      }
    }
  }

  @Test
  void anyInstantAndAnyTimeLimitAreAnswered() {
    try (Laboratory laboratory = Laboratory.filled(directory);
        Ledger ledger = laboratory.open(Duration.ofSeconds(Long.MAX_VALUE));
        Snapshot snapshot = ledger.snapshot()) {
      for (LedgerReader reader : new LedgerReader[] {ledger, snapshot}) {
        assertThat(reader.runs(RunFilter.all().since(Instant.MIN))).hasSize(6);
        assertThat(reader.slurmJobs(JobFilter.all().since(Instant.MIN)))
            .isEqualTo(reader.slurmJobs(JobFilter.all()));
        for (String late : List.of("2150-01-01T00:00:00Z", "+10000-01-01T00:00:00Z")) {
          assertThat(reader.runs(RunFilter.all().since(Instant.parse(late)))).isEmpty();
        }
        assertThat(reader.runs(RunFilter.all().since(Instant.MAX))).isEmpty();
        assertThat(reader.errors(ErrorFilter.all().since(Instant.MAX))).isEmpty();
        assertThat(reader.errors(ErrorFilter.all().since(Instant.MIN)))
            .isEqualTo(reader.errors(ErrorFilter.all()));
      }
    }
  }

  @Test
  void theLastErrorOfEachRunIsNotAskedOfOneRun() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ErrorFilter.all().of(Laboratory.FAILED).onlyLastOfEachRun())
        .withMessageContaining("a limit of 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"id:0k3f", "name:a b", "7/mnist/cnn/s01/-/3", "slurm:4711", "slurm:4700_3", "x"})
  void aSelectorSaysWhatWasAskedFor(String typed) {
    assertThat(RunSelector.parse(typed).text()).isEqualTo(typed.replaceFirst("^(id|name):", ""));
  }
}
