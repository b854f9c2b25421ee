package io.runledger.client.upload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class GatewayClientTest {

  private static <T extends Throwable> T caused(T by, Throwable cause) {
    by.initCause(cause);
    return by;
  }

  @Test
  void aCertificateThatIsNotTrustedIsSaidWithWhatToDo() {
    IOException refused =
        caused(
            new SSLHandshakeException("PKIX path building failed"),
            caused(
                new IllegalStateException("PKIX path building failed"),
                new CertPathBuilderException("unable to find valid certification path")));

    assertThat(GatewayClient.sentence(refused))
        .contains("certificate")
        .contains("-Djavax.net.ssl.trustStore=FILE")
        .doesNotContain("PKIX");
  }

  @Test
  void aServerThatIsNotThereIsSaidWithoutNamesOfExceptions() {
    assertThat(GatewayClient.sentence(new ConnectException()))
        .isEqualTo("nobody answers at its port");
    assertThat(
            GatewayClient.sentence(
                caused(new ConnectException(), new UnresolvedAddressException())))
        .isEqualTo("there is no host of that name");
  }

  @Test
  void whatIsNotForeseenIsSaidAsItIs() {
    assertThat(GatewayClient.sentence(new SSLHandshakeException("no name matches localhost")))
        .contains("no name matches localhost");
  }
}
