package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimeOrderedIdTest {

  private static final Instant NOW = Instant.parse("2026-11-23T08:00:00.123Z");

  @Test
  void anIdTellsWhenItWasMade() {
    long id = new TimeOrderedId(Clock.fixed(NOW, ZoneOffset.UTC)).next();

    assertThat(id).isPositive();
    assertThat(TimeOrderedId.timeOf(id)).isEqualTo(NOW);
  }

  @Test
  void idsGrowWithTime() {
    long earlier = new TimeOrderedId(Clock.fixed(NOW, ZoneOffset.UTC)).next();
    long later = new TimeOrderedId(Clock.fixed(NOW.plusMillis(1), ZoneOffset.UTC)).next();

    assertThat(later).isGreaterThan(earlier);
  }

  @Test
  void idsGrowWithinAMillisecondToo() {
    TimeOrderedId ids = new TimeOrderedId(Clock.fixed(NOW, ZoneOffset.UTC));
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      long next = ids.next();
      assertThat(next).isGreaterThan(last);
      last = next;
    }
  }

  @Test
  void idsGrowWhenTheClockStepsBack() {
    Instant[] now = {NOW};
    Clock clock =
        new Clock() {
          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now[0];
          }
        };
    TimeOrderedId ids = new TimeOrderedId(clock);
    long before = ids.next();

    now[0] = NOW.minusSeconds(3600);

    assertThat(ids.next()).isGreaterThan(before);
  }

  @Test
  void threadsNeverGetTheSameId() {
    TimeOrderedId ids = new TimeOrderedId(Clock.fixed(NOW, ZoneOffset.UTC));
    Set<Long> made = ConcurrentHashMap.newKeySet();

    IntStream.range(0, 10_000).parallel().forEach(i -> made.add(ids.next()));

    assertThat(made).hasSize(10_000);
  }
}
