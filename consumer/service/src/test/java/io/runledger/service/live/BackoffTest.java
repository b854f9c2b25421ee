package io.runledger.service.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private Instant now = Instant.EPOCH;
  private final Backoff backoff = new Backoff(() -> now);

  @Test
  void withoutAFailureThereIsNothingToWaitFor() {
    assertThat(backoff.isDue()).isTrue();
    assertThat(backoff.waiting()).isFalse();
  }

  @Test
  void eachFailureIsWaitedForTwiceAsLongUpToFiveSeconds() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      backoff.failed();
      waits.add(millisUntilDue());
    }

    assertThat(waits).containsExactly(200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L);
  }

  @Test
  void anOutageThatIsStillThereWhenItIsDueAgainIsAnOutageUntilSomethingSucceeds() {
    backoff.failed();
    now = now.plusSeconds(60);

    assertThat(backoff.isDue()).isTrue();
    assertThat(backoff.waiting()).isTrue();

    backoff.succeeded();
    assertThat(backoff.waiting()).isFalse();
  }

  @Test
  void afterASuccessTheNextOutageBeginsWithTheShortestWait() {
    backoff.failed();
    backoff.failed();
    backoff.succeeded();

    backoff.failed();

    assertThat(millisUntilDue()).isEqualTo(200);
  }

  private long millisUntilDue() {
    Instant from = now;
    while (!backoff.isDue()) {
      now = now.plusMillis(1);
    }
    return Duration.between(from, now).toMillis();
  }
}
