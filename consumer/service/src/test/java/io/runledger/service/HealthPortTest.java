package io.runledger.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The health port next to other services; brokers and registry are not there. */
class HealthPortTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir private Path dir;

  @Test
  void aDefaultHealthPortThatIsTakenIsReplaced() throws Exception {
    try (Socket nobody = boundOnly();
        ServerSocket taken = takenHealthPort();
        ConsumerService service = ConsumerService.startBeside(configuration(nobody))) {
      assertThat(taken.isBound()).isTrue();
      assertThat(service.healthAddress().orElseThrow().getPort())
          .isNotIn(0, Integer.parseInt(Setting.HEALTH_PORT.defaultValue()));
    }
  }

  @Test
  void aHealthPortThatTheUserSetIsNotReplaced() throws Exception {
    try (Socket nobody = boundOnly();
        ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      String port = Integer.toString(taken.getLocalPort());

      assertThatThrownBy(
              () ->
                  ConsumerService.startBeside(
                      configuration(nobody).with(Setting.HEALTH_PORT, port)))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("health port 127.0.0.1:" + port);
    }
  }

  private Configuration configuration(Socket nobody) {
    String address = "127.0.0.1:" + nobody.getLocalPort();
    return Configuration.load(Map.of(), Map.of("HOME", dir.toString()), Optional.empty())
        .with(Setting.DB, dir.resolve("runledger.db").toString())
        .with(Setting.BOOTSTRAP_SERVERS, address)
        .with(Setting.SCHEMA_REGISTRY_URL, "http://" + address);
  }

  /** A port that is nobody else's and on which nobody listens. */
  private static Socket boundOnly() throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(LOOPBACK, 0));
    return socket;
  }

  /** The default port, held by us or, where that fails, by another process. */
  private static ServerSocket takenHealthPort() throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      int port = Integer.parseInt(Setting.HEALTH_PORT.defaultValue());
      socket.bind(new InetSocketAddress(LOOPBACK, port));
    } catch (BindException alreadyTaken) {
      socket.bind(new InetSocketAddress(LOOPBACK, 0));
    }
    return socket;
  }
}
