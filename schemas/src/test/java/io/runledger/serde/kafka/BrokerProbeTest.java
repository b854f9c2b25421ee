package io.runledger.serde.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the probe says of ports that speak TLS, each in its own way. */
@Timeout(30)
class BrokerProbeTest {

  private static final byte[] HANDSHAKE_FAILURE = {0x15, 3, 3, 0, 2, 2, 40};

  private interface Answering {
    void to(Socket client) throws IOException;
  }

  private static boolean served(ServerSocket port, Answering answering) {
    try (Socket client = port.accept()) {
      answering.to(client);
      return true;
    } catch (IOException e) {
      // The probe hung up, or the test is over.
      return !port.isClosed();
    }
  }

  private static String said(ServerSocket port, Answering answering) throws IOException {
    serve(port, answering);
    return said(port);
  }

  private static void serve(ServerSocket port, Answering answering) {
    Thread server =
        new Thread(
            () -> {
              boolean open = true;
              while (open) {
                open = served(port, answering);
              }
            },
            "tls");
    server.setDaemon(true);
    server.start();
  }

  private static String said(ServerSocket port) throws IOException {
    try (port) {
      return BrokerProbe.stranger(Map.of("bootstrap.servers", "127.0.0.1:" + port.getLocalPort()))
          .orElse("");
    }
  }

  @Test
  void aTlsPortWithoutASecurityProtocolIsToldFromItsAnswer() throws IOException {
    ServerSocket port =
        SSLServerSocketFactory.getDefault()
            .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
    serve(port, client -> ((SSLSocket) client).startHandshake());
    // The first answer loads TLS, which on a busy machine takes longer than the probe waits.
    try (Socket first = new Socket(port.getInetAddress(), port.getLocalPort())) {
      first.getOutputStream().write("not TLS".getBytes(StandardCharsets.US_ASCII));
      assertThat(first.getInputStream().read()).isEqualTo(0x15);
    }

    assertThat(said(port))
        .contains("does not speak Kafka (it answered like TLS); set security.protocol to SSL");
  }

  @Test
  void whoHangsUpOnAnythingButTlsIsAskedInTls() throws IOException {
    ServerSocket port = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

    assertThat(
            said(
                port,
                client -> {
                  InputStream in = client.getInputStream();
                  if (in.read() == 0x16) {
                    client.getOutputStream().write(HANDSHAKE_FAILURE);
                  }
                }))
        .contains("it answered like TLS");
  }

  @Test
  void whoHangsUpOnEverybodyIsNotJudged() throws IOException {
    ServerSocket port = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

    assertThat(said(port, client -> assertThat(client.getInputStream().read()).isNotNegative()))
        .isEmpty();
  }
}
