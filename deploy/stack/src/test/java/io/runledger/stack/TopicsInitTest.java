package io.runledger.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of a cluster that is not there. */
class TopicsInitTest {

  /** Kafka's own patience, and the closing of a client of it, took 90 s. */
  @Test
  @Timeout(45)
  void aPortWhereNobodyListensIsSaidAndNotWaitedForOnceMore() throws Exception {
    try (Socket reserved = new Socket()) {
      // Bound, so that nobody else gets the port, and not listening.
      reserved.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String address = "127.0.0.1:" + reserved.getLocalPort();

      List<Finding> findings =
          TopicsInit.of(
                  Configuration.load(
                      Map.of(
                          "bootstrap.servers", address, "schema.registry.url", "http://" + address),
                      Map.of("HOME", "/h"),
                      Optional.empty()))
              .check();

      assertThat(findings).hasSize(2);
      assertThat(findings.get(0).sentence())
          .isEqualTo(
              "Kafka does not answer (asked for the topics of %s, waited 13 s); is bootstrap.servers right?"
                  .formatted(address));
      assertThat(findings.get(1).sentence()).contains("registry cannot be reached", address);
    }
  }
}
