package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PollScheduleTest {

  private static final Duration FAST = Duration.ofMillis(20);

  private final PollSchedule schedule = new PollSchedule(Duration.ofSeconds(30), 0);

  @Test
  void theFirstCallIsDueAtOnceAndTheNextAfterTheInterval() {
    assertThat(schedule.isDue(0)).isTrue();

    schedule.called(true, FAST, 0);

    assertThat(schedule.isDue(seconds(29))).isFalse();
    assertThat(schedule.isDue(seconds(30))).isTrue();
  }

  @Test
  void errorsAndSlowAnswersDoubleItUpToFiveMinutesAndAGoodCallEndsThat() {
    schedule.called(false, FAST, 0);
    assertThat(schedule.current()).hasSeconds(60);
    schedule.called(true, Duration.ofMillis(2_001), 0);
    assertThat(schedule.current()).hasSeconds(120);
    schedule.called(false, FAST, 0);
    schedule.called(false, FAST, 0);
    assertThat(schedule.current()).hasSeconds(300);

    schedule.called(true, FAST, 0);

    assertThat(schedule.current()).hasSeconds(30);
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
