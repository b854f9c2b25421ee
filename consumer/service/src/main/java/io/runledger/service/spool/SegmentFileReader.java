package io.runledger.service.spool;

import io.runledger.files.HeldLocks;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Source;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.Topics;
import io.runledger.spool.SegmentReader;
import io.runledger.spool.SpoolWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a segment. */
public final class SegmentFileReader implements FileReader {

  private static final Logger LOG = LoggerFactory.getLogger(SegmentFileReader.class);

  private final SpoolFile file;
  private final Topics topic;
  private final SegmentReader reader;
  private long position;

  private SegmentFileReader(SpoolFile file, Topics topic, SegmentReader reader) {
    this.file = file;
    this.topic = topic;
    this.reader = reader;
  }

  static SegmentFileReader open(SpoolFile file) throws IOException {
    Topics topic = file.topic().orElseThrow();
    return new SegmentFileReader(file, topic, SegmentReader.open(topic, file.path()));
  }

  @Override
  public Optional<String> marker() throws IOException {
    try {
      return Optional.of(reader.marker());
    } catch (SegmentReader.NotYetReadableException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean resumeAt(long from) throws IOException {
    boolean isThere = from <= reader.size();
    position = isThere ? from : 0;
    return isThere;
  }

  @Override
  public Read next(int partition, long limit) throws IOException {
    SegmentReader.Chunk chunk =
        limit == NO_LIMIT ? reader.read(position, false) : reader.readUpTo(position, limit);
    if (chunk.end() == position && position < reader.size() && limit == NO_LIMIT && isLeft()) {
      chunk = reader.read(position, true);
    }
    if (chunk.damagedBytes() > 0) {
      LOG.warn(
          "{} bytes of {} before byte {} are damaged and were skipped; the run shows the missing events.",
          chunk.damagedBytes(),
          file.path(),
          chunk.end());
    }
    position = chunk.end();
    List<IncomingRecord> records =
        chunk.events().stream().map(event -> incoming(event, partition)).toList();
    return new Read(records, position);
  }

  /** Whether nobody appends to it any more: what is incomplete at its end stays so. */
  private boolean isLeft() throws IOException {
    Path lock = file.path().resolveSibling(SpoolWriter.LOCK_FILE);
    try {
      return !HeldLocks.isHeld(lock);
    } catch (NoSuchFileException sentAndCleanedUp) {
      return !Files.exists(lock);
    }
  }

  private IncomingRecord incoming(SpecificRecord event, int partition) {
    Envelope of = Envelope.of(event);
    return new IncomingRecord(
        new Source(file.name(), partition, of.seq(), of.at().toEpochMilli()),
        FileReader.key(event),
        Optional.of(SegmentValues.bytes(topic, event)),
        "[]",
        new Decoded.Event(event));
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public boolean isStillTheFile() throws IOException {
    return position <= reader.size();
  }

  @Override
  public long size() throws IOException {
    return reader.size();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
