package io.runledger.client.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.spool.Acknowledgements;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolDamage;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.SpooledEvents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a spool: what is appended, what is damaged, what takes up room. */
class SpoolTest {

  private static final long WRITER = 77;
  private static final int EVENTS = 30;

  @TempDir private Path spool;

  @Test
  void everySegmentIsReadInOrderWhereverItEnds() throws IOException {
    try (SpoolWriter writer = writer(2_000, 1L << 30)) {
      append(writer, EVENTS);

      assertThat(SpoolDirectory.segments(writer.directory(), Topics.METRICS)).hasSizeGreaterThan(2);
      assertThat(readAll(writer.directory(), false)).containsExactlyElementsOf(upTo(EVENTS));
    }
  }

  @Test
  void anInterruptedThreadLosesNoEvent() throws IOException {
    try (SpoolWriter writer = writer(2_000, 1L << 30)) {
      Thread.currentThread().interrupt();
      append(writer, EVENTS);
      writer.sync();

      assertThat(Thread.interrupted()).isTrue();
      assertThat(readAll(writer.directory(), false)).containsExactlyElementsOf(upTo(EVENTS));
    }
  }

  @Test
  void roomComesBackWhenTheSenderHasRemovedASegment() throws Exception {
    try (SpoolWriter writer = writer(4_000, (1L << 20) + 6_000)) {
      int stored = fill(writer);
      assertThatThrownBy(() -> writer.append(Topics.METRICS, SpoolTest::metric))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("has reached its");
      Files.delete(SpoolDirectory.segments(writer.directory(), Topics.METRICS).get(1));

      // The writer counts its bytes again from time to time, and refuses until it has.
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(50))
          .ignoreExceptions()
          .untilAsserted(() -> writer.append(Topics.METRICS, SpoolTest::metric));

      assertThat(readAll(writer.directory(), false))
          .as("the refused event took no number")
          .contains(stored - 1L, (long) stored)
          .doesNotContain(stored + 1L);
    }
  }

  /** A spool may wait for weeks: what an older client wrote is sent by a newer one. */
  @Test
  void theSegmentsThatVersionOneWroteAreStillRead() throws IOException {
    assertThat(eventsOf(Topics.METRICS, "metrics-version-1.avro"))
        .extracting(event -> ((MetricsLogged) event).getRows().get(0))
        .containsExactly(
            new MetricRow(Instant.EPOCH, 0L, 10.0, 0.5, Map.of("loss", 0.0)),
            new MetricRow(Instant.EPOCH.plusSeconds(1), 1L, 11.0, 0.5, Map.of("loss", 1.0)),
            new MetricRow(Instant.EPOCH.plusSeconds(2), 2L, null, 0.5, Map.of("loss", 2.0)));
    assertThat(eventsOf(Topics.RUNS, "runs-version-1.avro"))
        .extracting(event -> (RunStarted) ((RunEvent) event).getEvent())
        .containsExactly(
            RunStarted.newBuilder()
                .setProject("p")
                .setInstanceId("00000000-0000-0000-0000-000000000001")
                .setConfig("{\"lr\":0.1}")
                .setResumedFromStep(3L)
                .build());
  }

  private List<SpecificRecord> eventsOf(Topics topic, String resource) throws IOException {
    Path segment = spool.resolve(resource);
    try (InputStream in = SpoolTest.class.getResourceAsStream(resource)) {
      Files.copy(in, segment);
    }
    try (SegmentReader reader = SegmentReader.open(topic, segment)) {
      return reader.read(0, true).events();
    }
  }

  @Test
  void aHeaderWithAFlippedBitNeverInventsAnEvent() throws IOException {
    Path segment = segmentOfDeadWriter();
    byte[] whole = Files.readAllBytes(segment);
    int header = headerBytes(whole);
    // In every third byte one, and all places in a byte in turn.
    for (int bit = 0; bit < header * 8; bit += 23) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(segment, flipped);

      List<Long> read = readTolerantly(segment);

      assertThat(read).as("bit %d", bit).isSubsetOf(upTo(EVENTS)).doesNotHaveDuplicates();
    }
  }

  @Test
  void aCutOrAFlippedBitCostsNoEventButItsOwn() throws IOException {
    SpoolDamage damage = new SpoolDamage(spool, 6_000);

    assertThat(damage.cut(29)).isGreaterThan(150);
    assertThat(damage.flip(150, new Random(WRITER))).isEqualTo(150);
  }

  @Test
  void aDamagedNoteOfWhatWasAcknowledgedSkipsNothing() throws IOException {
    Path segment = segmentOfDeadWriter();
    Path writer = segment.getParent();
    Acknowledgements.Place far = new Acknowledgements.Place(7, 4_711);
    Acknowledgements.write(writer, Map.of(Topics.METRICS, far));
    assertThat(Acknowledgements.read(writer)).containsEntry(Topics.METRICS, far);
    Path note = writer.resolve("acknowledged");
    byte[] whole = Files.readAllBytes(note);
    for (int bit = 0; bit < (whole.length - 1) * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(note, damaged);

      assertThat(Acknowledgements.read(writer))
          .as("bit %d", bit)
          .containsEntry(Topics.METRICS, new Acknowledgements.Place(1, 0));
    }
  }

  @Test
  void aSegmentCutAnywhereInItsHeaderIsPutAsideAndNotAskedForAgain() throws IOException {
    Path segment = segmentOfDeadWriter();
    byte[] whole = Files.readAllBytes(segment);
    Path writer = segment.getParent();
    for (int length : new int[] {0, 1, 3, 4, 20, headerBytes(whole) - 1}) {
      Files.write(segment, Arrays.copyOf(whole, length));

      try (StreamCursor cursor =
          new StreamCursor(
              writer, Topics.METRICS, new Acknowledgements.Place(1, 0), new Undelivered())) {
        assertThat(cursor.next(true)).isEmpty();
        assertThat(cursor.acknowledged()).isEqualTo(new Acknowledgements.Place(2, 0));
      }

      assertThat(segment).doesNotExist();
      assertThat(quarantined()).hasSize(length == 0 ? 0 : 1);
    }
  }

  @Test
  void aDamagedSegmentIsSentAsFarAsItGoesAndKept() throws IOException {
    Path segment = segmentOfDeadWriter();
    byte[] whole = Files.readAllBytes(segment);
    whole[headerBytes(whole) + 30] ^= 1;
    Files.write(segment, whole);

    try (StreamCursor cursor =
        new StreamCursor(
            segment.getParent(),
            Topics.METRICS,
            new Acknowledgements.Place(1, 0),
            new Undelivered())) {
      assertThat(cursor.next(true)).hasSizeBetween(EVENTS - 3, EVENTS - 1);
      cursor.sent(List.of());
    }

    assertThat(segment).as("not acknowledged yet").exists();
  }

  @Test
  void aFileThatIsNoSegmentIsPutAsideWithItsBytes() throws IOException {
    Path segment = segmentOfDeadWriter();
    Files.writeString(segment, "this is somebody's shopping list");

    try (StreamCursor cursor =
        new StreamCursor(
            segment.getParent(),
            Topics.METRICS,
            new Acknowledgements.Place(1, 0),
            new Undelivered())) {
      assertThat(cursor.next(true)).isEmpty();
    }

    assertThat(quarantined())
        .singleElement()
        .satisfies(file -> assertThat(file).hasContent("this is somebody's shopping list"));
  }

  @Test
  void whatAJobLeftThatWasKilledWhileItMadeItsDirectoryGoesAfterAnHour() throws IOException {
    Path old = abandoned(1, Duration.ofMinutes(61));
    Path young = abandoned(2, Duration.ofMinutes(59));
    Path strange = abandoned(3, Duration.ofDays(9));
    Path link = spool.resolve(".new-link");
    Files.createSymbolicLink(link, young);
    Files.writeString(strange.resolve("notes.txt"), "not yours");
    Files.setLastModifiedTime(strange, FileTime.from(Instant.now().minus(Duration.ofDays(9))));

    SpoolDirectory.removeAbandoned(spool);

    assertThat(old).doesNotExist();
    assertThat(young.resolve(SpoolWriter.LOCK_FILE)).exists();
    assertThat(strange.resolve("notes.txt")).hasContent("not yours");
    assertThat(link).isSymbolicLink();
  }

  private Path abandoned(long writerId, Duration age) throws IOException {
    Path directory = SpoolDirectory.unborn(spool, writerId);
    SpoolDirectory.createPrivate(directory);
    Files.createFile(directory.resolve(SpoolWriter.LOCK_FILE));
    Files.setLastModifiedTime(directory, FileTime.from(Instant.now().minus(age)));
    return directory;
  }

  @Test
  void onlyFilesOfTheSpoolAreRemovedWithAWriter() throws IOException {
    Path segment = segmentOfDeadWriter();
    Files.delete(segment);
    Path notes = segment.resolveSibling("notes.txt");
    Files.writeString(notes, "mine");

    WriterDirectory.open(segment.getParent(), new Undelivered()).orElseThrow().remove();

    assertThat(segment.getParent()).isDirectoryContaining(notes::equals);
    try (var left = Files.list(segment.getParent())) {
      assertThat(left).containsExactly(notes);
    }
  }

  private SpoolWriter writer(long segmentBytes, long maxBytes) throws IOException {
    return SpoolWriter.create(spool, WRITER, segmentBytes, maxBytes, 1 << 20);
  }

  private Path segmentOfDeadWriter() throws IOException {
    try (SpoolWriter writer = writer(1 << 20, 1L << 30)) {
      append(writer, EVENTS);
      return writer.directory().resolve(SpoolDirectory.segmentName(Topics.METRICS, 1));
    }
  }

  private static void append(SpoolWriter writer, int events) throws IOException {
    for (int i = 0; i < events; i++) {
      writer.append(Topics.METRICS, SpoolTest::metric);
    }
  }

  private static int fill(SpoolWriter writer) {
    int stored = 0;
    while (true) {
      try {
        writer.append(Topics.METRICS, SpoolTest::metric);
        stored++;
      } catch (IOException full) {
        return stored;
      }
    }
  }

  private static SpecificRecord metric(long seq) {
    Map<String, Double> values = Map.of("loss", (double) seq);
    return new MetricsLogged(
        1L, 2L, WRITER, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private static List<Long> upTo(int events) {
    List<Long> seqs = new ArrayList<>();
    for (long seq = 0; seq < events; seq++) {
      seqs.add(seq);
    }
    return seqs;
  }

  private static List<Long> readAll(Path writer, boolean atEnd) throws IOException {
    List<Long> seqs = new ArrayList<>();
    for (Path segment : SpoolDirectory.segments(writer, Topics.METRICS).values()) {
      seqs.addAll(read(segment, atEnd));
    }
    return seqs;
  }

  private static List<Long> readTolerantly(Path segment) throws IOException {
    try {
      return read(segment, true);
    } catch (SegmentReader.ForeignFileException | SegmentReader.NotYetReadableException e) {
      return List.of();
    }
  }

  private static List<Long> read(Path segment, boolean atEnd) throws IOException {
    List<Long> seqs = new ArrayList<>();
    for (SpecificRecord event : SpooledEvents.ofSegment(segment, Topics.METRICS, atEnd)) {
      MetricsLogged logged = (MetricsLogged) event;
      assertThat(logged.getRows().get(0).getValues())
          .isEqualTo(Map.of("loss", (double) logged.getFirstSeq()));
      seqs.add(logged.getFirstSeq());
    }
    return seqs;
  }

  private static int headerBytes(byte[] whole) {
    // The sync marker ends the header and the file alike.
    byte[] sync = Arrays.copyOfRange(whole, whole.length - 16, whole.length);
    for (int i = 0; ; i++) {
      if (Arrays.equals(whole, i, i + 16, sync, 0, 16)) {
        return i + 16;
      }
    }
  }

  private List<Path> quarantined() throws IOException {
    Path quarantine = spool.resolve("quarantine");
    if (!Files.isDirectory(quarantine)) {
      return List.of();
    }
    try (var files = Files.list(quarantine)) {
      return files.toList();
    }
  }
}
