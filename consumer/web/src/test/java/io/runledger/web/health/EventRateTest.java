package io.runledger.web.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EventRateTest {

  private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);
  private final EventRate rate = new EventRate(nanos::get);

  @Test
  void whoeverAsksFirstGetsNone() {
    assertThat(rate.at(100)).isEmpty();
  }

  @Test
  void eventsAreCountedSinceSomebodyAskedASecondAgoOrLonger() {
    rate.at(100);

    nanos.addAndGet(500_000_000L);
    assertThat(rate.at(200)).isEmpty();
    nanos.addAndGet(1_500_000_000L);
    assertThat(rate.at(300)).contains(100.0);
    nanos.addAndGet(500_000_000L);
    assertThat(rate.at(900)).contains(100.0);
  }

  @Test
  void aRebuiltDatabaseWithFewerEventsHasNoNegativeRate() {
    rate.at(100);

    nanos.addAndGet(1_000_000_000L);

    assertThat(rate.at(10)).contains(0.0);
  }
}
