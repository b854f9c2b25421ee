package io.runledger.service.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.deadletters.DeadLetterRequest;
import io.runledger.service.deadletters.DeadLetters;
import io.runledger.service.rebuild.AcceptGap;
import io.runledger.service.rebuild.Rebuild;
import io.runledger.service.rebuild.Verify;
import io.runledger.service.spool.SpoolLog;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.sqlite.SqliteLocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A spool's files as the log of a database: what is in it, and what happens to the files. */
@Timeout(60)
class FollowerTest {

  private static final String START =
      "{\"at\":\"2026-11-29T05:00:00Z\",\"writer_id\":\"00000000000c1\",\"start\":{\"experiment\":\"7\",\"seed\":1}}\n";

  @TempDir private Path directory;
  private final Map<String, String> more = new HashMap<>();
  private Path spool;
  private Path database;
  private Optional<Follower> follower = Optional.empty();
  private Optional<Thread> thread = Optional.empty();

  @BeforeEach
  void aSpool() throws Exception {
    spool = Files.createDirectory(directory.resolve("spool"));
    database = directory.resolve("desk.db");
    LedgerTemplate.EMPTY.copyTo(database);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (follower.isPresent()) {
      follower.get().end();
      thread.orElseThrow().join();
      follower.get().close();
      follower = Optional.empty();
    }
  }

  private Configuration configuration() {
    Map<String, String> flags = new HashMap<>(more);
    flags.put(Setting.DB.key(), database.toString());
    flags.put(Setting.SPOOL.key(), spool.toString());
    return Configuration.load(flags, Map.of("HOME", directory.toString()), Optional.empty());
  }

  private void follow() {
    Follower started = Follower.open(spool, configuration());
    Thread running =
        new Thread(
            () -> {
              try {
                started.run(Optional.empty());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "follower-of-test");
    running.start();
    follower = Optional.of(started);
    thread = Optional.of(running);
  }

  /** Waits until all is applied that is in the spool now. */
  private void awaitMark() throws Exception {
    Path mark = Files.createFile(spool.resolve(".mark-" + System.nanoTime()));
    await().until(() -> !Files.exists(mark));
  }

  private void append(String file, String lines) throws Exception {
    Files.writeString(
        spool.resolve(file), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String loss(double value, int step) {
    return "{\"metrics\":{\"loss\":%s},\"step\":%d}%n".formatted(value, step);
  }

  private String sql(String query) {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "";
    } catch (SQLException e) {
      throw new AssertionError(query, e);
    }
  }

  private long differences() throws InterruptedException {
    return Verify.run(
            configuration(), SpoolLog.of(spool, configuration()), (done, total, soFar) -> {})
        .differences();
  }

  @Test
  void whatIsAppendedIsInTheDatabaseOnceHoweverOftenTheFollowerBegins() throws Exception {
    append("a.jsonl", START + loss(0.5, 1));
    follow();
    awaitMark();
    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("1");

    append("a.jsonl", loss(0.4, 2) + "{\"metrics\":{\"loss\":0.3");
    awaitMark();
    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("2");
    stop();
    append("a.jsonl", "},\"step\":3}\n{\"status\":\"completed\"}\n{\"end\":true}\n");
    follow();
    awaitMark();

    assertThat(sql("SELECT group_concat(step || ':' || value, ' ') FROM metrics"))
        .isEqualTo("1:0.5 2:0.4 3:0.3");
    assertThat(sql("SELECT status FROM runs")).isEqualTo("completed");
    assertThat(sql("SELECT max(events) FROM event_streams")).isEqualTo("3");
    assertThat(differences()).isZero();
  }

  @Test
  void aLetterIsDismissedWhileItFollowsAndACopyOfTheDatabaseHasThat() throws Exception {
    append("a.jsonl", START + loss(0.5, 1) + "not a line\n" + loss(0.25, 2));
    follow();
    awaitMark();

    List<Boolean> done = new ArrayList<>();
    DeadLetters.handle(
        configuration(),
        List.of(new DeadLetterRequest.Retry(1), new DeadLetterRequest.Dismiss(1, "a test")),
        outcome -> done.add(outcome.done()));
    Path file = directory.resolve("copy.db");
    long events = new SqliteLocation(database).backUp(file, false).events();
    SqliteLocation copy = new SqliteLocation(file);

    assertThat(done).containsExactly(false, true);
    // The bad line counts as an event that was dropped.
    assertThat(events).isEqualTo(4);
    assertThat(DeadLetters.find(copy, 1)).isPresent();
    assertThat(DeadLetters.waiting(copy)).isEmpty();
    assertThat(differences()).isZero();
  }

  @Test
  void aSpoolThatIsRemovedWithItsDatabaseIsNotCreatedAgain() throws Exception {
    append("a.jsonl", START + loss(0.5, 1) + "{\"end\":true}\n");
    follow();
    awaitMark();

    Files.delete(database);
    try (var files = Files.list(spool)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(spool);

    await().until(() -> !thread.orElseThrow().isAlive());
    assertThat(spool).doesNotExist();
    assertThat(database).doesNotExist();
  }

  @Test
  void filesStayWhereTheyAreAndMakeTheDatabaseAgain() throws Exception {
    append("a.jsonl", START + loss(0.5, 1) + "{\"end\":true}\n");
    follow();
    awaitMark();
    stop();
    assertThat(spool.resolve("a.jsonl")).exists();
    try (var files = Files.list(directory)) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().contains("desk")).toList()) {
        Files.delete(file);
      }
    }

    Rebuild.run(
        configuration(), SpoolLog.of(spool, configuration()), false, (done, total, soFar) -> {});

    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("1");
    assertThat(differences()).isZero();
    follow();
    append("a.jsonl", loss(0.4, 2));
    awaitMark();
    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("2");
  }

  @Test
  void aRebuildWhileItFollowsIsContinuedFrom() throws Exception {
    append("a.jsonl", START + loss(0.5, 1));
    follow();
    awaitMark();

    Rebuild.run(
        configuration(), SpoolLog.of(spool, configuration()), false, (done, total, soFar) -> {});
    append("a.jsonl", loss(0.4, 2));
    awaitMark();

    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("2");
  }

  @Test
  void aLineThatIsNoEventIsADeadLetterWithItsFileAndLine() throws Exception {
    append("a.jsonl", START + "{\"metrics\":\n" + loss(0.5, 1));
    follow();
    awaitMark();

    assertThat(sql("SELECT topic || ' ' || \"offset\" || ' ' || reason FROM dead_letters"))
        .isEqualTo("a.jsonl 2 bad line");
    assertThat(sql("SELECT value FROM dead_letters")).isEqualTo("{\"metrics\":");
    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("1");
  }

  @Test
  void aFileThatIsShortenedIsReadAgainAndWhatIsGoneStaysVisible() throws Exception {
    append("a.jsonl", START + loss(0.5, 1) + loss(0.4, 2));
    follow();
    awaitMark();

    Files.writeString(spool.resolve("a.jsonl"), START + loss(0.5, 1));
    awaitMark();
    append("a.jsonl", loss(0.3, 2));
    awaitMark();

    assertThat(sql("SELECT count(*) FROM gaps")).isEqualTo("1");
    assertThat(sql("SELECT reason FROM gaps")).contains("a.jsonl was shortened");
    assertThat(sql("SELECT next_offset FROM positions"))
        .isEqualTo(Long.toString(Files.size(spool.resolve("a.jsonl"))));
  }

  @Test
  void aFileThatIsGoneIsHistoryThatARebuildRefusesToLoseByItself() throws Exception {
    append("a.jsonl", START + loss(0.5, 1));
    append("b.jsonl", START.replace("\"seed\":1", "\"seed\":2").replace("c1", "c2"));
    follow();
    awaitMark();
    stop();
    Files.delete(spool.resolve("a.jsonl"));
    SpoolLog log = SpoolLog.of(spool, configuration());

    assertThatThrownBy(() -> Rebuild.run(configuration(), log, false, (done, total, soFar) -> {}))
        .isInstanceOf(PositionException.class)
        .hasMessageContainingAll("a.jsonl", "not in the spool any more", "--accept-gap");
    assertThat(sql("SELECT count(*) FROM metrics")).isEqualTo("1");

    assertThat(AcceptGap.run(configuration(), log, Optional.empty(), OptionalInt.empty(), false))
        .hasSize(1);
    assertThat(sql("SELECT count(*) FROM gaps")).isEqualTo("1");
    assertThat(sql("SELECT count(*) FROM positions WHERE topic = 'a.jsonl'")).isEqualTo("0");
  }

  @Test
  void aDatabaseOfTopicsOrOfAnotherSpoolIsRefused() throws Exception {
    try (Projection projection = new SqliteLocation(database).open()) {
      projection.claim(
          "service",
          List.of(new Position("cluster", "runledger.runs", "id", 0, 7, OptionalInt.empty())));
    }
    assertThatThrownBy(this::follow)
        .isInstanceOf(PositionException.class)
        .hasMessageContainingAll(database.toString(), "from topics", "runledger consume");

    database = directory.resolve("other.db");
    append("a.jsonl", START);
    follow();
    awaitMark();
    stop();
    spool = Files.createDirectory(directory.resolve("another"));
    assertThatThrownBy(this::follow)
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("another spool");
  }

  @Test
  void aFileInPlaceOfTheSpoolIsNamed() throws Exception {
    spool = Files.createFile(directory.resolve("file"));
    database = directory.resolve("none.db");

    assertThatThrownBy(this::follow)
        .isInstanceOf(LogUnreadableException.class)
        .hasMessage(
            "The spool %s is not a directory; specify the one that jobs append to with --spool.",
            spool);
    assertThat(database).doesNotExist();
  }

  @Test
  void whatAnotherUserPutsIntoTheSpoolMeanwhileIsNotApplied() throws Exception {
    assumeTrue(Files.getAttribute(spool, "unix:uid").equals(0), "only root gives files away");
    follow();
    awaitMark();
    Path ofAnother = Files.writeString(directory.resolve("b.jsonl"), START + loss(0.5, 1));
    Files.setAttribute(ofAnother, "unix:uid", 65534);

    Files.move(ofAnother, spool.resolve("b.jsonl"));
    append("a.jsonl", START + loss(0.4, 2));
    awaitMark();

    assertThat(sql("SELECT group_concat(value) FROM metrics")).isEqualTo("0.4");
  }

  @Test
  void rulesOfAlertsAreEvaluatedOnceHoweverOftenTheFollowerBegins() throws Exception {
    Path told = directory.resolve("told");
    Path rules =
        Files.writeString(
            directory.resolve("alerts.rules"),
            """
            alert high: metric loss > 5 for 2 points
            deliver by command /bin/sh -c "cat >> %s"
            """
                .formatted(told));
    more.put(Setting.ALERTS_FILE.key(), rules.toString());
    // The lines of these tests are of another day.
    more.put(Setting.ALERTS_MAX_AGE_SECONDS.key(), "2000000000");
    append("a.jsonl", START + loss(9, 1));
    follow();
    awaitMark();
    stop();

    append("a.jsonl", loss(9, 2));
    follow();
    await().until(() -> sql("SELECT state FROM alert_deliveries").equals("delivered"));
    append("a.jsonl", loss(9, 3));
    awaitMark();
    stop();

    assertThat(sql("SELECT count(*) FROM alert_firings")).isEqualTo("1");
    assertThat(Files.readString(told)).containsOnlyOnce("\"rule\":\"high\"").contains("\"step\":2");
    assertThat(differences()).isZero();
  }

  @Test
  void oneFollowerWritesADatabase() throws Exception {
    follow();
    assertThatThrownBy(() -> Follower.open(spool, configuration()))
        .isInstanceOf(ProjectionInUseException.class);
  }

  @Test
  void itEndsWhenNothingComesAndNobodyIsKnownWhoCouldAppend() throws Exception {
    append("a.jsonl", START);
    try (Follower idle = Follower.open(spool, configuration())) {
      idle.run(Optional.of(Duration.ofMillis(1)));
    }

    assertThat(sql("SELECT count(*) FROM experiment_runs")).isEqualTo("1");
  }
}
