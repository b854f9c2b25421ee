package io.runledger.postgres;

import static io.runledger.contract.Deliveries.claimed;
import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.fold.projection.Replacement;
import io.runledger.fold.projection.ReplacementRunningException;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generations;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rebuild takes the old generation's place as a whole or not at all, while readers go on. */
class GenerationsTest {

  private final SpecificRecord start = Events.ofSeed(1).started();

  @TempDir Path directory;
  private LedgerUrl ledger;
  private PostgresLocation location;
  private Connection user;

  @BeforeEach
  void makeALedger() throws SQLException {
    ledger = TestLedger.inItsOwnDatabase();
    location = new PostgresLocation(ledger, directory);
    try (Projection first = claimed(location.open())) {
      deliver(first, start);
    }
    user = ledger.open(Purpose.ADMINISTER);
  }

  @AfterEach
  void close() throws SQLException {
    user.close();
  }

  private void rebuild(int seed) {
    try (Replacement replacement = location.replace()) {
      try (Projection next = claimed(replacement.open())) {
        deliver(next, Events.ofSeed(seed).started());
        next.finish();
      }
      replacement.publish();
    }
  }

  private List<String> schemas() throws SQLException {
    return Sql.texts(
        user, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'runledger%' ORDER BY 1");
  }

  private Optional<String> seed() throws SQLException {
    return Sql.text(user, "SELECT string_agg(seed::text, ',') FROM runledger.runs");
  }

  @Test
  void aRebuildIsSeenAtOnceAndTheGenerationBeforeStays() throws SQLException {
    try (Projection live = claimed(location.open())) {
      rebuild(2);

      assertThat(seed()).contains("2");
      assertThat(live.isCurrent()).isFalse();
    }
    assertThat(schemas()).containsExactly("runledger", "runledger_g000001", "runledger_g000002");

    rebuild(3);

    assertThat(seed()).contains("3");
    assertThat(schemas()).containsExactly("runledger", "runledger_g000002", "runledger_g000003");
  }

  @Test
  void aReaderInTheMiddleOfAnAnswerIsNeitherWaitedForNorDisturbed() throws SQLException {
    user.setAutoCommit(false);
    try (Statement statement = user.createStatement();
        ResultSet before = statement.executeQuery("SELECT seed FROM runledger.runs")) {
      rebuild(2);
      rebuild(3);

      assertThat(before.next()).isTrue();
      assertThat(before.getLong(1)).isEqualTo(1);
    }
    user.commit();
    user.setAutoCommit(true);
    assertThat(schemas()).contains("runledger_g000001");

    rebuild(4);

    assertThat(schemas()).containsExactly("runledger", "runledger_g000003", "runledger_g000004");
  }

  @Test
  void aReaderOfOursStaysWithItsGeneration() {
    try (ProjectionReader reader = location.read()) {
      long before = reader.positions().get(0).nextOffset();
      rebuild(2);

      assertThat(reader.positions()).hasSize(4);
      assertThat(reader.positions().get(0).nextOffset()).isEqualTo(before);
      assertThat(reader.schemaVersion()).isEqualTo(2);
    }
  }

  @Test
  void whatARebuildDidNotPublishIsGone() throws SQLException {
    try (Replacement replacement = location.replace()) {
      replacement.open().close();
      assertThatThrownBy(location::replace)
          .isInstanceOf(ReplacementRunningException.class)
          .hasMessageContaining("Another rebuild of " + ledger + " is running (runledger, process");
    }

    assertThat(schemas()).containsExactly("runledger", "runledger_g000001");
    assertThat(seed()).contains("1");
  }

  @Test
  void whatAKilledRebuildLeftIsClearedAway() throws SQLException {
    Sql.execute(user, "CREATE SCHEMA runledger_g000002");
    Sql.execute(user, "CREATE TABLE runledger_g000002.half (one integer)");
    Sql.execute(user, "CREATE SCHEMA runledger_next");

    rebuild(2);

    assertThat(schemas()).containsExactly("runledger", "runledger_g000001", "runledger_g000002");
    assertThat(seed()).contains("2");
  }

  @Test
  void whatUsersMadeOfAGenerationKeepsItAndIsNotDropped() throws SQLException {
    Sql.execute(user, "CREATE SCHEMA mine");
    Sql.execute(user, "CREATE VIEW mine.own AS SELECT seed FROM runledger.runs");

    rebuild(2);
    rebuild(3);

    assertThat(Sql.text(user, "SELECT seed FROM mine.own")).contains("1");
    assertThat(seed()).contains("3");
    assertThat(schemas()).contains("runledger_g000001", "runledger_before_g000001");
  }

  @Test
  void whoMayReadMayReadTheNextGenerationToo() throws SQLException {
    Sql.execute(user, "GRANT USAGE ON SCHEMA runledger, runledger_g000001 TO guarded");
    Sql.execute(
        user, "GRANT SELECT ON ALL TABLES IN SCHEMA runledger, runledger_g000001 TO guarded");

    rebuild(2);

    try (Connection guarded =
        LedgerUrl.of(ledger.toString() + "&user=guarded", Map.of("PGPASSWORD", "open sesame"))
            .open(Purpose.READ)) {
      assertThat(Sql.text(guarded, "SELECT seed FROM runledger.runs")).contains("2");
      assertThat(Sql.text(guarded, "SELECT seed FROM runledger_g000002.runs")).contains("2");
    }
  }

  @Test
  void aDamagedGenerationThatIsKeptOutlivesRebuilds() throws SQLException {
    assertThat(location.damage()).isEmpty();
    new Generations(ledger, user).keep(Generations.current(ledger).orElseThrow(), "it's odd");
    rebuild(2);
    rebuild(3);

    assertThat(schemas()).contains("runledger_g000001");
    PostgresDamage damage =
        new PostgresDamage(Generations.current(ledger).orElseThrow(), "a page is odd");
    assertThat(damage.keep(Instant.EPOCH)).isEqualTo("schema runledger_g000003");
  }

  @Test
  void aTableThatIsGoneIsDamage() throws SQLException {
    Sql.execute(user, "DROP TABLE runledger_g000001.run_errors CASCADE");

    assertThat(location.damage().orElseThrow().what()).contains("\"run_errors\" does not exist");
  }

  @Test
  void aSchemaOfSomebodyElseIsNotTakenOver() throws SQLException {
    Sql.execute(user, "CREATE SCHEMA theirs");
    Sql.execute(user, "CREATE TABLE theirs.precious (one integer)");
    LedgerUrl other = ledgerNamed("theirs");

    assertThatThrownBy(() -> PostgresProjection.open(other))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining(
            "The schema theirs is not a ledger and is not empty (it has precious)");
  }

  private LedgerUrl ledgerNamed(String name) {
    String url = ledger.toString().replace("currentSchema=runledger", "currentSchema=" + name);
    return LedgerUrl.of(url + "&user=runledger", Map.of());
  }

  @Test
  void aLedgerAndItsCounterpartHoldTheSame() throws SQLException {
    try (var counterpart = location.counterpart()) {
      try (Projection other = claimed(counterpart.open())) {
        deliver(other, start);
        other.finish();
      }
      assertThat(counterpart.copy().positions()).hasSize(4);
      assertThat(counterpart.compare())
          .hasSizeGreaterThan(10)
          .allMatch(table -> table.differences() == 0);
    }
    assertThat(schemas()).containsExactly("runledger", "runledger_g000001");
  }
}
