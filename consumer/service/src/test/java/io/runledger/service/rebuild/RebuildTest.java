package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.contract.Events;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.ReplacementRunningException;
import io.runledger.schemas.Topics;
import io.runledger.service.deadletters.DeadLetters;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The new database is there as a whole, or the old one is as it was. */
@Timeout(60)
class RebuildTest {

  @TempDir private Path directory;
  private final LogInMemory log = new LogInMemory();
  private final Events events = Events.ofSeed(1);
  private Path database;

  @BeforeEach
  void aLogOfTwoEventsAndAnEmptyLedger() throws InterruptedException {
    database = directory.resolve("ledger.db");
    LogInMemory.LEDGER.copyTo(database);
    log.append(events.started());
    log.append(events.error("ValueError", "bad shape"));
  }

  @AfterEach
  void noGenerationIsLeftButTheOneInUseAndTheOneBefore() throws IOException {
    long inUse = generation().number();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".db") && name.startsWith("ledger-g"))
          .hasSizeLessThanOrEqualTo(2)
          .allMatch(name -> Long.parseLong(name.replaceAll("[^0-9]", "")) <= inUse);
    }
    assertThat(log.isLeftAlone()).isTrue();
  }

  private Rebuild.Report rebuild(boolean acceptGap) throws InterruptedException {
    Configuration configuration =
        Configuration.load(
            Map.of("db", database.toString(), "schema.registry.url", "http://127.0.0.1:1"),
            Map.of("HOME", directory.toString()),
            Optional.empty());
    return Rebuild.run(configuration, log, acceptGap, (done, total, soFar) -> {});
  }

  private Generation generation() {
    return Generation.current(database).orElseThrow();
  }

  private long count(String table) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet counted = statement.executeQuery("SELECT count(*) FROM " + table)) {
      return counted.getLong(1);
    }
  }

  @Test
  void theNewGenerationHoldsWhatTheLogHoldsAndReadersMayFinishWithTheOldOne() throws Exception {
    Generation before = generation();

    Rebuild.Report report = rebuild(false);

    assertThat(report.offsets()).isEqualTo(2);
    assertThat(report.events()).isEqualTo(2);
    assertThat(report.gaps()).isEmpty();
    assertThat(report.oldDatabase()).isEmpty();
    assertThat(generation().number()).isGreaterThan(before.number());
    assertThat(before.file()).exists();
    assertThat(count("run_errors")).isEqualTo(1);
  }

  @Test
  void historyThatIsMissingEndsItBeforeAnythingIsChanged() throws Exception {
    Generation before = generation();
    log.forget(Topics.ERRORS, 1);

    assertThatThrownBy(() -> rebuild(false))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("runledger.errors")
        .hasMessageContaining("nothing was changed")
        .hasMessageContaining("--accept-gap");

    assertThat(generation()).isEqualTo(before);
    assertThat(log.readers()).as("nothing was read").isZero();
  }

  @Test
  void historyThatWasAcceptedToBeMissingIsNotedInTheNewDatabase() throws Exception {
    log.forget(Topics.ERRORS, 1);

    Rebuild.Report report = rebuild(true);

    assertThat(report.gaps()).singleElement().asString().contains("runledger.errors");
    try (ProjectionReader open = new SqliteLocation(database).read()) {
      assertThat(open.gaps())
          .singleElement()
          .satisfies(
              gap -> {
                assertThat(gap.from()).isZero();
                assertThat(gap.to()).isEqualTo(1);
              });
    }
  }

  @Test
  void aGapThatWasAcceptedBeforeStaysVisible() throws Exception {
    log.forget(Topics.ERRORS, 1);
    assertThat(rebuild(true).gaps()).hasSize(1);

    assertThat(rebuild(true).gaps()).hasSize(1);

    try (ProjectionReader open = new SqliteLocation(database).read()) {
      assertThat(open.gaps()).hasSize(1);
    }
  }

  @Test
  void whatRulesFoundIsTakenOverWithWhatBecameOfIt() throws Exception {
    Instant then = Instant.parse("2026-01-02T03:04:05Z");
    CarriedFiring found =
        new CarriedFiring(
            new Firing(
                "nan",
                events.run().value(),
                1,
                "attempt:1 writer:2 seq:3 loss",
                "metric loss is nan",
                Optional.empty(),
                Optional.of(new Firing.Point(2, "loss", 3, null, Double.NaN)),
                5,
                false,
                then,
                Optional.of(9L),
                Optional.of(then)),
            List.of(
                new CarriedFiring.Delivery(
                    "chat", "pending", 2, then, Optional.empty(), Optional.of("It answered 500.")),
                new CarriedFiring.Delivery(
                    "mail", "delivered", 1, then, Optional.of(then), Optional.empty())));
    try (Projection old = new SqliteLocation(database).open()) {
      old.carryFirings(List.of(found));
    }

    rebuild(false);

    try (ProjectionReader rebuilt = new SqliteLocation(database).read()) {
      assertThat(rebuilt.firingsAfter(Optional.empty(), 10)).containsExactly(found);
    }
  }

  @Test
  void aDeadLetterThatWasDismissedStaysDismissed() throws Exception {
    log.append(Topics.RUNS, null, new byte[] {42});
    assertThat(rebuild(false).deadLetters()).isEqualTo(1);
    execute("UPDATE dead_letters SET state = 'dismissed', disposition = 'a test of ours'");

    assertThat(rebuild(false).deadLetters()).isEqualTo(1);

    assertThat(DeadLetters.waiting(new SqliteLocation(database))).isEmpty();
    try (ProjectionReader open = new SqliteLocation(database).read()) {
      assertThat(open.dismissals()).singleElement().asString().contains("a test of ours");
    }
  }

  @Test
  void whatEndsItEarlyLeavesTheOldDatabaseAndNoHalfOne() throws Exception {
    Generation before = generation();
    log.atPoll =
        () -> {
          throw new KafkaException("The brokers are gone.");
        };

    assertThatThrownBy(() -> rebuild(false)).isInstanceOf(LogUnreadableException.class);

    assertThat(generation()).isEqualTo(before);
    assertThat(count("run_errors")).isZero();
  }

  @Test
  void aDatabaseOfAnotherPrefixIsNotReplaced() throws Exception {
    assertThat(rebuild(false).events()).isEqualTo(2);
    Generation before = generation();
    execute("UPDATE positions SET topic = replace(topic, 'runledger.', 'lab.')");

    assertThatThrownBy(() -> rebuild(true))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("lab.*");

    assertThat(generation()).isEqualTo(before);
  }

  @Test
  void twoRebuildsOfOneDatabaseDoNotMeet() throws Exception {
    log.atPoll =
        () -> {
          log.atPoll = () -> {};
          assertThatThrownBy(() -> rebuild(false))
              .isInstanceOf(ReplacementRunningException.class)
              .hasMessageContaining("Another rebuild");
        };

    assertThat(rebuild(false).events()).isEqualTo(2);
    assertThat(rebuild(false).events()).as("the lock ends with the rebuild").isEqualTo(2);
  }

  private void execute(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
