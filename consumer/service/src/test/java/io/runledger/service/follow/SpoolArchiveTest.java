package io.runledger.service.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.contract.Events;
import io.runledger.schemas.Topics;
import io.runledger.service.database.LedgerTemplate;
import io.runledger.service.rebuild.Rebuild;
import io.runledger.service.rebuild.Verify;
import io.runledger.service.spool.SpoolLog;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import io.runledger.spool.FollowedSpool;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What moves from a spool to its archive, and that it stays a part of the log there. */
@Timeout(60)
class SpoolArchiveTest {

  private static final String LINES =
      """
      {"at":"2026-11-29T05:00:00Z","writer_id":"00000000000c1","start":{"experiment":"7"}}
      {"metrics":{"loss":0.5},"step":1}
      """;
  private static final String END = "{\"end\":true}\n";
  private static final long WRITER = 1L << 60;

  @TempDir private Path directory;
  private Path spool;
  private Path archive;
  private Path database;

  @BeforeEach
  void aSpool() throws Exception {
    spool = Files.createDirectory(directory.resolve("spool"));
    archive = directory.resolve("archive");
    database = directory.resolve("desk.db");
    LedgerTemplate.EMPTY.copyTo(database);
  }

  private Configuration configuration() {
    return Configuration.load(
        Map.of(Setting.DB.key(), database.toString(), Setting.SPOOL.key(), spool.toString()),
        Map.of("HOME", directory.toString()),
        Optional.empty());
  }

  /** Follows until the archive holds these, and all is applied. */
  private void followUntilArchived(String... names) throws Exception {
    follow(
        Optional.of(archive),
        () -> Stream.of(names).allMatch(name -> Files.exists(archive.resolve(name))));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private void follow(Optional<Path> archiveTo, Condition condition) throws Exception {
    try (Follower follower = Follower.open(spool, archiveTo, configuration())) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  follower.run(Optional.empty());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "follower-of-test");
      thread.start();
      awaitAnswer();
      await().atMost(Duration.ofSeconds(30)).until(condition::holds);
      follower.end();
      thread.join();
    }
  }

  /** Waits until all is applied that is in the spool now. */
  private void awaitAnswer() throws IOException {
    Path mark = Files.createFile(spool.resolve(".mark-" + System.nanoTime()));
    await().until(() -> !Files.exists(mark));
  }

  /** As if its process had left it a minute ago. */
  private static Path rested(Path file) throws IOException {
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
  }

  private Path lines(String name, String text) throws IOException {
    return rested(Files.writeString(spool.resolve(name), text));
  }

  private String segments() throws IOException {
    Events run = Events.ofSeed(1).writer(WRITER);
    Path written;
    try (SpoolWriter writer = SpoolWriter.create(spool, WRITER, 1 << 20, 1L << 30, 1 << 20)) {
      writer.append(Topics.RUNS, seq -> run.started());
      writer.append(Topics.METRICS, seq -> run.metric("loss", 1, 0.25));
      written = writer.directory();
    }
    try (Stream<Path> files = Files.list(written)) {
      for (Path file : files.toList()) {
        rested(file);
      }
    }
    return written.getFileName().toString();
  }

  private long events() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT sum(events) FROM event_streams")) {
      return row.getLong(1);
    }
  }

  private long differences() throws InterruptedException {
    return Verify.run(
            configuration(), SpoolLog.of(spool, configuration()), (done, total, soFar) -> {})
        .differences();
  }

  private void rebuild() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().startsWith("desk")).toList()) {
        Files.delete(file);
      }
    }
    Rebuild.run(
        configuration(), SpoolLog.of(spool, configuration()), false, (done, total, soFar) -> {});
  }

  @Test
  void whatIsCompleteMovesAndMakesTheDatabaseAgainFromThere() throws Exception {
    lines("complete.jsonl", LINES + END);
    String writer = segments();

    followUntilArchived("complete.jsonl", writer);

    assertThat(spool.resolve("complete.jsonl")).doesNotExist();
    assertThat(spool.resolve(writer)).doesNotExist();
    assertThat(differences()).isZero();
    long before = events();
    rebuild();
    assertThat(events()).isEqualTo(before).isEqualTo(4);
    assertThat(differences()).isZero();
  }

  @Test
  void whatSomebodyMayAppendToStays() throws Exception {
    lines("complete.jsonl", LINES + END);
    lines("open.jsonl", LINES.replace("c1", "c2"));
    Files.writeString(spool.resolve("fresh.jsonl"), LINES.replace("c1", "c3") + END);

    followUntilArchived("complete.jsonl");

    assertThat(archive.toFile().list()).containsExactlyInAnyOrder(".followed", "complete.jsonl");
    assertThat(spool.resolve("open.jsonl")).exists();
    assertThat(spool.resolve("fresh.jsonl")).exists();
  }

  @Test
  void aDatabaseThatIsLostIsMadeAgainByAFollowerFromTheArchiveToo() throws Exception {
    lines("complete.jsonl", LINES + END);
    followUntilArchived("complete.jsonl");
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().startsWith("desk")).toList()) {
        Files.delete(file);
      }
    }

    follow(Optional.empty(), () -> true);

    assertThat(events()).isEqualTo(2);
    assertThat(differences()).isZero();
  }

  @Test
  void anArchiveThatIsGoneIsHistoryThatARebuildLacks() throws Exception {
    lines("complete.jsonl", LINES + END);
    followUntilArchived("complete.jsonl");
    Files.move(archive, directory.resolve("elsewhere"));

    assertThatThrownBy(this::differences)
        .isInstanceOf(PositionException.class)
        .hasMessageContaining("complete.jsonl");
  }

  @Test
  void aMoveThatWasInterruptedIsFinished() throws Exception {
    Path file = lines("complete.jsonl", LINES + END);
    FollowedSpool.addArchive(spool, archive);
    Files.copy(file, archive.resolve("complete.jsonl"));

    follow(Optional.of(archive), () -> !Files.exists(file));

    assertThat(events()).isEqualTo(2);
    assertThat(differences()).isZero();
  }

  @Test
  void anotherFileOfTheNameInTheArchiveIsNotReplaced() throws Exception {
    Path file = lines("complete.jsonl", LINES + END);
    String writer = segments();
    FollowedSpool.addArchive(spool, archive);
    Path other =
        Files.writeString(archive.resolve("complete.jsonl"), LINES.replace("c1", "c4") + END);

    followUntilArchived(writer);

    assertThat(file).hasContent(LINES + END);
    assertThat(other).hasContent(LINES.replace("c1", "c4") + END);
  }

  @Test
  void aFileThatIsAppendedToAfterItsEndIsNotMovedBeforeThatIsApplied() throws Exception {
    Path file = lines("complete.jsonl", LINES + END);
    follow(Optional.empty(), () -> true);
    Files.writeString(
        file, "{\"metrics\":{\"loss\":0.125},\"step\":2}\n", StandardOpenOption.APPEND);
    rested(file);

    follow(Optional.of(archive), () -> true);

    assertThat(file).exists();
    assertThat(events()).isEqualTo(3);
  }

  @Test
  void aFileThatWasSeenToEndAndIsContinuedStays() throws Exception {
    Path continued = lines("continued.jsonl", LINES + END);
    follow(Optional.empty(), () -> true);
    // Not yet rested: the follower sees its end, and leaves it.
    Files.setLastModifiedTime(continued, FileTime.from(Instant.now()));

    Path other = archive.resolve("other.jsonl");
    follow(
        Optional.of(archive),
        () -> {
          if (Files.notExists(spool.resolve("other.jsonl")) && Files.notExists(other)) {
            Files.writeString(
                continued,
                "{\"metrics\":{\"loss\":0.125},\"step\":2}\n",
                StandardOpenOption.APPEND);
            awaitAnswer();
            rested(continued);
            lines("other.jsonl", LINES.replace("c1", "c5") + END);
          }
          return Files.exists(other);
        });

    assertThat(continued).exists();
    assertThat(events()).isEqualTo(5);
  }

  @Test
  void aDirectoryThatCannotBeTheArchiveIsRefused() throws Exception {
    Path another = Files.createDirectory(directory.resolve("another"));
    FollowedSpool.follow(another);

    for (Path bad : List.of(spool, spool.resolve("inside"), directory, another)) {
      assertThatThrownBy(() -> Follower.open(spool, Optional.of(bad), configuration()))
          .as(bad.toString())
          .isInstanceOf(LogUnreadableException.class)
          .hasMessageContaining("--archive-to");
    }
  }
}
