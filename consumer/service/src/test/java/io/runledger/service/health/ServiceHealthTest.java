package io.runledger.service.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.service.health.ServiceHealth.State;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a service is called healthy, and what is said when it is not. */
class ServiceHealthTest {

  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private Instant now = BEGIN;
  private final ServiceHealth health = new ServiceHealth(() -> now);

  @Test
  void aServiceThatStartsIsHealthyForAMinuteAndSaysWhatItWaitsFor() {
    health.enter(State.STARTING, "Waiting for node7 to leave.");
    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().reasons()).containsExactly("Waiting for node7 to leave.");

    now = now.plusSeconds(61);

    assertThat(health.report().healthy()).isFalse();
    assertThat(health.report().reasons()).containsExactly("Waiting for node7 to leave.");
  }

  @Test
  void startingAndWaitingForPartitionsAreOneMinuteEach() {
    now = now.plusSeconds(59);
    health.enter(State.WAITING, "2 of 4 partitions");
    now = now.plusSeconds(59);

    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().since()).isEqualTo(BEGIN.plusSeconds(59));
  }

  @Test
  void theSameStateAgainKeepsItsBeginningAndTakesTheNewReason() {
    health.enter(State.PAUSED, "first");
    now = now.plusSeconds(30);
    health.enter(State.PAUSED, "second");

    assertThat(health.report().since()).isEqualTo(BEGIN);
    assertThat(health.report().reasons()).containsExactly("second");
  }

  @Test
  void aReasonEndsWithItsState() {
    health.enter(State.PAUSED, "no route to any broker");
    health.enter(State.RUNNING);

    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().reasons()).isEmpty();
  }

  @Test
  void whatHasStoppedStaysStopped() {
    health.enter(State.STOPPED, "Another writer has taken over.");
    health.enter(State.RUNNING);

    assertThat(health.state()).isEqualTo(State.STOPPED);
    assertThat(health.report().reasons()).containsExactly("Another writer has taken over.");
  }

  @Test
  void lagThatIsWorkedOffIsNoStall() {
    health.enter(State.RUNNING);
    health.lag(Map.of("runledger.metrics", 5L));
    now = now.plusSeconds(59);
    health.applied();
    health.lag(Map.of("runledger.metrics", 9L));
    now = now.plusSeconds(59);

    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().lastApplied()).contains(BEGIN.plusSeconds(59));
  }

  @Test
  void anIdleServiceWithoutLagIsHealthyForEver() {
    health.enter(State.RUNNING);
    health.lag(Map.of("runledger.metrics", 5L));
    health.lag(Map.of("runledger.metrics", 0L));
    now = now.plusSeconds(100_000);

    assertThat(health.report().healthy()).isTrue();
  }

  @Test
  void severalTroublesAreAllNamedAndOneThatEndsLeavesTheOthers() {
    health.enter(State.RUNNING);
    assertThat(health.brokersUnavailable("The brokers do not answer.")).isTrue();
    assertThat(health.brokersUnavailable("The brokers do not answer.")).isFalse();
    health.writeAheadLogGrows("The write-ahead log is long.");
    assertThat(health.topicsForget(Optional.of("A topic forgets."))).isTrue();
    assertThat(health.topicsForget(Optional.of("A topic forgets."))).isFalse();

    assertThat(health.report().reasons())
        .containsExactly(
            "The brokers do not answer.", "The write-ahead log is long.", "A topic forgets.");
    assertThat(health.brokersAnswer()).isTrue();
    assertThat(health.brokersAnswer()).isFalse();
    health.writeAheadLogIsFine();

    assertThat(health.report().reasons()).containsExactly("A topic forgets.");
    assertThat(health.report().healthy()).isFalse();
  }

  @Test
  void whatOthersReadIsTheReportAsJson() {
    health.enter(State.RUNNING);
    health.gaps(2);
    health.lag(Map.of("b", 1L, "a", 0L));

    assertThat(HealthServer.json("/data/runs.db", health.report()))
        .isEqualTo(
            "{\"healthy\":true,\"state\":\"running\",\"database\":\"/data/runs.db\","
                + "\"since\":\"2026-01-01T00:00:00Z\",\"accepted_gaps\":2,\"lag\":{\"a\":0,\"b\":1},\"reasons\":[]}");
  }
}
