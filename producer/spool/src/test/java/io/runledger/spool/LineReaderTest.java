package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines of a file that grows: whole ones are read, long ones are measured. */
class LineReaderTest {

  /** Longer than one read of the file, so that a long line needs several. */
  private static final int LONGEST = 300_000;

  @TempDir private Path spool;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = spool.resolve("a.jsonl");
  }

  private LineReader reader(String content) throws IOException {
    Files.writeString(file, content);
    return LineReader.open(file, LONGEST);
  }

  private void append(String more) throws IOException {
    Files.writeString(file, more, StandardOpenOption.APPEND);
  }

  private static String read(LineReader reader, long position, long most) throws IOException {
    return new String(reader.wholeLines(position, most), StandardCharsets.UTF_8);
  }

  @Test
  void halfALineAtTheEndIsLeftForTheNextTime() throws IOException {
    try (LineReader reader = reader("one\ntwo\nthr")) {
      assertThat(read(reader, 0, Long.MAX_VALUE)).isEqualTo("one\ntwo\n");
      assertThat(read(reader, 8, Long.MAX_VALUE)).isEmpty();

      append("ee\n");

      assertThat(read(reader, 8, Long.MAX_VALUE)).isEqualTo("three\n");
    }
  }

  @Test
  void noMoreIsReadThanIsAskedFor() throws IOException {
    try (LineReader reader = reader("one\ntwo\nthree\n")) {
      assertThat(read(reader, 0, 9)).isEqualTo("one\ntwo\n");
    }
  }

  @Test
  void behindTheEndThereIsNothing() throws IOException {
    try (LineReader reader = reader("one\n")) {
      assertThat(read(reader, 4, Long.MAX_VALUE)).isEmpty();
      assertThat(read(reader, 99, Long.MAX_VALUE)).isEmpty();
      assertThat(reader.longLine(99)).isEmpty();
    }
  }

  @Test
  void theLongestLineThatIsAllowedIsReadAndOneByteMoreIsMeasured() throws IOException {
    String longest = "x".repeat(LONGEST);
    try (LineReader reader = reader(longest + "\n" + longest + "y\nlast\n")) {
      assertThat(reader.wholeLines(0, Long.MAX_VALUE)).hasSize(LONGEST + 1);
      assertThat(reader.wholeLines(LONGEST + 1, Long.MAX_VALUE)).isEmpty();

      assertThat(reader.longLine(LONGEST + 1))
          .contains(new LineReader.LongLine(LONGEST + 1, 2L * LONGEST + 2));
      assertThat(read(reader, 2L * LONGEST + 3, Long.MAX_VALUE)).isEqualTo("last\n");
    }
  }

  @Test
  void aLongLineThatHasNotEndedYetIsLookedForFromWhereTheLookStopped() throws IOException {
    try (LineReader reader = reader("x".repeat(LONGEST + 5))) {
      assertThat(reader.longLine(0)).isEmpty();
      append("x".repeat(LONGEST));
      assertThat(reader.longLine(0)).isEmpty();

      append("\nnext\n");

      assertThat(reader.longLine(0)).contains(new LineReader.LongLine(0, 2L * LONGEST + 5));
    }
  }

  @Test
  void aFileThatIsRewrittenWhileALongLineGrowsIsScannedAgain() throws IOException {
    try (LineReader reader = reader("x".repeat(2 * LONGEST))) {
      assertThat(reader.longLine(0)).isEmpty();

      Files.writeString(file, "y".repeat(LONGEST + 3) + "\n" + "next\n".repeat(LONGEST));

      assertThat(reader.longLine(0)).contains(new LineReader.LongLine(0, LONGEST + 3));
    }
  }

  /** What was read last may be few bytes, which another line may well have in the same place. */
  @Test
  void aFileThatIsRewrittenAfterALongLineGrewByAByteIsScannedAgain() throws IOException {
    try (LineReader reader = reader("x".repeat(2 * LONGEST))) {
      assertThat(reader.longLine(0)).isEmpty();
      append("y");
      assertThat(reader.longLine(0)).isEmpty();

      Files.writeString(file, "y".repeat(LONGEST + 3) + "\n" + "y".repeat(LONGEST) + "\n");

      assertThat(reader.longLine(0)).contains(new LineReader.LongLine(0, LONGEST + 3));
    }
  }

  @Test
  void aFileThatWasSeenShorterIsScannedAgain() throws IOException {
    String scanned = "x".repeat(2 * LONGEST);
    try (LineReader reader = reader(scanned)) {
      assertThat(reader.longLine(0)).isEmpty();
      Files.writeString(file, "x");
      assertThat(reader.longLine(0)).isEmpty();

      Files.writeString(file, "x".repeat(LONGEST + 3) + "\n" + scanned + "\n");

      assertThat(reader.longLine(0)).contains(new LineReader.LongLine(0, LONGEST + 3));
    }
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Path link = Files.createSymbolicLink(spool.resolve("b.jsonl"), Files.createFile(file));

    assertThatThrownBy(() -> LineReader.open(link, LONGEST)).isInstanceOf(IOException.class);
  }
}
