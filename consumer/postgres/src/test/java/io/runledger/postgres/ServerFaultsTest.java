package io.runledger.postgres;

import static io.runledger.contract.Deliveries.claimed;
import static io.runledger.contract.Deliveries.deliver;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.server.TestServer;
import io.runledger.schemas.event.MetricRow;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a writer whose server, session or right is taken away. */
class ServerFaultsTest {

  private static final Events JOB = Events.ofSeed(1).attempt(1);

  @TempDir Path directory;

  private static List<SpecificRecord> records(int count) {
    List<SpecificRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(JOB.metric("loss", i, i));
    }
    return records;
  }

  private static void endSessionsOf(Connection user, String application) throws SQLException {
    Sql.texts(
        user,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = ? AND datname = current_database()",
        application);
  }

  @Test
  void aWriterWhoseSessionWasEndedContinuesAfterOpeningAgain() throws SQLException {
    LedgerUrl ledger = TestLedger.inItsOwnDatabase();
    try (Connection user = ledger.open(Purpose.ADMINISTER)) {
      Projection projection = claimed(PostgresProjection.open(ledger));
      deliver(projection, JOB.started());
      endSessionsOf(user, "runledger writer");

      assertThatThrownBy(() -> deliver(projection, JOB.error("E", "m")))
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessageStartingWith("The database " + ledger + " (schema runledger_g000001) cannot ");
      projection.close();

      try (Projection again = claimed(PostgresProjection.open(ledger))) {
        deliver(again, JOB.error("E", "m"));
        assertThat(Sql.text(user, "SELECT count(*)::text FROM runledger.run_errors"))
            .isEqualTo(Optional.of("1"));
      }
    }
  }

  @Test
  void aServerThatIsKilledInTheMiddleOfABatchHasAllOfItOrNothing() throws Exception {
    try (TestServer server = TestServer.separate()) {
      LedgerUrl ledger = LedgerUrl.of(server.emptyDatabase(), Map.of());
      Projection projection = claimed(PostgresProjection.open(ledger));
      deliver(projection, JOB.started());
      List<SpecificRecord> records = records(3_000);
      Thread killer =
          new Thread(
              () -> {
                try (Connection user = ledger.open(Purpose.ADMINISTER)) {
                  // Points of a transaction that is under way are in the table for its own session
                  // alone.
                  while (Sql.text(
                          user,
                          "SELECT 1 FROM pg_stat_activity WHERE application_name = 'runledger writer' AND backend_xid IS NOT NULL")
                      .isEmpty()) {
                    Thread.onSpinWait();
                  }
                } catch (SQLException e) {
                  throw new AssertionError(e);
                }
                server.kill();
              });
      killer.start();

      assertThatThrownBy(
              () -> {
                while (true) {
                  deliver(projection, records);
                }
              })
          .isInstanceOf(ProjectionUnavailableException.class);
      killer.join();
      projection.close();
      server.start();

      try (Projection again = claimed(PostgresProjection.open(ledger));
          Connection user = ledger.open(Purpose.READ)) {
        long offset =
            Sql.text(
                    user,
                    "SELECT next_offset::text FROM runledger.positions WHERE topic = 'runledger.metrics'")
                .map(Long::parseLong)
                .orElseThrow();
        assertThat(offset % records.size()).isZero();
        deliver(again, records);
        assertThat(Sql.text(user, "SELECT count(*)::text FROM runledger.metrics"))
            .isEqualTo(Optional.of("3000"));
      }
    }
  }

  @Test
  void aSecondWriterNoticesAndLeaves() {
    LedgerUrl ledger = TestLedger.inItsOwnDatabase();
    try (Projection first = PostgresProjection.open(ledger)) {
      assertThat(first.isCurrent()).isTrue();

      assertThatThrownBy(() -> PostgresProjection.open(ledger))
          .isInstanceOf(ProjectionInUseException.class)
          .hasMessageContaining("is already being written by runledger writer, process ");
    }
    PostgresProjection.open(ledger).close();
  }

  @Test
  void whoLostItsPositionsIsFencedOffThoughItStillHasASession() throws SQLException {
    LedgerUrl ledger = TestLedger.inItsOwnDatabase();
    try (Projection first = claimed(PostgresProjection.open(ledger));
        Connection user = ledger.open(Purpose.ADMINISTER)) {
      Sql.execute(user, "UPDATE runledger_g000001.positions SET owner = 'somebody else'");

      assertThatThrownBy(() -> deliver(first, JOB.started())).isInstanceOf(FencedException.class);

      assertThat(Sql.text(user, "SELECT count(*)::text FROM runledger.event_streams"))
          .isEqualTo(Optional.of("0"));
    }
  }

  @Test
  void twoThatOpenAnEmptyDatabaseAtOnceMakeOneLedger() throws Exception {
    LedgerUrl ledger = LedgerUrl.of(TestServer.shared().emptyDatabase(), Map.of());
    List<String> outcomes = new ArrayList<>();
    List<Thread> openers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread opener =
          new Thread(
              () -> {
                String outcome;
                try (Projection projection = PostgresProjection.open(ledger)) {
                  outcome = projection.name();
                } catch (ProjectionInUseException tooLate) {
                  outcome = "in use";
                }
                synchronized (outcomes) {
                  outcomes.add(outcome);
                }
              });
      opener.start();
      openers.add(opener);
    }
    for (Thread opener : openers) {
      opener.join();
    }

    assertThat(outcomes).hasSize(2).contains(ledger + " (schema runledger_g000001)");
    try (Connection user = ledger.open(Purpose.READ)) {
      assertThat(
              Sql.texts(user, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'runledger%'"))
          .containsExactlyInAnyOrder("runledger", "runledger_g000001");
    }
  }

  @Test
  void aServerThatTakesNoMoreConnectionsIsUnavailableAndNotBroken() throws SQLException {
    TestServer server = TestServer.shared();
    String url = server.emptyDatabase();
    String database = url.replaceAll(".*/(test_\\d+)\\?.*", "$1");
    server.sql("ALTER DATABASE " + database + " CONNECTION LIMIT 1");
    LedgerUrl ledger = LedgerUrl.of(url, Map.of());
    try (Connection only = ledger.open(Purpose.ADMINISTER)) {
      assertThat(only.isValid(5)).isTrue();
      assertThatThrownBy(() -> PostgresProjection.open(ledger))
          .isInstanceOf(ProjectionUnavailableException.class)
          .hasMessageContaining("too many connections");
    }
    server.sql("ALTER DATABASE " + database + " CONNECTION LIMIT -1");
    try (Projection projection = claimed(PostgresProjection.open(ledger))) {
      assertThat(deliver(projection, JOB.started()).applied()).isEqualTo(1);
    }
  }

  @Test
  void aServerThatIsNotThereIsUnavailable() {
    LedgerUrl nowhere =
        LedgerUrl.of("jdbc:postgresql://127.0.0.1:1/none?user=u&password=hush", Map.of());

    assertThatThrownBy(() -> PostgresProjection.open(nowhere))
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/none")
        .hasMessageNotContaining("hush");
  }

  @Test
  void manyPointsAreCopiedInOneBatch() throws SQLException {
    LedgerUrl ledger = TestLedger.inItsOwnDatabase();
    List<MetricRow> calls = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      calls.add(Events.call(i, Map.of("loss", (double) i, "f1", 0.5, "accuracy", -0.0)));
    }
    try (Projection projection = claimed(PostgresProjection.open(ledger));
        Connection user = ledger.open(Purpose.READ)) {
      deliver(projection, JOB.started(), JOB.metrics(calls.toArray(MetricRow[]::new)));

      assertThat(
              Sql.text(
                  user,
                  "SELECT count(*) || ' ' || count(DISTINCT (series_id, seq)) || ' ' || sum(step) FROM runledger.metric_points"))
          .isEqualTo(Optional.of("15000 15000 37492500"));
      assertThat(Deliveries.batch(projection, List.of()).records()).isEmpty();
    }
  }
}
