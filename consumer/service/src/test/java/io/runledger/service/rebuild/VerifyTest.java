package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.config.NotFoundException;
import io.runledger.contract.Events;
import io.runledger.fold.projection.TableComparison;
import io.runledger.schemas.Topics;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A database is compared with its log up to the positions that it has reached. */
@Timeout(60)
class VerifyTest {

  private static final LedgerTemplate FILLED =
      new LedgerTemplate(
          database -> {
            LogInMemory log = new LogInMemory();
            Events events = Events.ofSeed(1);
            log.append(events.started());
            log.append(events.error("ValueError", "bad shape"));
            LogInMemory.LEDGER.copyTo(database);
            Rebuild.Report filled =
                Rebuild.run(configuration(database), log, false, (done, total, soFar) -> {});
            assertThat(filled.events()).isEqualTo(2);
          });

  @TempDir private Path directory;
  private final LogInMemory log = new LogInMemory();
  private final Events events = Events.ofSeed(1);
  private Path database;

  @BeforeEach
  void aLedgerThatIsWhatItsLogSays() throws InterruptedException {
    database = directory.resolve("ledger.db");
    log.append(events.started());
    log.append(events.error("ValueError", "bad shape"));
    FILLED.copyTo(database);
  }

  @AfterEach
  void noCopyIsLeftBesideTheDatabase() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains(".verify-"));
    }
  }

  private static Configuration configuration(Path database) {
    return Configuration.load(
        Map.of("db", database.toString(), "schema.registry.url", "http://127.0.0.1:1"),
        Map.of("HOME", database.getParent().toString()),
        Optional.empty());
  }

  private Verify.Report verify() throws InterruptedException {
    return Verify.run(configuration(database), log, (done, total, soFar) -> {});
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void whatWasNotReadYetIsNoDifference() throws Exception {
    log.append(events.completed());

    Verify.Report report = verify();

    assertThat(report.differences()).isZero();
    assertThat(report.events()).isEqualTo(2);
    assertThat(report.gaps()).isEmpty();
  }

  @Test
  void aRowThatSomebodyChangedIsADifferenceOfItsTable() throws Exception {
    execute("UPDATE run_errors SET message = 'nothing to see'");

    assertThat(verify().tables())
        .filteredOn(table -> table.differences() > 0)
        .extracting(TableComparison::table)
        .containsExactly("run_errors");
  }

  @Test
  void aDatabaseThatHoldsMoreThanTheLogCannotBeVerifiedAgainstIt() {
    log.forget(Topics.ERRORS, 1);

    assertThatThrownBy(this::verify)
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("runledger.errors")
        .hasMessageContaining("cannot be verified");
  }

  @Test
  void aGapThatWasAcceptedIsToldAndTheRestIsCompared() throws Exception {
    log.forget(Topics.ERRORS, 1);
    assertThat(Rebuild.run(configuration(database), log, true, (d, t, s) -> {}).gaps()).hasSize(1);

    Verify.Report report = verify();

    assertThat(report.differences()).isZero();
    assertThat(report.gaps()).singleElement().asString().contains("offsets 0 to 0");
  }

  /** The offsets that are gone were taken off those that were there to be read. */
  @Test
  void aPartitionWhoseRecordsAreAllGoneCostsTheOthersNothing() throws Exception {
    log.forget(Topics.SLURM, 1);
    assertThat(
            AcceptGap.run(
                configuration(database), log, Optional.empty(), OptionalInt.empty(), false))
        .hasSize(1);
    log.forget(Topics.SLURM, 100);

    Verify.Report report = verify();

    assertThat(report.events()).isEqualTo(2);
    assertThat(report.differences()).isZero();
  }

  @Test
  void whatEndsItLeavesNoCopies() {
    log.atPoll =
        () -> {
          throw new KafkaException("The brokers are gone.");
        };

    assertThatThrownBy(this::verify).isInstanceOf(LogUnreadableException.class);
  }

  @Test
  void aDatabaseThatIsNotThereIsSaidToBeSo() {
    database = directory.resolve("absent.db");

    assertThatThrownBy(this::verify).isInstanceOf(NotFoundException.class);
  }
}
