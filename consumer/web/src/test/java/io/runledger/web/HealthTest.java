package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.config.Setting;
import io.runledger.http.HttpPort;
import io.runledger.http.HttpPort.Answer;
import io.runledger.http.HttpPort.Route;
import io.runledger.http.ServedHosts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the ledger does, next to a service whose health says this. */
class HealthTest extends OpenServer {

  private String said = "";
  private HttpPort service;

  @Override
  WebSettings settings() {
    try {
      service =
          HttpPort.open(
              "service",
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              ServedHosts.of("127.0.0.1", "", Setting.HEALTH_ALLOWED_HOSTS),
              List.of(
                  new Route(
                      "GET", "/health", request -> new Answer(200, "application/json", said))));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new WebSettings(
        laboratory.databaseLocation(),
        directory,
        directory.resolve("spool"),
        "127.0.0.1",
        0,
        "",
        false,
        "0.0.0.0",
        service.address().getPort());
  }

  @AfterEach
  void closeService() {
    service.close();
  }

  /** The health when the service has answered, for which the server does not wait long. */
  private JsonNode heard() {
    return await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> json("/health"), health -> health.path("service_state").isTextual());
  }

  @Test
  void whatTheServiceSaysIsPassedOn() {
    said =
        """
        {"healthy":true,"state":"running","database":"%s","since":"2026-01-01T00:00:00Z",
         "last_applied":"2026-01-01T00:00:00Z","lag":{"runledger.metrics":7},"reasons":[]}
        """
            .formatted(laboratory.database());
    JsonNode health = heard();

    assertThat(health.path("status").textValue()).isEqualTo("behind");
    assertThat(health.path("lag_seconds").doubleValue()).isPositive();
    assertThat(health.path("service_state").textValue()).isEqualTo("running");
    assertThat(health.path("topics").path(0).path("lag").intValue()).isEqualTo(7);
    assertThat(health.path("partitions")).hasSize(4);
  }

  @Test
  void aServiceThatIsUnwellSaysWhy() {
    said =
        """
        {"healthy":false,"state":"paused","database":"%s","lag":{},"reasons":["No broker."]}
        """
            .formatted(laboratory.database());

    JsonNode health = heard();

    assertThat(health.path("status").textValue()).isEqualTo("unwell");
    assertThat(health.path("detail").textValue()).isEqualTo("No broker.");
  }

  @Test
  void theServiceOfAnotherDatabaseIsNamedAndItsHealthIsNotShown() {
    said =
        """
        {"healthy":false,"state":"paused","database":"/data/other.db",
         "last_applied":"2026-01-01T00:00:00Z","lag":{"runledger.metrics":7},
         "reasons":["No broker."]}
        """;

    JsonNode health =
        await().atMost(Duration.ofMinutes(1)).until(() -> json("/health"), this::hasDetail);

    assertThat(health.path("detail").textValue())
        .contains("writes another database, /data/other.db; set health.port");
    assertThat(health.path("status").textValue()).isEqualTo("ok");
    assertThat(health.path("service_state").isNull()).isTrue();
    assertThat(health.path("lag_seconds").isNull()).isTrue();
    assertThat(health.path("last_applied_at").isNull()).isTrue();
    assertThat(health.path("topics")).isEmpty();
  }

  @Test
  void aServiceThatDoesNotSayItsDatabaseIsNotBelieved() {
    said = "{\"healthy\":true,\"state\":\"running\",\"lag\":{},\"reasons\":[]}";

    JsonNode health =
        await().atMost(Duration.ofMinutes(1)).until(() -> json("/health"), this::hasDetail);

    assertThat(health.path("detail").textValue()).contains("is older than this server");
    assertThat(health.path("service_state").isNull()).isTrue();
  }

  @Test
  void theSameDatabaseUnderAnotherNameIsTheSame() throws IOException {
    Path alias = Files.createSymbolicLink(directory.resolve("alias.db"), laboratory.database());
    said =
        "{\"healthy\":true,\"state\":\"running\",\"database\":\"%s\",\"lag\":{},\"reasons\":[]}"
            .formatted(alias);

    assertThat(heard().path("service_state").textValue()).isEqualTo("running");
  }

  private boolean hasDetail(JsonNode health) {
    return health.path("detail").isTextual();
  }

  @Test
  void whatNobodyCanSayIsNull() {
    service.close();

    JsonNode health = json("/health");

    assertThat(health.path("status").textValue()).isEqualTo("ok");
    assertThat(health.path("lag_seconds").isNull()).isTrue();
    assertThat(health.path("service_state").isNull()).isTrue();
    assertThat(health.path("events_per_second").isNull()).isTrue();
    assertThat(health.path("disk_free_bytes").longValue()).isPositive();
    assertThat(health.path("version").textValue()).isNotEmpty();
    assertThat(health.path("events").longValue()).isPositive();
  }

  @Test
  void whatWaitsInTheSpoolOfThisMachineIsCounted() throws IOException {
    Path writer = Files.createDirectories(directory.resolve("spool/0123456789abc"));
    Files.write(writer.resolve("runs-000001.avro"), new byte[100]);
    Files.write(directory.resolve("spool/0123456789abd.jsonl"), new byte[20]);
    Files.write(directory.resolve("spool/.followed"), new byte[20]);
    Files.createDirectories(directory.resolve("spool/quarantine"));
    Files.write(directory.resolve("spool/quarantine/x.avro"), new byte[20]);

    JsonNode spool = json("/health").path("spools").path(0);

    assertThat(spool.path("files").intValue()).isEqualTo(2);
    assertThat(spool.path("waiting_bytes").intValue()).isEqualTo(120);
  }
}
