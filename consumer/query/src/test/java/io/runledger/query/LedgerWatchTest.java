package io.runledger.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which runs changed since the last look. */
@OnEachStore
class LedgerWatchTest {

  @TempDir private Path directory;

  /** It was noticed by the next look at all streams, five seconds later. */
  @Test
  void aTrainingThatRanBeforeTheWatchBeganIsNoticedAtTheNextLook() {
    Events job = Events.ofSeed(5).attempt(1);
    Events idle = Events.ofSeed(6).attempt(1);
    try (Laboratory laboratory = Laboratory.empty(directory)) {
      laboratory.deliver(job.started(), idle.started());
      try (Ledger ledger = laboratory.open();
          LedgerWatch watch = ledger.watch()) {
        assertThat(watch.changes().isEmpty()).isTrue();
        assertThat(watch.changes().isEmpty()).isTrue();

        laboratory.deliver(job.metric("loss", 1, 0.5));

        assertThat(watch.changes().runs()).containsExactly(job.run());
        assertThat(watch.changes().isEmpty()).isTrue();
      }
    }
  }
}
