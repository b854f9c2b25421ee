package io.runledger.service.spool;

import io.runledger.config.Configuration;
import io.runledger.files.HeldLocks;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Source;
import io.runledger.schemas.Envelope;
import io.runledger.serde.WireFormat;
import io.runledger.service.log.BatchDecoder;
import io.runledger.service.log.HeadersJson;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.JsonLines;
import io.runledger.spool.lines.LineChunk;
import io.runledger.spool.lines.LineCursor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Reads a file of JSON lines. */
public final class LinesFileReader implements FileReader {

  private final SpoolFile file;
  private final LineCursor cursor;

  private LinesFileReader(SpoolFile file, LineCursor cursor) {
    this.file = file;
    this.cursor = cursor;
  }

  static LinesFileReader open(SpoolFile file, Configuration configuration) throws IOException {
    return new LinesFileReader(file, LineCursor.open(file.path(), configuration, true));
  }

  @Override
  public Optional<String> marker() throws IOException {
    return cursor.marker();
  }

  @Override
  public boolean resumeAt(long position) throws IOException {
    return cursor.resumeAt(position);
  }

  @Override
  public Read next(int partition, long limit) throws IOException {
    LineChunk chunk = cursor.next(limit - cursor.position());
    List<IncomingRecord> records = new ArrayList<>();
    for (LineChunk.Line line : chunk.each()) {
      line.why().ifPresent(why -> records.add(bad(line, why, partition)));
      for (JsonLines.LineEvent event : line.events()) {
        records.add(incoming(line, event, partition));
      }
    }
    cursor.moveTo(chunk);
    return new Read(records, cursor.position());
  }

  /** Its value is the line: what the line leaves out is in those above it. */
  private IncomingRecord incoming(LineChunk.Line line, JsonLines.LineEvent event, int partition) {
    return new IncomingRecord(
        new Source(
            file.name(), partition, line.number(), Envelope.of(event.event()).at().toEpochMilli()),
        FileReader.key(event.event()),
        Optional.of(line.bytes()),
        "[]",
        new Decoded.Event(event.event()));
  }

  private IncomingRecord bad(LineChunk.Line line, String why, int partition) {
    String sentence = "%s line %d: %s.".formatted(file.name(), line.number(), why);
    return new IncomingRecord(
        new Source(file.name(), partition, line.number(), file.changed().toEpochMilli()),
        cursor.lines().run().map(run -> run.toString().getBytes(StandardCharsets.UTF_8)),
        Optional.of(line.bytes()),
        HeadersJson.of(
            new RecordHeaders()
                .add(WireFormat.BAD_LINE_HEADER, sentence.getBytes(StandardCharsets.UTF_8))),
        new Decoded.Malformed(BatchDecoder.BAD_LINE, sentence));
  }

  /** The file that it reads. */
  public SpoolFile file() {
    return file;
  }

  /** Whether the last line said that nothing follows. */
  public boolean isEnded() {
    return cursor.lines().isEnded();
  }

  /** Whether a process is known to append to it: one that holds its lock, or lives here. */
  public boolean mayGrow() {
    return !isEnded() && cursor.holder().locks() && !cursor.holder().isDead(cursor.channel());
  }

  @Override
  public boolean isStillTheFile() throws IOException {
    return position() <= size() && cursor.standsAtItsName();
  }

  /**
   * Ends the file of a process that is gone without having reported an end, unless a sender serves
   * the file, which does so too.
   *
   * @return whether there is more to read now
   */
  public boolean endForItsProcess() throws IOException {
    if (isEnded() || !cursor.holder().isGoneHere(cursor.channel())) {
      return false;
    }
    Optional<HeldLocks.Held> lock = HeldLocks.take(SpoolDirectory.lockOf(file.path()));
    if (lock.isEmpty()) {
      return false;
    }
    HeldLocks.Held held = lock.get();
    try (held) {
      return cursor.endForItsProcess();
    }
  }

  @Override
  public long position() {
    return cursor.position();
  }

  @Override
  public long size() throws IOException {
    return cursor.size();
  }

  @Override
  public void close() throws IOException {
    cursor.close();
  }
}
