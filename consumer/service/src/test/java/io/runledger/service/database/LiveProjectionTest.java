package io.runledger.service.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.contract.Deliveries;
import io.runledger.contract.Events;
import io.runledger.fold.alert.AlertListener;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.Condition;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.alert.RunScope;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.sqlite.SqliteLocation;
import io.runledger.sqlite.SqliteProjection;
import io.runledger.sqlite.file.Generation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that is written: which one it is, and what an error does to it. */
class LiveProjectionTest {

  private static final Position POSITION =
      new Position("cluster", "runledger.runs", "id", 0, 5, OptionalInt.empty());

  @TempDir private Path directory;
  private Path database;
  private LiveProjection projection;

  @BeforeEach
  void openIt() throws InterruptedException {
    database = directory.resolve("ledger.db");
    LedgerTemplate.EMPTY.copyTo(database);
    projection = LiveProjection.open(new SqliteLocation(database));
  }

  @AfterEach
  void closeIt() {
    projection.close();
  }

  private void execute(String sql) throws SQLException {
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = other.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void whatIsClaimedIsGivenBackAsItStandsThen() {
    assertThat(projection.claim("one", List.of(POSITION))).containsExactly(POSITION);
    Position another = new Position("cluster", "runledger.runs", "id", 0, 0, OptionalInt.empty());

    assertThat(projection.claim("two", List.of(another)))
        .as("a stored position keeps its offset")
        .containsExactly(POSITION);
    assertThat(projection.claim("two", List.of())).isEmpty();
  }

  @Test
  void aRebuildPutsAnotherGenerationInItsPlaceWhichIsOpenedWhenItIsAskedFor() {
    assertThat(projection.isSuperseded()).isFalse();
    String before = projection.name();
    Generation next = Generation.next(database);
    try (Projection rebuilt = SqliteProjection.create(next)) {
      rebuilt.rememberSchema(7, "\"string\"");
      rebuilt.finish();
    }
    next.publish();

    assertThat(projection.isSuperseded()).isTrue();
    assertThat(projection.schema(7)).as("until then the old one").isEmpty();
    projection.reopen();

    assertThat(projection.isSuperseded()).isFalse();
    assertThat(projection.schema(7)).contains("\"string\"");
    assertThat(projection.name()).isEqualTo(next.file().toString()).isNotEqualTo(before);
  }

  @Test
  void whatRulesFoundWhileARebuildEndedIsInTheNewGenerationAndFiresNothingAgain() {
    AtomicInteger fired = new AtomicInteger();
    AlertListener listener =
        new AlertListener() {
          @Override
          public void fired(int count) {
            fired.addAndGet(count);
          }

          @Override
          public void failed(String why) {
            throw new AssertionError(why);
          }
        };
    projection.watch(
        new AlertRules(
            List.of(
                new AlertRule(
                    "failed", new Condition.StatusBecomes(RunStatus.FAILED), RunScope.ALL)),
            List.of("chat"),
            Duration.ofHours(1),
            () -> Events.DAWN.plusSeconds(3_600),
            listener));
    projection.claim(Deliveries.OWNER, Deliveries.beginnings());
    Events job = Events.ofSeed(1);
    List<Decoded> events =
        List.of(
            new Decoded.Event(job.started()),
            new Decoded.Event(job.status(RunStatus.FAILED, StatusSource.JOB, 1)));
    Generation next = Generation.next(database);
    try (Projection rebuilt = SqliteProjection.create(next)) {
      rebuilt.claim("rebuild", Deliveries.beginnings());
      rebuilt.finish();
    }
    projection.apply(Deliveries.batch(projection.positions(), events));
    Firing firing =
        projection.dueDeliveries("chat", Events.DAWN.plusSeconds(3_600), 10).get(0).firing();
    projection.delivered(firing, "chat", Events.DAWN.plusSeconds(3_600));
    next.publish();

    projection.reopen();
    projection.claim(Deliveries.OWNER, Deliveries.beginnings());
    projection.apply(Deliveries.batch(projection.positions(), events));

    assertThat(fired).hasValue(1);
    assertThat(projection.pendingDeliveries()).isZero();
  }

  @Test
  void openingItAgainWhenNothingHappenedChangesNothing() {
    projection.remember(7, "\"string\"");

    projection.reopen();

    assertThat(projection.schema(7)).contains("\"string\"");
  }

  @Test
  void afterAnErrorNothingIsWrittenThroughTheOldConnectionAndAFreshOneGoesOn() throws SQLException {
    execute("ALTER TABLE positions RENAME TO hidden");
    assertThatThrownBy(() -> projection.claim("one", List.of(POSITION)))
        .isInstanceOf(RuntimeException.class);
    execute("ALTER TABLE hidden RENAME TO positions");

    assertThatThrownBy(() -> projection.positions())
        .isInstanceOf(ProjectionUnavailableException.class)
        .hasMessageContaining("was closed after an error");
    projection.reopen();

    assertThat(projection.claim("one", List.of(POSITION))).containsExactly(POSITION);
  }

  @Test
  void whoHasItOpenIsItsOnlyWriterAndGivesThatBack() {
    assertThatThrownBy(() -> LiveProjection.open(new SqliteLocation(database)))
        .isInstanceOf(ProjectionInUseException.class);

    projection.close();

    LiveProjection.open(new SqliteLocation(database)).close();
  }
}
