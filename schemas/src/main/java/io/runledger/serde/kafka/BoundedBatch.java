package io.runledger.serde.kafka;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * A batch whose compressed records are read as {@link BoundedRecords}, and which ends where that
 * stopped; all else is as it was.
 */
final class BoundedBatch implements RecordBatch {

  private final RecordBatch batch;
  private final long from;
  private final PollBudget budget;
  private Optional<BoundedRecords> records = Optional.empty();

  /**
   * @param from the offset that was asked for; records before it are not read
   */
  BoundedBatch(RecordBatch batch, long from, PollBudget budget) {
    this.batch = batch;
    this.from = from;
    this.budget = budget;
  }

  @Override
  public CloseableIterator<Record> streamingIterator(BufferSupplier buffers) {
    if (batch.isCompressed() && batch instanceof DefaultRecordBatch compressed) {
      BoundedRecords bounded = new BoundedRecords(compressed, buffers, from, budget);
      records = Optional.of(bounded);
      return bounded;
    }
    // What is not compressed is no longer than what was fetched.
    budget.spend(batch.sizeInBytes());
    return batch.streamingIterator(buffers);
  }

  @Override
  public CloseableIterator<Record> streamingIterator(BufferSupplier buffers, int longest) {
    return streamingIterator(buffers);
  }

  @Override
  public Iterator<Record> iterator() {
    return batch.iterator();
  }

  @Override
  public boolean isValid() {
    return batch.isValid();
  }

  @Override
  public void ensureValid() {
    batch.ensureValid();
  }

  @Override
  public long checksum() {
    return batch.checksum();
  }

  @Override
  public long maxTimestamp() {
    return batch.maxTimestamp();
  }

  @Override
  public TimestampType timestampType() {
    return batch.timestampType();
  }

  @Override
  public long baseOffset() {
    return batch.baseOffset();
  }

  @Override
  public long lastOffset() {
    return batch.lastOffset();
  }

  @Override
  public long nextOffset() {
    return records.flatMap(BoundedRecords::stoppedAt).orElseGet(batch::nextOffset);
  }

  @Override
  public byte magic() {
    return batch.magic();
  }

  @Override
  public long producerId() {
    return batch.producerId();
  }

  @Override
  public short producerEpoch() {
    return batch.producerEpoch();
  }

  @Override
  public boolean hasProducerId() {
    return batch.hasProducerId();
  }

  @Override
  public int baseSequence() {
    return batch.baseSequence();
  }

  @Override
  public int lastSequence() {
    return batch.lastSequence();
  }

  @Override
  public CompressionType compressionType() {
    return batch.compressionType();
  }

  @Override
  public int sizeInBytes() {
    return batch.sizeInBytes();
  }

  @Override
  public Integer countOrNull() {
    return batch.countOrNull();
  }

  @Override
  public boolean isCompressed() {
    return batch.isCompressed();
  }

  @Override
  public void writeTo(ByteBuffer buffer) {
    batch.writeTo(buffer);
  }

  @Override
  public boolean isTransactional() {
    return batch.isTransactional();
  }

  @Override
  public OptionalLong deleteHorizonMs() {
    return batch.deleteHorizonMs();
  }

  @Override
  public int partitionLeaderEpoch() {
    return batch.partitionLeaderEpoch();
  }

  @Override
  public boolean isControlBatch() {
    return batch.isControlBatch();
  }
}
