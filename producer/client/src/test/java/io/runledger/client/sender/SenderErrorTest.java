package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long a sender waits in an outage, and what it reports. */
class SenderErrorTest {

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7);
  private final SenderError trouble = new SenderError(Path.of("spool"), nanos::get);

  private Duration waited() {
    Duration waited = Duration.ZERO;
    while (trouble.isWaiting()) {
      nanos.addAndGet(Duration.ofMillis(100).toNanos());
      waited = waited.plusMillis(100);
    }
    return waited;
  }

  @Test
  void withoutTroubleNothingIsWaitedForAndNothingSaid() {
    assertThat(trouble.isWaiting()).isFalse();
    assertThat(trouble.sentence()).isEmpty();
  }

  @Test
  void eachFailureIsWaitedForTwiceAsLongUpToTenSeconds() {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      trouble.met(new IOException("Kafka does not accept events"));
      waits.add(waited().toMillis());
    }

    assertThat(waits).containsExactly(200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 10_000L, 10_000L);
  }

  @Test
  void whenEventsArriveAgainTheNextFailureIsWaitedForShortly() {
    trouble.met(new IOException("Kafka does not accept events"));
    trouble.met(new IOException("Kafka does not accept events"));

    trouble.isOver();
    assertThat(trouble.sentence()).isEmpty();
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    trouble.met(new IOException("Kafka does not accept events"));

    assertThat(waited()).isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void theSentenceNamesTheSpoolTheTroubleAndItsCauseOnce() {
    trouble.met(
        new IOException("Kafka does not accept events", new IOException("no route to host")));
    assertThat(trouble.sentence())
        .contains("Events are waiting in spool: Kafka does not accept events (no route to host)");

    trouble.met(new IOException("no route to host", new IOException("no route to host")));
    assertThat(trouble.sentence()).contains("Events are waiting in spool: no route to host");

    trouble.met(new OutOfMemoryError());
    assertThat(trouble.sentence())
        .contains("Events are waiting in spool: java.lang.OutOfMemoryError");
  }
}
