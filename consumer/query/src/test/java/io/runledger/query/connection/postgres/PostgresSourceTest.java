package io.runledger.query.connection.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.Replacement;
import io.runledger.postgres.PostgresLocation;
import io.runledger.postgres.server.TestServer;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerWatch;
import io.runledger.query.Snapshot;
import io.runledger.query.failure.LedgerUnavailableException;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader of a ledger on a server, while others write, rebuild and restart. */
class PostgresSourceTest {

  private static final Events JOB = Events.ofSeed(1);

  @TempDir Path directory;
  private TestServer server;
  private String url;
  private PostgresLocation location;

  @BeforeEach
  void findTheServer() {
    server = TestServer.shared();
  }

  private void makeALedgerOn(TestServer chosen) {
    url = chosen.emptyDatabase();
    location = PostgresLocation.of(url, Map.of(), directory);
    deliver(JOB);
  }

  private void deliver(Events job) {
    try (Projection projection = Deliveries.claimed(location.open())) {
      Deliveries.deliver(projection, job.started(), job.metric("loss", 1, 0.5));
    }
  }

  private Ledger open() {
    return Ledger.open(url, Duration.ofSeconds(20));
  }

  private void rebuild(Events job) {
    try (Replacement replacement = location.replace()) {
      try (Projection projection = Deliveries.claimed(replacement.open())) {
        Deliveries.deliver(projection, job.started());
        projection.finish();
      }
      replacement.publish();
    }
  }

  private static void change(String url, String sql) {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aReaderFollowsARebuildAndASnapshotStaysOnItsGeneration() {
    makeALedgerOn(server);
    Events other = Events.ofSeed(2);
    try (Ledger ledger = open();
        Snapshot snapshot = ledger.snapshot()) {
      // More often than until the driver has the server prepare it.
      for (int i = 0; i < 8; i++) {
        assertThat(ledger.runs(RunFilter.all())).extracting(Run::id).containsExactly(JOB.run());
      }

      rebuild(other);

      assertThat(ledger.runs(RunFilter.all())).extracting(Run::id).containsExactly(other.run());
      assertThat(snapshot.runs(RunFilter.all())).extracting(Run::id).containsExactly(JOB.run());
    }
  }

  @Test
  void whatARoleHasSetForItselfChangesNoAnswer() {
    url = server.emptyDatabase();
    String database = url.replaceAll(".*/(\\w+)\\?.*", "$1");
    server.sql(
        "ALTER DATABASE " + database + " SET extra_float_digits = -10",
        "ALTER DATABASE " + database + " SET standard_conforming_strings = off",
        "ALTER DATABASE " + database + " SET escape_string_warning = off",
        "ALTER DATABASE " + database + " SET transform_null_equals = on",
        "ALTER DATABASE " + database + " SET default_transaction_isolation = 'serializable'",
        "ALTER DATABASE " + database + " SET bytea_output = 'escape'",
        "ALTER DATABASE " + database + " SET DateStyle = 'German'",
        "ALTER DATABASE " + database + " SET TimeZone = 'Pacific/Chatham'");
    location = PostgresLocation.of(url, Map.of(), directory);
    try (Projection projection = Deliveries.claimed(location.open())) {
      Deliveries.deliver(projection, JOB.started(), JOB.metric("loss", 1, 1 / 300.0));
    }

    try (Ledger ledger = open()) {
      assertThat(ledger.points(JOB.run(), "loss"))
          .extracting(MetricPoint::value)
          .containsExactly(1 / 300.0);
      assertThat(ledger.best("loss", Optimum.MIN))
          .map(best -> best.best().value())
          .contains(1 / 300.0);
      assertThat(ledger.run(JOB.run())).isPresent();
    }
  }

  @Test
  void aWatchSeesEachCommitOfThisLedgerAndNoOther() {
    makeALedgerOn(server);
    try (Ledger ledger = open();
        LedgerWatch watch = ledger.watch()) {
      assertThat(watch.changes().isEmpty()).isTrue();
      long first = watch.version();

      change(server.emptyDatabase(), "CREATE TABLE others AS SELECT 1 AS one");
      assertThat(watch.version()).as("after a commit in another database").isEqualTo(first);

      deliver(Events.ofSeed(3));
      long second = watch.version();
      assertThat(second).as("after a batch").isGreaterThan(first);
      assertThat(watch.changes().runs()).contains(Events.ofSeed(3).run());

      change(url, "UPDATE runledger_g000001.projection_info SET value = value");
      assertThat(watch.version()).as("after a change without a batch").isGreaterThan(second);

      rebuild(Events.ofSeed(4));
      assertThat(watch.changes().isAll()).as("after a rebuild").isTrue();
    }
  }

  @Test
  void aReaderThatWasIdleSurvivesARestartOfTheServer() {
    try (TestServer own = TestServer.separate()) {
      makeALedgerOn(own);
      try (Ledger ledger = open();
          LedgerWatch watch = ledger.watch()) {
        assertThat(ledger.runs(RunFilter.all())).hasSize(1);
        assertThat(watch.version()).isPositive();

        own.stop();
        assertThatExceptionOfType(LedgerUnavailableException.class)
            .isThrownBy(() -> ledger.runs(RunFilter.all()))
            .withMessageContaining("cannot be reached");
        own.start();

        assertThat(ledger.runs(RunFilter.all())).hasSize(1);
        assertThat(watch.version()).isPositive();
      }
    }
  }

  @Test
  void aRoleThatMayNotReadIsTold() {
    makeALedgerOn(server);
    try (Ledger ledger = open()) {
      assertThat(ledger.runs(RunFilter.all())).hasSize(1);
    }
    String guarded = url.replace("user=runledger", "user=guarded&password=open sesame");

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> Ledger.open(guarded, Duration.ofSeconds(20)))
        .withMessageContaining("read-only-role.sql")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("sesame"));
  }
}
