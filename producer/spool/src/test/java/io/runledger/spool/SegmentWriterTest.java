package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event is whole in the segment, or not in it. */
class SegmentWriterTest {

  @TempDir private Path directory;
  private Path segment;

  @BeforeEach
  void nameTheSegment() {
    segment = directory.resolve("metrics-000001.avro");
  }

  private static SpecificRecord metric(long seq, Map<String, Double> values) {
    return new MetricsLogged(
        1L, 2L, 3L, seq, List.of(new MetricRow(Instant.EPOCH, seq, null, null, values)));
  }

  private static SpecificRecord metric(long seq) {
    return metric(seq, Map.of("a", 1.0));
  }

  private List<Long> stored() throws IOException {
    try (SegmentReader reader = SegmentReader.open(Topics.METRICS, segment)) {
      return reader.read(0, true).events().stream()
          .map(event -> ((MetricsLogged) event).getFirstSeq())
          .toList();
    }
  }

  @Test
  void eachEventIsInTheFileWhenAppendReturns() throws IOException {
    try (SegmentWriter writer = SegmentWriter.create(segment, Topics.METRICS)) {
      long header = writer.bytes();
      int length = writer.append(metric(0));

      assertThat(stored()).containsExactly(0L);
      assertThat(Files.size(segment)).isEqualTo(header + length).isEqualTo(writer.bytes());
    }
  }

  @Test
  void onlyItsOwnerMayReadIt() throws IOException {
    SegmentWriter.create(segment, Topics.METRICS).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(segment)))
        .isEqualTo("rw-------");
  }

  @Test
  void whatStandsThereIsNeverOverwritten() throws IOException {
    Files.writeString(segment, "of somebody else");

    assertThatThrownBy(() -> SegmentWriter.create(segment, Topics.METRICS))
        .isInstanceOf(FileAlreadyExistsException.class);

    assertThat(segment).hasContent("of somebody else");
  }

  @Test
  void anEventThatCannotBeEncodedLeavesWhatIsThereReadable() throws IOException {
    try (SegmentWriter writer = SegmentWriter.create(segment, Topics.METRICS)) {
      assertThat(writer.append(metric(0))).isPositive();
      Map<String, Double> values = new HashMap<>();
      values.put("a", null);

      assertThatThrownBy(() -> writer.append(metric(1, values)))
          .isInstanceOf(SegmentWriter.UnusableException.class);

      assertThat(stored()).containsExactly(0L);
    }
  }

  @Test
  void aSegmentThatSomebodyRemovedIsPutBackWholeAndAppendedTo() throws IOException {
    try (SegmentWriter writer = SegmentWriter.create(segment, Topics.METRICS)) {
      assertThat(writer.append(metric(0))).isPositive();
      assertThat(writer.isDisplaced()).isFalse();
      Files.delete(segment);
      assertThat(writer.isDisplaced()).isTrue();

      writer.restore();

      assertThat(writer.isDisplaced()).isFalse();
      assertThat(writer.append(metric(1))).isPositive();
      assertThat(stored()).containsExactly(0L, 1L);
    }
  }

  @Test
  void anotherFileUnderItsNameIsReplaced() throws IOException {
    try (SegmentWriter writer = SegmentWriter.create(segment, Topics.METRICS)) {
      assertThat(writer.append(metric(0))).isPositive();
      Files.delete(segment);
      Files.writeString(segment, "of somebody else");

      writer.restore();

      assertThat(stored()).containsExactly(0L);
    }
  }

  @Test
  void whereItCannotBePutBackItGoesOnInTheFileThatItHas() throws IOException {
    try (SegmentWriter writer = SegmentWriter.create(segment, Topics.METRICS)) {
      assertThat(writer.append(metric(0))).isPositive();
      Files.delete(segment);
      Files.createDirectories(segment.resolve("in-the-way"));

      assertThatThrownBy(writer::restore).isInstanceOf(IOException.class);
      assertThat(writer.append(metric(1))).isPositive();
      Files.delete(segment.resolve("in-the-way"));
      Files.delete(segment);
      writer.restore();

      assertThat(stored()).containsExactly(0L, 1L);
      assertThat(directory).isDirectoryNotContaining(file -> !file.equals(segment));
    }
  }
}
