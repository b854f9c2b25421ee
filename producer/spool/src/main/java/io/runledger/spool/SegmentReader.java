package io.runledger.spool;

import io.runledger.schemas.ReleasedSchemas;
import io.runledger.schemas.Topics;
import io.runledger.serde.EventModel;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificRecord;

/**
 * Reads the events of a segment that may still grow. An incomplete block at the end is read later;
 * a damaged block is skipped up to the next sync marker and counted. Not thread-safe.
 */
public final class SegmentReader implements AutoCloseable {

  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int SYNC_BYTES = 16;

  /**
   * Some thousand log calls at a time. They and their Kafka records wait for the broker in the
   * training's heap, which may be small, and arrays of half a megabyte and more would cost its
   * garbage collector extra work.
   */
  private static final int READ_BYTES = 256 << 10;

  /** Largest length that is believed to be a block: no event of ours comes near it. */
  private static final int LARGEST_BLOCK = 64 << 20;

  /** The header of the file is incomplete: the writer died, or is just creating the file. */
  public static final class NotYetReadableException extends IOException {
    private static final long serialVersionUID = 1L;

    NotYetReadableException(String message) {
      super(message);
    }
  }

  /** The file is not a segment of this topic, whatever else it is. */
  public static final class ForeignFileException extends IOException {
    private static final long serialVersionUID = 1L;

    ForeignFileException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * What was read.
   *
   * @param events the events in their order
   * @param end position after the last block that was read or skipped
   * @param damagedBytes bytes that were skipped because they were not whole blocks
   */
  public record Chunk(List<SpecificRecord> events, long end, long damagedBytes) {
    public boolean isEmpty() {
      return events.isEmpty() && damagedBytes == 0;
    }
  }

  private final Topics topic;
  private final Path file;
  private final FileChannel channel;
  private final FileIdentity identity;

  /** The schema of the version that wrote the file; present once the header has been read. */
  private DatumReader<SpecificRecord> eventReader;

  private byte[] header = {};
  private byte[] sync = {};

  private SegmentReader(Topics topic, Path file, FileIdentity identity, FileChannel channel) {
    this.topic = topic;
    this.identity = identity;
    this.file = file;
    this.channel = channel;
  }

  public static SegmentReader open(Topics topic, Path file) throws IOException {
    return new SegmentReader(
        topic,
        file,
        FileIdentity.of(file),
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
  }

  /** The file as it was under its name when it was opened. */
  public FileIdentity identity() {
    return identity;
  }

  /** Size of the file now, in bytes. */
  public long size() throws IOException {
    return channel.size();
  }

  /**
   * Reads the complete blocks that follow a position, up to about a quarter of a megabyte.
   *
   * @param position end of an earlier chunk, or 0
   * @param atEnd whether the file does not grow any more: then an incomplete block at the end
   *     counts as damage
   * @throws NotYetReadableException when not even the header is complete
   */
  public Chunk read(long position, boolean atEnd) throws IOException {
    return read(position, atEnd, size());
  }

  /** As above, as if the file ended at {@code limit}, and did not grow any more. */
  public Chunk readUpTo(long position, long limit) throws IOException {
    return read(position, true, Math.min(limit, size()));
  }

  /**
   * What distinguishes this segment from every other one: its sync marker, in hexadecimal digits.
   *
   * @throws NotYetReadableException when not even the header is complete
   */
  public String marker() throws IOException {
    if (header.length == 0) {
      readHeader();
    }
    return HexFormat.of().formatHex(sync);
  }

  private Chunk read(long position, boolean atEnd, long limit) throws IOException {
    if (header.length == 0) {
      readHeader();
    }
    long start = Math.max(position, header.length);
    int wanted = READ_BYTES;
    while (true) {
      byte[] bytes = bytesAt(start, (int) Math.min(wanted, Math.max(0, limit - start)));
      Chunk chunk = wholeBlocks(bytes, start, atEnd && start + bytes.length >= limit);
      boolean maybeLarger = chunk.end() == start && bytes.length == wanted;
      if (!maybeLarger || wanted >= LARGEST_BLOCK) {
        return chunk;
      }
      wanted *= 4;
    }
  }

  private void readHeader() throws IOException {
    byte[] bytes = bytesAt(0, READ_BYTES);
    if (bytes.length < MAGIC.length) {
      throw new NotYetReadableException(file + " has no complete header yet.");
    }
    if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      // Its lengths would be arbitrary, and the reader would wait for that many bytes.
      throw new ForeignFileException("it does not start like an Avro container file", null);
    }
    byte[] whole;
    Schema written;
    try {
      // Measured before it is decoded: a damaged length must not make the decoder reserve memory.
      whole = Arrays.copyOf(bytes, headerLength(bytes));
      written = schemaOf(whole);
    } catch (EOFException e) {
      throw new NotYetReadableException(file + " has no complete header yet.");
    } catch (IOException | RuntimeException e) {
      throw new ForeignFileException(
          "it is not an Avro container file of Runledger: " + e.getMessage(), e);
    }
    // Comparing names would not do: a damaged header can still be a schema, and events read with it
    // would be invented.
    Schema released =
        ReleasedSchemas.sameAs(written, topic)
            .orElseThrow(
                () ->
                    new ForeignFileException(
                        "its schema %s is not a version of the schema of %s segments"
                            .formatted(written.getFullName(), topic.streamName()),
                        null));
    eventReader = EventModel.reader(released, topic);
    header = whole;
    sync = Arrays.copyOfRange(header, header.length - SYNC_BYTES, header.length);
  }

  private Schema schemaOf(byte[] whole) throws IOException {
    try (DataFileStream<Object> stream =
        new DataFileStream<>(new ByteArrayInputStream(whole), new GenericDatumReader<>())) {
      return stream.getSchema();
    }
  }

  /** Length of the header: magic, metadata map and sync marker, as the Avro specification says. */
  private static int headerLength(byte[] bytes) throws IOException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    InputStream rest = decoder.inputStream();
    decoder.readFixed(new byte[MAGIC.length]);
    for (long count = decoder.readMapStart(); count != 0; count = decoder.mapNext()) {
      for (long i = 0; i < count; i++) {
        decoder.skipString();
        decoder.skipBytes();
      }
    }
    decoder.readFixed(new byte[SYNC_BYTES]);
    return bytes.length - rest.available();
  }

  private Chunk wholeBlocks(byte[] bytes, long start, boolean atEnd) throws IOException {
    int whole = endOfWholeBlocks(bytes);
    List<SpecificRecord> events = new ArrayList<>(decoded(bytes, 0, whole));
    // One stream for all blocks is fast; where one of them is damaged, each is read by itself.
    int at = events.isEmpty() ? 0 : whole;
    long damaged = 0;
    while (at < bytes.length) {
      int end = blockEnd(bytes, at);
      if (end == INCOMPLETE && !atEnd) {
        break;
      }
      List<SpecificRecord> block = end > 0 ? decoded(bytes, at, end) : List.of();
      if (end > 0 && !block.isEmpty()) {
        events.addAll(block);
        at = end;
      } else {
        // Damage: continue after the next marker, or leave it to the next call when there is none
        // yet.
        int next = behindNextSync(bytes, at);
        if (next < 0 && !atEnd && bytes.length < LARGEST_BLOCK) {
          break;
        }
        int to = next < 0 ? bytes.length : next;
        damaged += to - at;
        at = to;
      }
    }
    return new Chunk(events, start + at, damaged);
  }

  private int endOfWholeBlocks(byte[] bytes) {
    int at = 0;
    for (int end = blockEnd(bytes, at); end > 0; end = blockEnd(bytes, at)) {
      at = end;
    }
    return at;
  }

  private static final int INCOMPLETE = 0;
  private static final int DAMAGED = -1;

  /** Position after the block that begins at {@code at}, or INCOMPLETE, or DAMAGED. */
  private int blockEnd(byte[] bytes, int at) {
    long[] count = new long[1];
    int afterCount = zigzag(bytes, at, count);
    if (afterCount <= 0) {
      return afterCount;
    }
    long[] size = new long[1];
    int afterSize = zigzag(bytes, afterCount, size);
    if (afterSize <= 0) {
      return afterSize;
    }
    if (count[0] <= 0 || size[0] < 0 || size[0] > LARGEST_BLOCK) {
      return DAMAGED;
    }
    long end = afterSize + size[0] + SYNC_BYTES;
    if (end > bytes.length) {
      return INCOMPLETE;
    }
    int syncAt = (int) end - SYNC_BYTES;
    return Arrays.equals(bytes, syncAt, (int) end, sync, 0, SYNC_BYTES) ? (int) end : DAMAGED;
  }

  private static int zigzag(byte[] bytes, int at, long[] value) {
    long raw = 0;
    for (int i = 0; i < 10; i++) {
      if (at + i >= bytes.length) {
        return INCOMPLETE;
      }
      byte b = bytes[at + i];
      raw |= (long) (b & 0x7f) << (7 * i);
      if (b >= 0) {
        value[0] = (raw >>> 1) ^ -(raw & 1);
        return at + i + 1;
      }
    }
    return DAMAGED;
  }

  /** The events of one block; empty when its bytes do not hold what they should. */
  private List<SpecificRecord> decoded(byte[] bytes, int from, int to) throws IOException {
    InputStream one =
        new SequenceInputStream(
            new ByteArrayInputStream(header), new ByteArrayInputStream(bytes, from, to - from));
    List<SpecificRecord> events = new ArrayList<>(1);
    try (DataFileStream<SpecificRecord> stream = new DataFileStream<>(one, eventReader)) {
      while (stream.hasNext()) {
        events.add(stream.next());
      }
      return events;
    } catch (IOException | RuntimeException e) {
      // A checksum that does not match, or bytes that are not an event: damage, reported by the
      // caller.
      return List.of();
    }
  }

  private int behindNextSync(byte[] bytes, int from) {
    for (int i = from + 1; i + SYNC_BYTES <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + SYNC_BYTES, sync, 0, SYNC_BYTES)) {
        return i + SYNC_BYTES;
      }
    }
    return -1;
  }

  private byte[] bytesAt(long position, int most) throws IOException {
    long available = Math.max(0, channel.size() - position);
    return FileBytes.at(channel, position, Math.min(available, most));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
