package io.runledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.postgres.server.TestServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresLocationTest {

  @TempDir private Path directory;

  private PostgresLocation of(String url) {
    return PostgresLocation.of(url, Map.of(), directory);
  }

  @Test
  void aLedgerIsTheSameByWhicheverAddressItIsReached() {
    String url = TestServer.shared().emptyDatabase();
    PostgresLocation ledger = of(url);

    assertThat(ledger.fingerprint()).isPresent();
    assertThat(of(url.replace("127.0.0.1", "localhost")).fingerprint())
        .isEqualTo(ledger.fingerprint());
    assertThat(of(url + "&currentSchema=other").fingerprint()).isNotEqualTo(ledger.fingerprint());
    assertThat(of(TestServer.shared().emptyDatabase()).fingerprint())
        .isNotEqualTo(ledger.fingerprint());
  }
}
