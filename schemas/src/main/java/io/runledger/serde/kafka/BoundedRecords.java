package io.runledger.serde.kafka;

import io.runledger.serde.RecordDecoder;
import io.runledger.serde.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecord;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * The records of one compressed batch, as a stream. A record of more than {@link #RECORD_BYTES} is
 * passed over, without reserving its length, and comes without its value; so do those before the
 * requested offset, which are not read. The stream stops when the poll under way has unpacked
 * enough. A batch is not unpacked beyond {@link #UNPACKED_BYTES}: the record that would end there
 * stands for the rest.
 */
final class BoundedRecords implements CloseableIterator<Record> {

  /** The longest value that is decoded, and room for key and headers. */
  static final int RECORD_BYTES = RecordDecoder.LONGEST_VALUE + (1 << 20);

  /** About a second's work, so that a batch full of bombs does not cost the group membership. */
  static final long UNPACKED_BYTES = 1L << 30;

  /** Keys of ours have 13 characters. */
  private static final int LONGEST_KEY = 1_024;

  private final DefaultRecordBatch batch;
  private final InputStream in;
  private final long from;
  private final PollBudget budget;
  private final Long logAppendTime;
  private int left;
  private long read;
  private OptionalLong last = OptionalLong.empty();
  private boolean stopped;

  BoundedRecords(DefaultRecordBatch batch, BufferSupplier buffers, long from, PollBudget budget) {
    this.batch = batch;
    this.in = batch.recordInputStream(buffers);
    this.from = from;
    this.budget = budget;
    this.left = batch.countOrNull();
    this.logAppendTime =
        batch.timestampType() == TimestampType.LOG_APPEND_TIME ? batch.maxTimestamp() : null;
  }

  @Override
  public boolean hasNext() {
    stopped = left > 0 && last.isPresent() && budget.isSpent();
    return left > 0 && !stopped;
  }

  /** Where to resume the batch in a later poll; empty when it was not left before its end. */
  Optional<Long> stoppedAt() {
    return stopped ? Optional.of(last.getAsLong() + 1) : Optional.empty();
  }

  @Override
  public Record next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    left--;
    try {
      int size = ByteUtils.readVarint(in);
      if (size < 0) {
        throw new InvalidRecordException("A record has the invalid length " + size + ".");
      }
      read += size;
      Record record = record(size);
      last = OptionalLong.of(record.offset());
      if (left == 0 && read <= UNPACKED_BYTES && in.read() >= 0) {
        throw new InvalidRecordException("Bytes follow the last record of a batch.");
      }
      return record;
    } catch (IllegalArgumentException | BufferOverflowException e) {
      throw new InvalidRecordException("A record is malformed.", e);
    } catch (IOException e) {
      throw new KafkaException("A batch of records cannot be decompressed.", e);
    }
  }

  private Record record(int size) throws IOException {
    Head head = new Head(in);
    head.read(); // attributes, of which there are none yet
    long timestampDelta = ByteUtils.readVarlong(head);
    int offsetDelta = ByteUtils.readVarint(head);
    long offset = batch.baseOffset() + offsetDelta;
    if (offset < from) {
      in.skipNBytes(size - head.length());
      return bare(offsetDelta, timestampDelta, null);
    }
    if (size <= RECORD_BYTES && read <= UNPACKED_BYTES) {
      return whole(size, head);
    }
    int keySize = ByteUtils.readVarint(head);
    byte[] key = keySize < 0 || keySize > LONGEST_KEY ? null : head.readNBytes(keySize);
    String sentence =
        "The record has %d bytes uncompressed; records of more than %d are not read. Its value is not kept here: it is on the topic, as long as the topic keeps it."
            .formatted(size, RECORD_BYTES);
    if (read > UNPACKED_BYTES) {
      sentence =
          "The batch of this record has more than %d bytes uncompressed, and is not read further. Its records from offset %d to %d are unknown: they are on the topic, as long as the topic keeps them."
              .formatted(UNPACKED_BYTES, offset, batch.lastOffset());
      left = 0;
    } else {
      in.skipNBytes(size - head.length());
    }
    byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
    return bare(
        offsetDelta, timestampDelta, key, new RecordHeader(WireFormat.NOT_HELD_HEADER, text));
  }

  private Record whole(int size, Head head) throws IOException {
    budget.spend(size);
    ByteBuffer bytes = ByteBuffer.allocate(ByteUtils.sizeOfVarint(size) + size);
    ByteUtils.writeVarint(size, bytes);
    bytes.put(head.bytes());
    int rest = bytes.remaining();
    if (in.readNBytes(bytes.array(), bytes.position(), rest) < rest) {
      throw new EOFException("A record is shorter than its length field says.");
    }
    return read(bytes.rewind());
  }

  /** A record in the place of one that is not read. */
  private Record bare(int offsetDelta, long timestampDelta, byte[] key, Header... headers)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DefaultRecord.writeTo(
        new DataOutputStream(bytes),
        offsetDelta,
        timestampDelta,
        key == null ? null : ByteBuffer.wrap(key),
        null,
        headers);
    return read(ByteBuffer.wrap(bytes.toByteArray()));
  }

  private Record read(ByteBuffer bytes) {
    return DefaultRecord.readFrom(
        bytes, batch.baseOffset(), batch.baseTimestamp(), batch.baseSequence(), logAppendTime);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new KafkaException("A batch of records cannot be closed.", e);
    }
  }

  /** The first bytes of a record, remembered as they are read. */
  private static final class Head extends InputStream {
    private final InputStream in;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream(32);

    private Head(InputStream in) {
      this.in = in;
    }

    int length() {
      return read.size();
    }

    byte[] bytes() {
      return read.toByteArray();
    }

    @Override
    public int read() throws IOException {
      int one = in.read();
      if (one < 0) {
        throw new EOFException("A record is shorter than its length field says.");
      }
      read.write(one);
      return one;
    }

    @Override
    public int read(byte[] bytes, int at, int most) throws IOException {
      int count = in.read(bytes, at, most);
      if (count < 0) {
        throw new EOFException("A record is shorter than its length field says.");
      }
      read.write(bytes, at, count);
      return count;
    }
  }
}
