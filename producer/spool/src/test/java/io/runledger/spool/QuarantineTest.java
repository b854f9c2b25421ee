package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.Base32;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be sent is kept, byte for byte, and what of it can be sent later is found. */
class QuarantineTest {

  private static final MetricsLogged METRIC =
      new MetricsLogged(
          1L, 2L, 77L, 5L, List.of(new MetricRow(Instant.EPOCH, 1L, null, null, Map.of("a", 1.0))));

  @TempDir private Path spool;
  private Path quarantine;
  private Path writer;
  private Path lines;

  @BeforeEach
  void nameThings() {
    quarantine = spool.resolve("quarantine");
    writer = spool.resolve(Base32.encode(77));
    lines = spool.resolve("a.jsonl");
  }

  @Test
  void aRefusedEventIsASegmentThatCanBeSentLater() throws IOException {
    Quarantine.keepRefused(writer, METRIC);
    Quarantine.keepRefused(writer, METRIC);

    Path kept = quarantine.resolve(Base32.encode(77) + "-metrics-refused-5.avro");
    assertThat(Quarantine.sendable(spool)).containsExactly(kept);
    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, kept)) {
      assertThat(reader.read(0, true).events()).containsExactly(METRIC);
    }
  }

  /** A study has events of many writers in one directory. */
  @Test
  void refusedEventsOfSeveralStreamsWithOneNumberAreAllKept() throws IOException {
    MetricsLogged ofAnotherWriter = new MetricsLogged(1L, 2L, 78L, 5L, METRIC.getRows());
    MetricsLogged ofAnotherRun = new MetricsLogged(9L, 2L, 78L, 5L, METRIC.getRows());

    Quarantine.keepRefused(writer, METRIC);
    Quarantine.keepRefused(writer, ofAnotherWriter);
    Quarantine.keepRefused(writer, ofAnotherRun);

    assertThat(Quarantine.sendable(spool)).hasSize(3);
  }

  @Test
  void aLongLineIsCopiedWithWhatStoodAboveIt() throws IOException {
    Files.writeString(lines, "first\nthe long one\nlast\n");
    try (FileChannel from = FileChannel.open(lines)) {
      Quarantine.keepLine(lines, 2, from, new LineReader.LongLine(6, 18), "{\"run\":1}");
    }

    Path kept = quarantine.resolve("a.jsonl-line-2");
    assertThat(kept).hasContent("the long one");
    assertThat(Quarantine.context(kept)).hasContent("{\"run\":1}");
    assertThat(Quarantine.sendable(spool)).containsExactly(kept);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
        .isEqualTo("rw-------");
  }

  @Test
  void aLineWhoseFileGotShorterIsNoLineThatWasKept() throws IOException {
    Files.writeString(lines, "short\n");
    try (FileChannel from = FileChannel.open(lines)) {
      assertThatThrownBy(
              () -> Quarantine.keepLine(lines, 1, from, new LineReader.LongLine(0, 99), ""))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("shrank while");
    }
  }

  @Test
  void damageIsKeptButNeverSent() throws IOException {
    Files.createDirectories(writer);
    Path damaged = Files.writeString(writer.resolve("metrics-000003.avro"), "damage");
    Path to = Quarantine.move(writer, damaged);
    Quarantine.keepBadLine(
        lines, 4, "{\"metrics\":".getBytes(StandardCharsets.UTF_8), "it is no JSON");

    assertThat(damaged).doesNotExist();
    assertThat(to).hasContent("damage");
    assertThat(quarantine.resolve("a.jsonl-bad-line-4")).hasContent("{\"metrics\":");
    assertThat(Quarantine.sendable(spool)).isEmpty();
    assertThat(Quarantine.sentence(spool)).isEmpty();
  }

  @Test
  void whatIsGoneAlreadyNeedsNoMove() throws IOException {
    assertThat(Quarantine.move(writer, writer.resolve("metrics-000003.avro"))).doesNotExist();
  }

  @Test
  void theSentenceCountsWhatAHigherLimitWouldSend() throws IOException {
    assertThat(Quarantine.sentence(spool)).as("without a quarantine").isEmpty();
    Quarantine.keepRefused(writer, METRIC);
    assertThat(Quarantine.sentence(spool).orElseThrow())
        .startsWith("1 event is in " + quarantine)
        .contains("sync --quarantined");

    Quarantine.keepRefused(spool.resolve("0000000000078"), METRIC);

    assertThat(Quarantine.sentence(spool).orElseThrow()).startsWith("2 events are in");
  }

  @Test
  void aQuarantineThatIsALinkIsNotLookedInto() throws IOException {
    Path elsewhere = Files.createDirectory(spool.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("a.jsonl-line-2"), "of somebody else");
    Files.createSymbolicLink(quarantine, elsewhere);

    assertThat(Quarantine.sendable(spool)).isEmpty();
  }
}
