package io.runledger.service.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.rebuild.AcceptGap.NoGapException;
import io.runledger.service.stop.PositionException;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.SqliteProjection;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Positions are moved past what is gone where an operator said so, and nowhere else. */
class AcceptGapTest {

  private static final LedgerTemplate BEGUN =
      new LedgerTemplate(
          database -> {
            try (Projection projection = SqliteProjection.open(database)) {
              projection.claim("service", PositionCheck.beginnings(new LogInMemory().inspect()));
            }
          });

  @TempDir private Path directory;
  private final LogInMemory log = new LogInMemory();
  private Path database;

  @BeforeEach
  void aLedgerAtTheBeginningOfALogThatHasLostTheFirstRecordsOfTwoTopics()
      throws InterruptedException {
    database = directory.resolve("ledger.db");
    BEGUN.copyTo(database);
    log.forget(Topics.ERRORS, 5);
    log.forget(Topics.SLURM, 7);
  }

  private List<String> accept(String topic, int partition, boolean dryRun) {
    return AcceptGap.run(
        configuration(), log, Optional.of(topic), OptionalInt.of(partition), dryRun);
  }

  private Configuration configuration() {
    return Configuration.load(
        Map.of("db", database.toString()), Map.of("HOME", directory.toString()), Optional.empty());
  }

  private long position(Topics topic) {
    try (ProjectionReader open = new SqliteLocation(database).read()) {
      return open.positions().stream()
          .filter(position -> position.topic().equals(TopicNames.DEFAULT.name(topic)))
          .mapToLong(Position::nextOffset)
          .sum();
    }
  }

  private List<AcceptedHistoryGap> gaps() {
    try (ProjectionReader open = new SqliteLocation(database).read()) {
      return open.gaps();
    }
  }

  @Test
  void theOneThatIsNamedIsNotedAndPassedAndTheOtherStays() {
    assertThat(accept("runledger.errors", 0, false))
        .singleElement()
        .asString()
        .contains("runledger.errors partition 0 begins at offset 5");

    assertThat(position(Topics.ERRORS)).isEqualTo(5);
    assertThat(position(Topics.SLURM)).isZero();
    assertThat(gaps()).singleElement().asString().contains("runledger.errors", "from=0", "to=5");
  }

  @Test
  void withoutANameAllAreAcceptedTogether() {
    assertThat(AcceptGap.run(configuration(), log, Optional.empty(), OptionalInt.empty(), false))
        .hasSize(2);

    assertThat(position(Topics.ERRORS)).isEqualTo(5);
    assertThat(position(Topics.SLURM)).isEqualTo(7);
  }

  @Test
  void aDryRunTellsTheSameAndChangesNothing() {
    assertThat(accept("runledger.errors", 0, true)).hasSize(1);

    assertThat(position(Topics.ERRORS)).isZero();
    assertThat(gaps()).isEmpty();
  }

  @Test
  void whereNothingIsMissingNothingIsAccepted() {
    assertThatThrownBy(() -> accept("runledger.errors", 1, false))
        .isInstanceOf(NoGapException.class)
        .hasMessageContaining("in topic runledger.errors; nothing was changed");
    assertThatThrownBy(() -> accept("runledger.runs", 0, false)).isInstanceOf(NoGapException.class);

    assertThat(gaps()).isEmpty();
  }

  @Test
  void aGapIsAcceptedOnce() {
    assertThat(accept("runledger.errors", 0, false)).hasSize(1);

    assertThatThrownBy(() -> accept("runledger.errors", 0, false))
        .isInstanceOf(NoGapException.class);

    assertThat(gaps()).hasSize(1);
  }

  @Test
  void aLedgerOfAnotherPrefixIsLeftAlone() {
    Configuration lab = configuration();
    LogInMemory other = new LogInMemory();
    other.topics = new TopicNames("lab");

    assertThatThrownBy(
            () -> AcceptGap.run(lab, other, Optional.empty(), OptionalInt.empty(), false))
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("topics.prefix is lab");
  }
}
