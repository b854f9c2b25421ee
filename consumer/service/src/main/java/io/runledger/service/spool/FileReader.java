package io.runledger.service.spool;

import io.runledger.config.Configuration;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/** Reads one file of a spool from a position on. Not thread-safe. */
public sealed interface FileReader extends AutoCloseable
    permits SegmentFileReader, LinesFileReader {

  /** That the file ends where it ends now, for {@link #next}. */
  long NO_LIMIT = Long.MAX_VALUE;

  /**
   * What was read; empty when nothing whole follows.
   *
   * @param end position behind it
   */
  record Read(List<IncomingRecord> records, long end) {}

  /** Opens a file, and begins at its first byte. */
  static FileReader open(SpoolFile file, Configuration configuration) throws IOException {
    return file.topic().isPresent()
        ? SegmentFileReader.open(file)
        : LinesFileReader.open(file, configuration);
  }

  /** What distinguishes the file from others that had its name; empty while it is too short. */
  Optional<String> marker() throws IOException;

  /**
   * Continues from a position.
   *
   * @return false when nothing whole ends there, and reading begins at the first byte
   */
  boolean resumeAt(long position) throws IOException;

  /**
   * The next records, some hundred kilobytes of them.
   *
   * @param partition what the marker amounts to
   * @param limit the position at which the file ends
   */
  Read next(int partition, long limit) throws IOException;

  /** Where it is. */
  long position();

  /** Whether what was read is still there: the file has its name, and was not shortened. */
  boolean isStillTheFile() throws IOException;

  /** Bytes of the file now. */
  long size() throws IOException;

  @Override
  void close() throws IOException;

  /** The number that stands for a partition. */
  static int partition(String marker) {
    return Integer.parseUnsignedInt(marker.substring(0, 8), 16) & Integer.MAX_VALUE;
  }

  /** The key of an event: its run. */
  static Optional<byte[]> key(SpecificRecord event) {
    return Optional.of(
        new RunId(Envelope.of(event).run()).toString().getBytes(StandardCharsets.UTF_8));
  }
}
