package io.runledger.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.postgres.server.TestServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerUrlTest {

  private static final String PASSWORD = "open sesame";

  @Test
  void aLedgerIsCalledRunledgerUnlessItsUrlSaysOtherwise() {
    LedgerUrl plain = LedgerUrl.of("jdbc:postgresql://Db.example/tracking?user=me", Map.of());
    LedgerUrl named =
        LedgerUrl.of("jdbc:postgresql://db.example:5432/tracking?currentSchema=team_a", Map.of());

    assertThat(plain.identity()).isEqualTo("db.example:5432/tracking/runledger");
    assertThat(named.identity()).isEqualTo("db.example:5432/tracking/team_a");
    assertThat(named.base()).isEqualTo("team_a");
  }

  @Test
  void aPasswordIsShownNowhere() {
    String url = "jdbc:postgresql://h/d?user=u&password=hush-hush";

    assertThat(LedgerUrl.of(url, Map.of("PGPASSWORD", "also-hushed")).toString())
        .isEqualTo("jdbc:postgresql://h:5432/d?currentSchema=runledger");
    assertThatThrownBy(
            () -> LedgerUrl.of("jdbc:postgresql://h:port/d?password=hush-hush", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hush");
  }

  @Test
  void aPasswordBeforeTheHostIsRefusedAndShownNowhere() {
    assertThatThrownBy(() -> LedgerUrl.of("jdbc:postgresql://u:Hush-Hush@h:5432/d", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jdbc:postgresql://HOST:PORT/DATABASE?user=NAME")
        .message()
        .doesNotContainIgnoringCase("hush");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upper", "a-b", "a b", "pg_mine", "public", "a,b", "1a"})
  void aNameThatWouldNeedQuotesOrIsTakenIsRefused(String name) {
    assertThatThrownBy(() -> LedgerUrl.of("jdbc:postgresql://h/d?currentSchema=" + name, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("currentSchema=" + name);
  }

  @Test
  void thePasswordMayComeFromTheEnvironment() throws SQLException {
    TestServer server = TestServer.shared();
    String url = server.url("postgres", "guarded");

    try (Connection connection =
        LedgerUrl.of(url, Map.of("PGPASSWORD", PASSWORD)).open(Purpose.READ)) {
      assertThat(Sql.text(connection, "SELECT current_user")).isEqualTo(Optional.of("guarded"));
      assertThat(Sql.text(connection, "SHOW application_name"))
          .isEqualTo(Optional.of("runledger reader"));
    }
    assertThatThrownBy(
            () -> LedgerUrl.of(url, Map.of("PGPASSWORD", "wrong-one")).open(Purpose.READ))
        .isInstanceOf(SQLException.class)
        .hasMessageNotContaining("wrong-one");
  }

  @Test
  void oneSessionHasALockAtATimeAndTheOthersKnowWhose() throws SQLException {
    LedgerUrl ledger = LedgerUrl.of(TestServer.shared().emptyDatabase(), Map.of());
    LedgerUrl other = ledger.besides("other");
    try (Connection first = ledger.open(Purpose.WRITE);
        Connection second = ledger.open(Purpose.WRITE)) {
      assertThat(AdvisoryLock.WRITER.tryTake(first, ledger)).isTrue();

      assertThat(AdvisoryLock.WRITER.tryTake(second, ledger)).isFalse();
      assertThat(AdvisoryLock.WRITER.holder(second, ledger))
          .startsWith("runledger writer, process ")
          .contains("from 127.0.0.1");
      assertThat(AdvisoryLock.REBUILD.tryTake(second, ledger)).isTrue();
      assertThat(AdvisoryLock.WRITER.tryTake(second, other)).isTrue();
    }
  }
}
