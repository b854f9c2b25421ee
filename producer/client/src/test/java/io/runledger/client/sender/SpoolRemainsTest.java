package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.runledger.files.HeldLocks;
import io.runledger.schemas.Base32;
import io.runledger.spool.AcknowledgedOffset;
import io.runledger.spool.SpoolDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A spool in which something is left is never reported as empty. */
@Timeout(60)
class SpoolRemainsTest {

  private static final String LINES =
      "{\"start\":{\"experiment\":\"7\"}}\n{\"metrics\":{\"loss\":1}}\n";

  @TempDir private Path spool;

  private Path file(String name, String content, long sent) throws IOException {
    Path file = Files.writeString(spool.resolve(name), content);
    new AcknowledgedOffset(SpoolDirectory.noteOf(file)).rewrite(sent);
    return file;
  }

  private Optional<String> sentence() throws IOException {
    return SpoolRemains.of(spool).sentence();
  }

  @Test
  void ofASpoolThatWasSentNothingIsLeft() throws IOException {
    file("w.jsonl", LINES, LINES.length());
    Files.createDirectory(spool.resolve("quarantine"));
    Files.writeString(spool.resolve("quarantine/w.jsonl-line-3.jsonl"), LINES);
    Files.writeString(spool.resolve("README"), "hello");

    assertThat(sentence()).isEmpty();
  }

  @Test
  void aFileThatAnotherSenderHoldsAndHasNotSentIsNamed() throws IOException {
    Path file = file("w.jsonl", LINES, 10);
    try (HeldLocks.Held held = HeldLocks.take(SpoolDirectory.lockOf(file)).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(sentence())
          .get()
          .asString()
          .startsWith("1 file or directory is being sent by another sender")
          .contains(file.toString());
    }
  }

  @Test
  void aFileThatAnotherSenderHoldsAndHasSentIsNoTrouble() throws IOException {
    Path file = file("w.jsonl", LINES, LINES.length());
    try (HeldLocks.Held held = HeldLocks.take(SpoolDirectory.lockOf(file)).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(sentence()).isEmpty();
    }
  }

  @Test
  void whatAnotherSenderHasInHandIsNotLeftWhenItSendsItInTime() throws Exception {
    Path file = file("w.jsonl", LINES, 10);
    AcknowledgedOffset note = new AcknowledgedOffset(SpoolDirectory.noteOf(file));
    try (HeldLocks.Held held = HeldLocks.take(SpoolDirectory.lockOf(file)).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(SpoolRemains.afterOthers(spool, Duration.ofMillis(200)).sentence()).isPresent();
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> assertThatCode(() -> note.rewrite(LINES.length())).doesNotThrowAnyException(),
              CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));

      assertThat(SpoolRemains.afterOthers(spool, Duration.ofSeconds(30)).sentence()).isEmpty();
      sender.get();
    }
  }

  @Test
  void theDirectoryOfAWriterThatAnotherSenderHoldsIsNamed() throws IOException {
    Path writer = Files.createDirectory(spool.resolve(Base32.encode(12345)));
    Files.writeString(writer.resolve("metrics-000001.avro"), "bytes");
    Path lock = WriterDirectory.senderLockOf(writer);
    try (HeldLocks.Held held = HeldLocks.take(lock).orElseThrow()) {
      assertThat(held).isNotNull();
      assertThat(sentence()).get().asString().contains("another sender", writer.toString());
    }
    assertThat(sentence()).isEmpty();
  }

  @Test
  void aLastLineWithoutItsLineFeedIsNamed() throws IOException {
    Path file = file("w.jsonl", LINES + "{\"metrics\":{\"loss\":2}}", LINES.length());

    assertThat(sentence())
        .get()
        .asString()
        .startsWith("1 file or directory ends in half a line")
        .contains(file.toString());
  }

  @Test
  void whatIsNamedOtherwiseOrLiesElsewhereIsNamed() throws IOException {
    Files.writeString(spool.resolve("my run.jsonl"), LINES);
    Files.writeString(spool.resolve("-x.jsonl"), LINES);
    Files.writeString(spool.resolve("x.JSONL"), LINES);
    Files.createSymbolicLink(spool.resolve("l.jsonl"), spool.resolve("README"));
    Files.createDirectory(spool.resolve("node1"));
    Files.writeString(spool.resolve("node1/w.jsonl"), LINES);

    assertThat(sentence()).get().asString().startsWith("5 files or directories were left alone");
  }
}
