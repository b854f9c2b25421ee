package io.runledger.service;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaClientsTest {

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
