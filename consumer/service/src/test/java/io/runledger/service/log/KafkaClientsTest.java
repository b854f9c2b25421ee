package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.service.group.CoPartitionedStickyAssignor;
import io.runledger.service.stop.LogUnreadableException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaClientsTest {

  /** What a user may have set for other consumers of the same cluster. */
  private static final Map<String, String> CARELESS =
      Map.of(
          "RUNLEDGER_KAFKA_AUTO_OFFSET_RESET", "latest",
          "RUNLEDGER_KAFKA_ENABLE_AUTO_COMMIT", "true",
          "RUNLEDGER_KAFKA_ISOLATION_LEVEL", "read_uncommitted",
          "RUNLEDGER_KAFKA_ALLOW_AUTO_CREATE_TOPICS", "true",
          "RUNLEDGER_KAFKA_GROUP_ID", "another",
          "RUNLEDGER_KAFKA_GROUP_INSTANCE_ID", "one");

  private static Stream<Map<String, Object>> readers() {
    KafkaClients plain = clients(Map.of());
    KafkaClients careless = clients(CARELESS);
    return Stream.of(
        plain.memberSettings("g", "i"),
        plain.severalSettings("g", Optional.empty()),
        plain.replayerSettings(),
        careless.memberSettings("g", "i"),
        careless.severalSettings("g", Optional.empty()),
        careless.replayerSettings());
  }

  @ParameterizedTest
  @MethodSource("readers")
  void aPositionThatTheLogNoLongerHasIsAnErrorAndNeverAJump(Map<String, Object> settings) {
    assertThat(settings).containsEntry("auto.offset.reset", "none");
  }

  @ParameterizedTest
  @MethodSource("readers")
  void whatThePromisesRestOnIsNotForTheUserToChoose(Map<String, Object> settings) {
    assertThat(settings)
        .containsEntry("enable.auto.commit", false)
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("allow.auto.create.topics", false);
  }

  @Test
  void theServiceIsInItsOwnGroupAndARebuildInNone() {
    KafkaClients clients = clients(CARELESS);

    assertThat(clients.memberSettings("g", "i"))
        .containsEntry("group.id", "g")
        .containsEntry("group.instance.id", "i");
    assertThat(clients.replayerSettings()).doesNotContainKeys("group.id", "group.instance.id");
  }

  @Test
  void oneOfSeveralHasNoNameInItsGroupAndSharesPartitionsByTheirNumbers() {
    Map<String, Object> settings = clients(CARELESS).severalSettings("g", Optional.empty());

    assertThat(settings)
        .containsEntry("group.id", "g")
        .containsEntry("session.timeout.ms", 15_000)
        .containsEntry("partition.assignment.strategy", List.of(CoPartitionedStickyAssignor.class))
        .doesNotContainKey("group.instance.id");
  }

  @Test
  void howLongAMemberThatWasKilledIsWaitedForIsForTheUserToChoose() {
    assertThat(
            clients(Map.of("RUNLEDGER_KAFKA_SESSION_TIMEOUT_MS", "9000"))
                .severalSettings("g", Optional.empty()))
        .extractingByKey("session.timeout.ms")
        .satisfies(timeout -> assertThat(timeout).hasToString("9000"));
  }

  private static KafkaClients clients(Map<String, String> environment) {
    // Nothing of whoever runs the test.
    Map<String, String> isolated = new HashMap<>(environment);
    isolated.put("HOME", "/nonexistent");
    return new KafkaClients(Configuration.load(Map.of(), isolated, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.1.2", "3.9.2", "4.1.2-rc1", "unknown", "4"})
  void aClientThatMayDeliverToAWrongTopicIsRefused(String version) {
    assertThatThrownBy(() -> KafkaClients.requireVersion(version))
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining(version);
  }

  @Test
  void newerClientsAreTaken() {
    assertThatCode(() -> KafkaClients.requireVersion("4.2.0")).doesNotThrowAnyException();
    assertThatCode(() -> KafkaClients.requireVersion("4.10.0")).doesNotThrowAnyException();
    assertThatCode(() -> KafkaClients.requireVersion("5.0.0")).doesNotThrowAnyException();
  }
}
