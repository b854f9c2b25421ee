package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of a command's stderr, by what stderr is. */
class StderrTailTest {

  private static final int KEPT = 64 << 10;

  @TempDir private Path directory;

  private final ByteArrayOutputStream passed = new ByteArrayOutputStream();

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("stderr"), content);
  }

  private StderrTail ofFile(Path own) {
    StderrTail tail = new StderrTail(Optional.empty(), own, passed);
    tail.follow();
    return tail;
  }

  /** Where no stderr of this process is looked at. */
  private StderrTail ofPipe(Path pipe, OutputStream passedTo) {
    StderrTail tail = new StderrTail(Optional.of(pipe), directory, passedTo);
    tail.follow();
    return tail;
  }

  @Test
  void ofAFileOnlyWhatTheCommandWroteIsRead() throws IOException {
    Path own = file("an earlier step failed\n");
    StderrTail tail = ofFile(own);

    Files.writeString(own, "out of memory\n", StandardOpenOption.APPEND);

    assertThat(tail.text()).isEqualTo("out of memory\n");
    assertThat(passed.size()).as("the command writes to it by itself").isZero();
  }

  @Test
  void ofAFileThatGrewALotTheEndIsRead() throws IOException {
    Path own = file("");
    StderrTail tail = ofFile(own);

    Files.writeString(own, "a" + "b".repeat(KEPT - 1) + "c");

    assertThat(tail.text()).isEqualTo("b".repeat(KEPT - 1) + "c");
  }

  @Test
  void ofATerminalNothingIsKept() {
    assertThat(ofFile(directory).text()).isEmpty();
  }

  @Test
  void whatComesThroughAPipeIsPassedOnWholeAndItsEndIsKept() throws IOException {
    String written = "a".repeat(KEPT) + "b".repeat(1000) + "c";

    StderrTail tail = ofPipe(file(written), passed);

    assertThat(tail.text()).isEqualTo("a".repeat(KEPT - 1001) + "b".repeat(1000) + "c");
    assertThat(passed.toString(StandardCharsets.UTF_8)).isEqualTo(written);
  }

  @Test
  void aPipeWithLittleInItIsKeptWhole() throws IOException {
    assertThat(ofPipe(file("no such file"), passed).text()).isEqualTo("no such file");
  }

  /** The command must not block at a full pipe because its terminal was closed. */
  @Test
  void aPipeIsReadToItsEndThoughNobodyTakesWhatIsPassedOn() throws IOException {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    StderrTail tail = ofPipe(file("a".repeat(40_000) + "the end"), closed);

    assertThat(tail.text()).hasSize(40_007).endsWith("the end");
  }
}
