package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.spool.SegmentReader.Chunk;
import io.runledger.spool.SegmentReader.ForeignFileException;
import io.runledger.spool.SegmentReader.NotYetReadableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is waited for, what is damage, and what is not a segment at all. */
class SegmentReaderTest {

  @TempDir private Path directory;
  private Path segment;

  /** The segment with one event more each. */
  private byte[] empty;

  private byte[] one;
  private byte[] two;

  @BeforeEach
  void writeASegment() throws IOException {
    segment = directory.resolve("metrics-000001.avro");
    try (SegmentWriter writer = SegmentWriter.create(segment, Topics.METRICS)) {
      empty = Files.readAllBytes(segment);
      int unused = writer.append(metric(0));
      one = Files.readAllBytes(segment);
      unused = writer.append(metric(1));
      two = Files.readAllBytes(segment);
    }
  }

  private static SpecificRecord metric(long seq) {
    return new MetricsLogged(
        1L, 2L, 3L, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, Map.of("a", 1.0))));
  }

  private static List<Long> seqs(Chunk chunk) {
    return chunk.events().stream().map(event -> ((MetricsLogged) event).getFirstSeq()).toList();
  }

  private Chunk read(byte[] content, boolean atEnd) throws IOException {
    Files.write(segment, content);
    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
      return reader.read(0, atEnd);
    }
  }

  @Test
  void halfABlockIsWaitedForAndReadWhenItIsWhole() throws IOException {
    Files.write(segment, Arrays.copyOf(two, two.length - 1));
    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
      Chunk first = reader.read(0, false);
      assertThat(seqs(first)).containsExactly(0L);
      assertThat(first.end()).isEqualTo(one.length);
      assertThat(first.damagedBytes()).isZero();
      assertThat(reader.read(first.end(), false).isEmpty()).isTrue();

      Files.write(segment, two);

      assertThat(seqs(reader.read(first.end(), false))).containsExactly(1L);
    }
  }

  @Test
  void halfABlockOfAWriterThatIsGoneIsDamage() throws IOException {
    Chunk chunk = read(Arrays.copyOf(two, two.length - 1), true);

    assertThat(seqs(chunk)).containsExactly(0L);
    assertThat(chunk.damagedBytes()).isEqualTo(two.length - 1 - one.length);
    assertThat(chunk.end()).isEqualTo(two.length - 1);
  }

  @Test
  void aDamagedBlockCostsItselfAndIsCounted() throws IOException {
    byte[] damaged = two.clone();
    damaged[(empty.length + one.length) / 2] ^= 1;

    Chunk chunk = read(damaged, false);

    assertThat(seqs(chunk)).containsExactly(1L);
    assertThat(chunk.damagedBytes()).isEqualTo(one.length - empty.length);
  }

  @Test
  void aSegmentWithoutEventsIsEmptyAndNotDamaged() throws IOException {
    Chunk chunk = read(empty, true);

    assertThat(chunk.isEmpty()).isTrue();
    assertThat(chunk.end()).isEqualTo(empty.length);
  }

  @Test
  void aHeaderThatIsNotWholeIsWaitedFor() {
    for (int length : new int[] {0, 3, 4, empty.length - 1}) {
      assertThatThrownBy(() -> read(Arrays.copyOf(two, length), false))
          .as("%d bytes", length)
          .isInstanceOf(NotYetReadableException.class);
    }
  }

  /** It was waited for as long as its writer lived: text makes long lengths. */
  @Test
  void aTextInTheSegmentsPlaceIsForeignAndNotHalfASegment() {
    assertThatThrownBy(() -> read("a shopping list".getBytes(StandardCharsets.UTF_8), false))
        .isInstanceOf(ForeignFileException.class);
  }

  @Test
  void aContainerFileOfAnotherVersionIsForeign() {
    byte[] later = two.clone();
    later[3] = 2;

    assertThatThrownBy(() -> read(later, true)).isInstanceOf(ForeignFileException.class);
  }

  /** A length that was damaged must not make the reader reserve memory. */
  @Test
  void aHeaderThatSaysItIsTwoGigabytesLongIsNotBelieved() {
    byte[] huge = Arrays.copyOf(two, two.length);
    byte[] two31 = {(byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
    System.arraycopy(two31, 0, huge, 5, two31.length);

    assertThatThrownBy(() -> read(huge, true)).isInstanceOf(IOException.class);
  }

  @Test
  void aSegmentOfAnotherTopicIsForeignByItsSchema() throws IOException {
    Files.delete(segment);
    SegmentWriter.create(segment, Topics.ERRORS).close();

    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
      assertThatThrownBy(() -> reader.read(0, true))
          .isInstanceOf(ForeignFileException.class)
          .hasMessageContaining(ErrorLogged.class.getName())
          .hasMessageContaining(Topics.METRICS.streamName());
    }
  }

  @Test
  void aSchemaOfTheSameNameThatWasNeverReleasedIsForeign() throws IOException {
    Schema invented =
        new Schema.Parser()
            .parse(
                """
                {"type":"record","name":"%s","namespace":"%s",
                 "fields":[{"name":"run_id","type":"long"}]}
                """
                    .formatted(
                        Topics.METRICS.schema().getName(), Topics.METRICS.schema().getNamespace()));
    try (DataFileWriter<Object> writer = new DataFileWriter<>(new GenericDatumWriter<>(invented))) {
      writer.create(invented, segment.toFile());
    }

    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
      assertThatThrownBy(() -> reader.read(0, true)).isInstanceOf(ForeignFileException.class);
    }
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("metrics-000002.avro"), segment);

    assertThatThrownBy(() -> SegmentReader.open(Topics.METRICS, link))
        .isInstanceOf(IOException.class);
  }

  @Test
  void anEventThatIsLongerThanAReadIsReadWhole() throws IOException {
    Files.delete(segment);
    ErrorLogged long1 = error("x".repeat(600_000));
    Path errors = directory.resolve("errors-000001.avro");
    try (SegmentWriter writer = SegmentWriter.create(errors, Topics.ERRORS)) {
      assertThat(writer.append(long1)).isPositive();
      assertThat(writer.append(error("short"))).isPositive();
    }

    try (SegmentReader reader = SegmentReader.open(Topics.ERRORS, errors)) {
      Chunk chunk = reader.read(0, false);
      assertThat(chunk.events().get(0)).isEqualTo(long1);
      assertThat(chunk.damagedBytes()).isZero();
    }
  }

  static ErrorLogged error(String traceback) {
    return ErrorLogged.newBuilder()
        .setRunId(1)
        .setAttemptId(2)
        .setWriterId(3)
        .setSeq(0)
        .setAt(Instant.EPOCH)
        .setExceptionType("E")
        .setMessage("m")
        .setTraceback(traceback)
        .build();
  }
}
