package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file whose writer may live is never taken for one of a dead writer. */
class LineHolderTest {

  /** Above what the kernel gives away. */
  private static final long NOBODY = 1L << 40;

  @TempDir private Path spool;
  private FileChannel file;

  @BeforeEach
  void openAFile() throws IOException {
    file =
        FileChannel.open(
            Files.createFile(spool.resolve("a.jsonl")),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  @AfterEach
  void closeIt() throws IOException {
    file.close();
  }

  private static LineHolder holder(String line) {
    return LineHolder.of(line.getBytes(StandardCharsets.UTF_8));
  }

  private static String host() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
  }

  private static LineHolder holder(boolean locked, String host, long pid) {
    return holder(
        "{\"locked\":%s,\"start\":{\"experiment\":\"e\",\"host\":\"%s\",\"pid\":%d}}"
            .formatted(locked, host, pid));
  }

  @Test
  void ofALineThatSaysNothingNothingIsKnown() {
    for (String line : new String[] {"", "no JSON", "[]", "{\"start\":7}", "{\"pid\":1}"}) {
      assertThat(holder(line)).as(line).isEqualTo(LineHolder.UNKNOWN);
    }
    assertThat(holder("{\"start\":{\"pid\":1.5}}").pid()).isEmpty();
    assertThat(LineHolder.UNKNOWN.isDead(file)).isFalse();
    assertThat(LineHolder.UNKNOWN.isGoneHere(file)).isFalse();
  }

  @Test
  void onlyTheFirstLineSaysWhoAppends() {
    String second = "\n{\"start\":{\"pid\":8}}\n";

    assertThat(holder("{\"start\":{\"pid\":7}}" + second).pid()).hasValue(7);
    assertThat(holder(second)).isEqualTo(LineHolder.UNKNOWN);
    assertThat(holder("{\"start\":" + second + "}")).isEqualTo(LineHolder.UNKNOWN);
  }

  @Test
  void whoHoldsTheLockLivesWhateverTheLineSays() throws IOException {
    LineHolder holder = holder(true, host(), NOBODY);
    try (FileLock lock = file.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThat(holder.isDead(file)).isFalse();
      assertThat(holder.isGoneHere(file)).isFalse();
    }
    assertThat(holder.isDead(file)).isTrue();
    assertThat(holder.isGoneHere(file)).isTrue();
  }

  @Test
  void whoseProcessRunsHereLivesUnlessItsLockIsFree() throws IOException {
    long here = ProcessHandle.current().pid();

    assertThat(holder(false, host(), here).isDead(file)).isFalse();
    assertThat(holder(true, host(), here).isDead(file)).as("it locks, and does not").isTrue();
    assertThat(holder(true, host(), here).isGoneHere(file)).isFalse();
  }

  @Test
  void aProcessOfAnotherMachineCannotBeJudgedByItsNumber() {
    assertThat(holder(false, "node-of-others", NOBODY).isDead(file)).isFalse();
    assertThat(holder(true, "node-of-others", NOBODY).isGoneHere(file)).isFalse();
  }

  @Test
  void whoNeverLockedItMayBeAScriptThatOnlyWroteTheFirstLine() throws IOException {
    LineHolder script = holder(false, host(), NOBODY);

    assertThat(script.isDead(file)).isTrue();
    assertThat(script.isGoneHere(file)).isFalse();
  }
}
