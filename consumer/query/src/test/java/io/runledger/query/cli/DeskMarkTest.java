package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DeskMarkTest {

  @TempDir private Path directory;
  private Path database;
  private Path mark;

  @BeforeEach
  void aSpool() throws Exception {
    database = directory.resolve("runs.db");
    mark = Files.createDirectory(directory.resolve("runs.db.spool")).resolve(DeskMark.NAME);
  }

  @Test
  void whereNothingIsAskedNobodyWaits() {
    assertThat(new DeskMark(database).awaitAnswer()).isEmpty();
    assertThat(new DeskMark(directory.resolve("other.db")).awaitAnswer()).isEmpty();
  }

  @Test
  void whatAJobWroteJustNowIsWaitedFor() throws Exception {
    Files.createFile(mark);
    CompletableFuture<Optional<String>> waiting =
        CompletableFuture.supplyAsync(new DeskMark(database)::awaitAnswer);
    assertThatThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    Files.delete(mark);

    assertThat(waiting.join()).isEmpty();
  }

  @Test
  void whereNothingAppliesItThatIsSaidAtOnce() throws Exception {
    Files.setLastModifiedTime(
        Files.createFile(mark), FileTime.from(Instant.now().minusSeconds(60)));

    assertThat(new DeskMark(database).awaitAnswer())
        .hasValueSatisfying(
            sentence ->
                assertThat(sentence)
                    .contains("runledger follow --spool " + mark.getParent())
                    .contains("--db " + database));
    assertThat(mark).exists();
  }
}
