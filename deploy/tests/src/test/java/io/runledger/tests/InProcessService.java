package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Setting;
import io.runledger.service.ConsumerService;
import io.runledger.service.health.ServiceHealth;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/** The service in the test's own JVM: for tests that kill something else, or nothing. */
final class InProcessService implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final TestLedger ledger;
  private final ConsumerService service;

  private InProcessService(TestLedger ledger, ConsumerService service) {
    this.ledger = ledger;
    this.service = service;
  }

  static InProcessService start(TestLedger ledger) {
    return new InProcessService(
        ledger, ConsumerService.start(ledger.configuration().with(Setting.HEALTH_PORT, "-1")));
  }

  Path database() {
    return ledger.database();
  }

  ServiceHealth.Report health() {
    return service.health();
  }

  /** Waits until every record that is on the topics now is applied. */
  void awaitCaughtUp() throws Exception {
    Map<TopicPartition, Long> ends = ledger.ends();
    Awaitility.await("the service has caught up")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () -> {
              assertThat(health().state())
                  .as(health().toString())
                  .isEqualTo(ServiceHealth.State.RUNNING);
              assertThat(LedgerSql.positions(database())).isEqualTo(ends);
            });
  }

  @Override
  public void close() {
    service.close();
  }
}
