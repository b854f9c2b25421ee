package io.runledger.postgres.copy;

import java.nio.ByteBuffer;
import java.sql.SQLException;
import org.postgresql.copy.CopyIn;

/**
 * Writes rows in the binary format of COPY: a signature, for each row the number of its fields, for
 * each field its length (-1 for null) and its bytes, and an end. All numbers are big-endian, a
 * double is its IEEE 754 bits, so that NaN, infinities and minus zero stay what they are. See
 * PostgreSQL's page on COPY, "Binary Format". Not thread-safe.
 */
final class BinaryRows {

  /** The signature, no flags, no extension. */
  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private static final short END = -1;

  private static final int NULL = -1;

  /** The driver copies what it is given once more, whatever its length. */
  private static final int BUFFER = 1 << 16;

  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

  /** Begins: forgets what an earlier COPY left. */
  void begin() {
    buffer.clear();
    buffer.put(HEADER);
  }

  /**
   * Begins a row.
   *
   * @param bytes most that it takes; what is there is sent where it would not fit
   */
  void row(CopyIn copy, int fields, int bytes) throws SQLException {
    if (buffer.remaining() < bytes) {
      send(copy);
    }
    buffer.putShort((short) fields);
  }

  void field(long value) {
    buffer.putInt(Long.BYTES).putLong(value);
  }

  void field(double value) {
    buffer.putInt(Double.BYTES).putDouble(value);
  }

  void fieldOrNull(Long value) {
    if (value == null) {
      buffer.putInt(NULL);
    } else {
      field((long) value);
    }
  }

  void fieldOrNull(Double value) {
    if (value == null) {
      buffer.putInt(NULL);
    } else {
      field((double) value);
    }
  }

  /** Sends all that is left. */
  void end(CopyIn copy) throws SQLException {
    if (buffer.remaining() < Short.BYTES) {
      send(copy);
    }
    buffer.putShort(END);
    send(copy);
  }

  private void send(CopyIn copy) throws SQLException {
    copy.writeToCopy(buffer.array(), 0, buffer.position());
    buffer.clear();
  }
}
