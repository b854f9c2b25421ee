package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of a cluster that is not there, and of a registry that is not as it should be. */
class TopicsCheckTest {

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Kafka's own patience, and the closing of a client of it, took 90 s. */
  @Test
  void aPortWhereNobodyListensIsSaidAndNotWaitedForOnceMore() throws Exception {
    try (Socket reserved = new Socket()) {
      // Bound, so that nobody else gets the port, and not listening.
      reserved.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String address = "127.0.0.1:" + reserved.getLocalPort();

      List<Finding> findings = check(address, "http://" + address).check();

      assertThat(findings).hasSize(2);
      assertThat(findings.get(0).sentence())
          .isEqualTo(
              "Kafka does not answer (asked for the topics of %s, waited 1 s); check bootstrap.servers."
                  .formatted(address));
      assertThat(findings.get(1).sentence()).contains("registry cannot be reached", address);
      assertThat(findings)
          .allMatch(finding -> finding.severity() == Finding.Severity.FAILED)
          .extracting(Finding::component)
          .containsExactly("broker", "registry");
    }
  }

  @Test
  void aClockThatNobodyCanBeAskedForIsSaidToBeUnknown() throws Exception {
    try (Socket reserved = new Socket()) {
      reserved.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String address = "127.0.0.1:" + reserved.getLocalPort();

      List<Finding> findings = check(address, "http://" + address).checkClock();

      assertThat(findings).hasSize(1);
      assertThat(findings.get(0).severity()).isEqualTo(Finding.Severity.WARNING);
      assertThat(findings.get(0).what()).startsWith("The clock cannot be compared");
    }
  }

  @Test
  void aClockThatIsAnHourBehindTheRegistrysIsAWarningInSeconds() throws Exception {
    try (Registry registry = new Registry(Instant.now().plusSeconds(3_600), "200 OK", "[]")) {
      List<Finding> findings = check("127.0.0.1:1", registry.url()).checkClock();

      assertThat(findings).hasSize(1);
      assertThat(findings.get(0).severity()).isEqualTo(Finding.Severity.WARNING);
      // The answer's date ages until it is compared, by as much as this machine is busy.
      assertThat(findings.get(0).sentence())
          .containsPattern("clock is 3(5[0-9][0-9]|600) s behind the registry's")
          .contains("chrony");
    }
  }

  @Test
  void aClockThatIsRightIsFine() throws Exception {
    try (Registry registry = new Registry(Instant.now(), "200 OK", "[]")) {
      assertThat(check("127.0.0.1:1", registry.url()).checkClock())
          .extracting(Finding::severity)
          .containsExactly(Finding.Severity.OK);
    }
  }

  @Test
  void schemasThatAreNotRegisteredAreNamedWithTheVerbThatDoes() throws Exception {
    try (Registry registry =
        new Registry(
            Instant.now(), "404 Not Found", "{\"error_code\":40401,\"message\":\"none\"}")) {
      assertThat(check("127.0.0.1:1", registry.url()).checkSchemas())
          .hasSize(4)
          .allMatch(finding -> finding.severity() == Finding.Severity.FAILED)
          .extracting(Finding::sentence)
          .contains(
              "The schema of runledger.runs-value is not registered. Run 'runledger topics init'.");
    }
  }

  private static TopicsCheck check(String brokers, String registry) {
    return TopicsCheck.of(
        Configuration.load(
            Map.of("bootstrap.servers", brokers, "schema.registry.url", registry),
            Map.of("HOME", "/h"),
            Optional.empty()),
        PATIENCE);
  }

  /** Gives each request the same answer with the same date. */
  private static final class Registry implements AutoCloseable {

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final byte[] answer;

    Registry(Instant date, String status, String body) throws IOException {
      answer =
          "HTTP/1.1 %s\r\nDate: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
              .formatted(
                  status,
                  DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atZone(ZoneOffset.UTC)),
                  body.length(),
                  body)
              .getBytes(StandardCharsets.US_ASCII);
      Thread thread = new Thread(this::serve);
      thread.setDaemon(true);
      thread.start();
    }

    String url() {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (Socket client = socket.accept()) {
          BufferedReader request =
              new BufferedReader(
                  new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
          int length = 0;
          for (String line = request.readLine();
              line != null && !line.isEmpty();
              line = request.readLine()) {
            length =
                line.toLowerCase(Locale.ROOT).startsWith("content-length: ")
                    ? Integer.parseInt(line.substring(16))
                    : length;
          }
          for (long unread = length; unread > 0; unread -= Math.max(1, request.skip(unread))) {}
          client.getOutputStream().write(answer);
        } catch (IOException closed) {
          // The client goes, or the test has ended.
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
