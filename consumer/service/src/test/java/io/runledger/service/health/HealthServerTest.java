package io.runledger.service.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthServerTest {

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final InstantSource clock = () -> now;
  private final ServiceHealth health = new ServiceHealth(clock);
  private final HealthServer server =
      HealthServer.start(
          "127.0.0.1",
          0,
          "prometheus.svc, ledger:9464",
          "/data/runs.db",
          health,
          new ServiceMetrics(health));

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aRunningServiceIsHealthy() throws IOException {
    health.enter(ServiceHealth.State.RUNNING);
    health.lag(Map.of(new TopicPartition("runledger.runs", 0), 0L));

    assertThat(ask("GET", "/health", "localhost"))
        .startsWith("HTTP/1.1 200")
        .contains("\"state\":\"running\"")
        .contains("\"database\":\"/data/runs.db\"")
        .contains("\"runledger.runs\":0");
  }

  @Test
  void aPausedServiceSaysWhy() throws IOException {
    health.enter(ServiceHealth.State.PAUSED, "The registry does not answer.");

    assertThat(ask("GET", "/health", "127.0.0.1:9464"))
        .startsWith("HTTP/1.1 503")
        .contains("The registry does not answer.");
  }

  @Test
  void lagWithoutProgressIsUnhealthyAfterAMinute() throws IOException {
    health.enter(ServiceHealth.State.RUNNING);
    health.lag(Map.of(new TopicPartition("runledger.metrics", 0), 5L));
    assertThat(ask("GET", "/health", "localhost")).startsWith("HTTP/1.1 200");

    now = now.plusSeconds(61);
    health.lag(Map.of(new TopicPartition("runledger.metrics", 0), 9L));

    assertThat(ask("GET", "/health", "localhost"))
        .startsWith("HTTP/1.1 503")
        .contains("nothing has been applied since 2026-01-01T00:00:00Z");
  }

  @Test
  void aForeignHostNameIsRefused() throws IOException {
    assertThat(ask("GET", "/health", "evil.example")).startsWith("HTTP/1.1 403");
    assertThat(ask("GET", "/metrics", "evil.example:9464")).startsWith("HTTP/1.1 403");
  }

  @Test
  void theNamesThatOthersKnowTheServiceByAreServed() throws IOException {
    assertThat(ask("GET", "/metrics", "prometheus.svc:9464")).startsWith("HTTP/1.1 200");
    assertThat(ask("GET", "/metrics", "ledger")).startsWith("HTTP/1.1 200");
    assertThat(ask("GET", "/metrics", "prometheus.svc.evil.example")).startsWith("HTTP/1.1 403");
  }

  @Test
  void onlyGetIsAnswered() throws IOException {
    assertThat(ask("POST", "/health", "localhost")).startsWith("HTTP/1.1 405");
  }

  @Test
  void metricsAreInPrometheusForm() throws IOException {
    assertThat(ask("GET", "/metrics", "localhost"))
        .startsWith("HTTP/1.1 200")
        .contains("runledger_events_applied_total 0.0")
        .contains("runledger_points_applied_total 0.0")
        .contains("runledger_paused 0.0");
  }

  /** By hand, because HTTP clients do not let a caller choose the Host header. */
  private String ask(String method, String path, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                  .formatted(method, path, host)
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
