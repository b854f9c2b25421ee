package io.runledger.service.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.config.Configuration;
import io.runledger.files.HeldLocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many desks that one process follows. */
@Timeout(60)
class DesksTest {

  @TempDir private Path directory;
  private Path requests;
  private Desks desks;
  private Optional<Thread> serving = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    requests = directory.resolve("requests");
    desks = Desks.open(requests, configuration()).orElseThrow();
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    desks.end();
    if (serving.isPresent()) {
      serving.get().join();
    }
    desks.close();
  }

  @Test
  void eachDeskThatIsAskedForIsFollowedUntilItsSpoolIsRemoved() throws Exception {
    serve(Optional.empty());
    Path first = ask("first");
    Path second = ask("second");

    awaitFollowed(first);
    awaitFollowed(second);

    assertThat(requests.toFile().list((dir, name) -> name.endsWith(Desks.REQUEST))).isEmpty();
    removeSpool(first);
    await().until(() -> !isFollowed(first));
    assertThat(isFollowed(second)).isTrue();

    Files.createDirectory(spool(first));
    request(first);
    awaitFollowed(first);
  }

  @Test
  void aDeskThatCannotBeFollowedSaysWhyInItsSpoolAndTheOthersAre() throws Exception {
    serve(Optional.empty());
    Path good = ask("good");
    Path bad = Files.writeString(directory.resolve("bad.db"), "not a database at all");
    Files.createDirectory(spool(bad));
    request(bad);

    awaitFollowed(good);
    Path log = spool(bad).resolve(Desks.LOG_OF_SPOOL);
    await().until(() -> Files.exists(log) && Files.size(log) > 0);

    assertThat(log).content().contains("bad.db");
    assertThat(bad).hasContent("not a database at all");
  }

  @Test
  void aDeskThatIsGoneWhenItsTurnComesIsNotCreatedAgain() throws Exception {
    Path gone = directory.resolve("gone/runs.db");
    request(gone);

    serve(Optional.empty());

    await()
        .until(
            () -> requests.toFile().list((dir, name) -> name.endsWith(Desks.REQUEST)).length == 0);
    assertThat(gone.getParent()).doesNotExist();
  }

  @Test
  void aSecondProcessLeaves() throws Exception {
    assertThat(Desks.open(requests, configuration())).isEmpty();
  }

  @Test
  void itEndsWhenNothingIsFollowedForAWhile() throws Exception {
    Thread ending = serve(Optional.of(Duration.ofMillis(200)));

    await().until(() -> !ending.isAlive());
  }

  private Configuration configuration() {
    return Configuration.load(Map.of(), Map.of("HOME", directory.toString()), Optional.empty());
  }

  private Thread serve(Optional<Duration> idle) {
    Thread thread =
        new Thread(
            () -> {
              try {
                desks.run(idle);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "desks-of-test");
    thread.start();
    serving = Optional.of(thread);
    return thread;
  }

  private Path ask(String name) throws IOException {
    Path database = directory.resolve(name + ".db");
    Files.createDirectory(spool(database));
    request(database);
    return database;
  }

  private void request(Path database) throws IOException {
    String name = database.getFileName() + Desks.REQUEST;
    Path written = Files.writeString(directory.resolve(name), spool(database) + "\0" + database);
    Files.move(written, requests.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path spool(Path database) {
    return Path.of(database + ".spool");
  }

  private static boolean isFollowed(Path database) {
    return HeldLocks.isHeldHere(Path.of(database + ".lock"));
  }

  private static void awaitFollowed(Path database) throws IOException {
    Path mark = Files.createFile(spool(database).resolve(Marks.PREFIX + "test"));
    await().until(() -> isFollowed(database) && !Files.exists(mark));
  }

  private static void removeSpool(Path database) throws IOException {
    try (var files = Files.list(spool(database))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(spool(database));
  }
}
