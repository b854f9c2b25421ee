package io.runledger.service.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.service.health.ServiceHealth.State;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
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
    health.lag(Map.of(new TopicPartition("runledger.metrics", 0), 5L));
    now = now.plusSeconds(59);
    health.applied();
    health.lag(Map.of(new TopicPartition("runledger.metrics", 0), 9L));
    now = now.plusSeconds(59);

    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().lastApplied()).contains(BEGIN.plusSeconds(59));
  }

  @Test
  void anIdleServiceWithoutLagIsHealthyForEver() {
    health.enter(State.RUNNING);
    health.lag(Map.of(new TopicPartition("runledger.metrics", 0), 5L));
    health.lag(Map.of(new TopicPartition("runledger.metrics", 0), 0L));
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
    health.lag(Map.of(new TopicPartition("b", 0), 1L, new TopicPartition("a", 0), 0L));

    assertThat(HealthServer.json("/data/runs.db", health.report()))
        .isEqualTo(
            "{\"healthy\":true,\"state\":\"running\",\"database\":\"/data/runs.db\","
                + "\"since\":\"2026-01-01T00:00:00Z\",\"accepted_gaps\":2,\"lag\":{\"a\":0,\"b\":1},\"reasons\":[]}");
  }

  @Test
  void theLagOfAGroupIsThatOfAllItsMembersAndItsHealthThatOfAllPartitions() {
    health.enter(State.RUNNING);
    health.lag(Map.of(new TopicPartition("a", 0), 0L));
    health.group(
        new GroupReport(
            List.of(new GroupReport.MemberReport("one", List.of(0), 0)),
            List.of(1, 2),
            Map.of("a", 2_000L)));

    assertThat(HealthServer.json("jdbc:postgresql://db/lab", health.report()))
        .contains(
            "\"lag\":{\"a\":2000}",
            "\"partitions\":[{\"topic\":\"a\",\"partition\":0,\"lag\":0}]",
            "\"group\":{\"lag\":2000,\"members\":[{\"member\":\"one\",\"partitions\":[0],\"lag\":0}],\"unread\":[1,2]}");
    assertThat(health.isCaughtUp()).as("others are behind").isFalse();
    assertThat(health.report().healthy()).isTrue();

    now = now.plusSeconds(61);

    assertThat(health.report().healthy()).isFalse();
    assertThat(health.report().reasons())
        .singleElement()
        .asString()
        .startsWith("Nobody reads the partitions with number 1, 2 since 2026-01-01T00:00:00Z");

    health.group(
        new GroupReport(
            List.of(new GroupReport.MemberReport("one", List.of(0, 1, 2), 0)),
            List.of(),
            Map.of("a", 0L)));
    assertThat(health.report().healthy()).isTrue();
    assertThat(health.isCaughtUp()).isTrue();
  }

  @Test
  void whoStandsByIsWell() {
    health.enter(State.STANDBY, "The group gave no partition.");
    now = now.plusSeconds(1_000);

    assertThat(health.report().healthy()).isTrue();
    assertThat(health.report().reasons()).containsExactly("The group gave no partition.");
  }
}
