package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.files.HeldLocks;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a writer stores, numbers, refuses and puts back. */
class SpoolWriterTest {

  private static final long WRITER = 77;

  @TempDir private Path spool;

  private SpoolWriter writer(long segmentBytes) throws IOException {
    return SpoolWriter.create(spool, WRITER, segmentBytes, 1L << 30, 1 << 20);
  }

  private static SpecificRecord metric(long seq) {
    return metric(seq, Map.of("a", 1.0));
  }

  private static SpecificRecord metric(long seq, Map<String, Double> values) {
    return new MetricsLogged(
        1L, 2L, WRITER, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private static void append(SpoolWriter writer) throws IOException {
    writer.append(Topics.METRICS, SpoolWriterTest::metric);
  }

  private static List<Long> stored(SpoolWriter writer) throws IOException {
    List<Long> seqs = new ArrayList<>();
    for (Path segment : SpoolDirectory.segments(writer.directory(), Topics.METRICS).values()) {
      try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
        reader
            .read(0, true)
            .events()
            .forEach(event -> seqs.add(((MetricsLogged) event).getFirstSeq()));
      }
    }
    return seqs;
  }

  private static Path lock(SpoolWriter writer) {
    return writer.directory().resolve(SpoolWriter.LOCK_FILE);
  }

  @Test
  void theDirectoryHasItsNameOnlyWithItsLockAndGivesItBackInTheEnd() throws IOException {
    SpoolWriter writer = writer(1 << 20);
    assertThat(SpoolDirectory.writers(spool)).containsExactly(writer.directory());
    assertThat(HeldLocks.isHeldHere(lock(writer))).isTrue();
    append(writer);

    writer.close();

    assertThat(HeldLocks.isHeldHere(lock(writer))).isFalse();
    assertThat(writer.directory().resolve(DiskReserve.FILE)).doesNotExist();
    assertThat(stored(writer)).containsExactly(0L);
  }

  @Test
  void afterTheEndNothingIsStoredAndASecondEndIsNone() throws IOException {
    SpoolWriter writer = writer(1 << 20);
    writer.close();
    writer.close();

    assertThat(writer.isClosed()).isTrue();
    assertThatThrownBy(() -> append(writer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aWriterWithoutAPlaceSaysWhyEachTime() {
    SpoolWriter writer = SpoolWriter.unusable(spool, new IOException("Read-only file system"));

    assertThatThrownBy(() -> append(writer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Read-only file system");
  }

  @Test
  void anEventThatIsLargerThanARecordTakesNoNumber() throws IOException {
    Map<String, Double> wide = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      wide.put("x".repeat(5_000) + i, 1.0);
    }
    try (SpoolWriter writer = writer(1 << 20)) {
      append(writer);
      assertThatThrownBy(() -> writer.append(Topics.METRICS, seq -> metric(seq, wide)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("record.max.bytes");
      append(writer);

      assertThat(stored(writer)).containsExactly(0L, 1L);
    }
  }

  /** Half of it may be at the segment's end, so that its number is not given to another. */
  @Test
  void anEventThatBrokeWhileItWasEncodedBeginsAnotherSegmentAndKeepsItsNumber() throws IOException {
    Map<String, Double> broken = new HashMap<>();
    broken.put("a", null);
    try (SpoolWriter writer = writer(1 << 20)) {
      append(writer);
      assertThatThrownBy(() -> writer.append(Topics.METRICS, seq -> metric(seq, broken)))
          .isInstanceOf(IOException.class);
      append(writer);

      assertThat(stored(writer)).containsExactly(0L, 2L);
      assertThat(SpoolDirectory.segments(writer.directory(), Topics.METRICS)).hasSize(2);
    }
  }

  @Test
  void metricsLeaveTheLastRoomOfTheSpoolToTheOtherEvents() throws IOException {
    try (SpoolWriter writer = SpoolWriter.create(spool, WRITER, 1 << 20, (1L << 20) + 1, 1 << 20)) {
      append(writer);
      assertThatThrownBy(() -> append(writer))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has reached its");

      writer.append(Topics.ERRORS, seq -> SegmentReaderTest.error("e"));

      assertThat(SpoolDirectory.segments(writer.directory(), Topics.ERRORS)).hasSize(1);
    }
  }

  @Test
  void whatWasRemovedUnderALivingWriterIsPutBackUnderItsLock() throws IOException {
    try (SpoolWriter writer = writer(1 << 20)) {
      append(writer);
      for (Path file : SpoolDirectory.segments(writer.directory(), Topics.METRICS).values()) {
        Files.delete(file);
      }
      Files.delete(lock(writer));
      Files.delete(writer.directory().resolve(DiskReserve.FILE));
      Files.delete(writer.directory());

      writer.restoreIfRemoved();
      append(writer);

      assertThat(stored(writer)).containsExactly(0L, 1L);
      assertThat(lock(writer)).exists();
      assertThat(HeldLocks.isHeldHere(lock(writer))).isTrue();
      assertThat(writer.directory().resolve(DiskReserve.FILE)).exists();
    }
  }

  /** The sender removes what it has sent: those are not to come back. */
  @Test
  void fullSegmentsThatTheSenderRemovedStayAway() throws IOException {
    try (SpoolWriter writer = writer(1)) {
      append(writer);
      append(writer);
      Files.delete(SpoolDirectory.segments(writer.directory(), Topics.METRICS).get(1));

      writer.restoreIfRemoved();

      assertThat(stored(writer)).containsExactly(1L);
    }
  }

  @Test
  void whatIsAppendedAfterSegmentsWereEndedIsInTheNextOnes() throws IOException {
    try (SpoolWriter writer = writer(1 << 20)) {
      writer.endSegments();
      append(writer);
      assertThat(writer.appendsTo("metrics-000001.avro")).isTrue();
      assertThat(writer.appendsTo("runs-000001.avro")).isFalse();

      writer.endSegments();
      writer.endSegments();
      assertThat(writer.appendsTo("metrics-000001.avro")).isFalse();
      append(writer);
      writer.sync();

      assertThat(SpoolDirectory.segments(writer.directory(), Topics.METRICS)).hasSize(2);
      assertThat(writer.appendsTo("metrics-000002.avro")).isTrue();
      assertThat(stored(writer)).containsExactly(0L, 1L);
    }
  }

  @Test
  void anEndedSegmentThatASenderRemovedIsNotRestored() throws IOException {
    try (SpoolWriter writer = writer(1 << 20)) {
      append(writer);
      writer.endSegments();
      Files.delete(writer.directory().resolve("metrics-000001.avro"));
      writer.restoreIfRemoved();
      append(writer);
      writer.sync();

      assertThat(stored(writer)).containsExactly(1L);
    }
  }
}
