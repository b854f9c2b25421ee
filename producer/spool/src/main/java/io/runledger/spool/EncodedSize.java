package io.runledger.spool;

import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.serde.EventModel;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;

/** Checks whether an event would be too large for the broker, before it is stored. */
final class EncodedSize {

  /**
   * A number of metrics in one log call that is surely small enough, however long their names are.
   */
  private static final int FEW_METRICS = 200;

  private EncodedSize() {}

  static boolean mayExceed(SpecificRecord event, int maxBytes) throws IOException {
    if (event instanceof MetricsLogged metrics
        && metrics.getRows().get(0).getValues().size() <= FEW_METRICS) {
      return false;
    }
    Counting counting = new Counting();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(counting, null);
    EventModel.writer(Topics.of(event)).write(event, encoder);
    return counting.bytes > maxBytes;
  }

  private static final class Counting extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] from, int offset, int length) {
      bytes += length;
    }
  }
}
