package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which time of a given clock is used, and what happens with one that no id can hold. */
class JobClockTest {

  private static Instant now(Supplier<Instant> given) {
    return new JobClock(
            new Clock() {
              @Override
              public Instant instant() {
                return given.get();
              }

              @Override
              public ZoneId getZone() {
                return ZoneOffset.ofHours(3);
              }

              @Override
              public Clock withZone(ZoneId zone) {
                return this;
              }
            })
        .instant();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1970-01-01T00:00:00Z", "2026-11-29T01:02:03.456789Z"})
  void aTimeThatAnIdCanHoldIsUsedAsItIs(String time) {
    assertThat(now(() -> Instant.parse(time))).isEqualTo(Instant.parse(time));
  }

  @Test
  void theLastMillisecondOfAnIdIsTheLastThatIsUsed() {
    Instant end = Instant.ofEpochMilli(1L << 42);

    assertThat(now(() -> end.minusMillis(1))).isEqualTo(end.minusMillis(1));
    assertThat(now(() -> end)).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
  }

  @Test
  void aClockThatIsWrongOrFailsGivesWayToTheMachines() {
    for (Supplier<Instant> wrong :
        List.<Supplier<Instant>>of(
            () -> Instant.EPOCH.minus(Duration.ofMillis(1)),
            () -> Instant.MAX,
            () -> Instant.MIN,
            () -> null,
            () -> {
              throw new IllegalStateException("no time");
            },
            () -> {
              throw new StackOverflowError();
            })) {
      assertThat(now(wrong)).isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    }
  }
}
