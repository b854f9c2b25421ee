package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcknowledgedOffsetTest {

  private static final FileTime LONG_AGO = FileTime.from(Instant.EPOCH);

  @TempDir private Path spool;
  private Path note;

  @BeforeEach
  void nameTheNote() {
    note = spool.resolve(".a.jsonl.sent");
  }

  @Test
  void whatWasWrittenIsReadByTheNextSender() throws IOException {
    new AcknowledgedOffset(note).write(4_711);

    assertThat(new AcknowledgedOffset(note).read()).isEqualTo(4_711);
  }

  @Test
  void aFlippedBitAnywhereSendsTheLinesAgain() throws IOException {
    new AcknowledgedOffset(note).write(4_711);
    byte[] whole = Files.readAllBytes(note);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(note, damaged);

      assertThat(new AcknowledgedOffset(note).read()).as("bit %d", bit).isZero();
    }
  }

  @Test
  void anEmptyNoteALongOneAndALinkSayNothing() throws IOException {
    AcknowledgedOffset offset = new AcknowledgedOffset(note);
    assertThat(offset.read()).as("none").isZero();
    Files.writeString(note, "");
    assertThat(offset.read()).as("empty").isZero();
    Files.writeString(note, "lines 1 0" + " ".repeat(200));
    assertThat(offset.read()).as("long").isZero();

    Path elsewhere = spool.resolve("elsewhere");
    new AcknowledgedOffset(elsewhere).write(9);
    Files.delete(note);
    Files.createSymbolicLink(note, elsewhere);

    assertThat(offset.read()).as("a link").isZero();
  }

  @Test
  void thePositionThatItSaysAlreadyCostsNoWriteUnlessTheTimeIsWanted() throws IOException {
    AcknowledgedOffset offset = new AcknowledgedOffset(note);
    offset.write(4_711);
    Files.setLastModifiedTime(note, LONG_AGO);

    offset.write(4_711);
    assertThat(Files.getLastModifiedTime(note)).isEqualTo(LONG_AGO);
    offset.rewrite(4_711);

    assertThat(Files.getLastModifiedTime(note)).isGreaterThan(LONG_AGO);
  }
}
