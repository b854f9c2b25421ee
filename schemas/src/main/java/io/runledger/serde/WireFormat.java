package io.runledger.serde;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** Confluent's wire format: a zero byte, the schema id (4 bytes, big-endian), the Avro binary. */
public final class WireFormat {

  /** The first byte of each record. */
  public static final byte MAGIC = 0;

  /** Bytes before the Avro binary. */
  public static final int HEADER_BYTES = 5;

  /**
   * Header of a record whose value is a line of a spool file that is not an event, unchanged; its
   * value is a sentence in UTF-8 with file, line and reason.
   */
  public static final String BAD_LINE_HEADER = "runledger.bad-line";

  /**
   * Header of a record that a consumer of ours hands on without its value, because it is too long
   * to be held; its value is a sentence in UTF-8. It is on no topic.
   */
  public static final String NOT_HELD_HEADER = "runledger.not-held";

  private WireFormat() {}

  /**
   * The id of the schema that wrote the record.
   *
   * @throws MalformedRecordException when the bytes do not begin as the format does
   */
  public static int schemaId(byte[] value) throws MalformedRecordException {
    if (value.length < HEADER_BYTES) {
      throw new MalformedRecordException(
          "truncated",
          "The value has %d bytes; the wire format needs at least %d."
              .formatted(value.length, HEADER_BYTES),
          null);
    }
    if (value[0] != MAGIC) {
      throw new MalformedRecordException(
          "not the wire format",
          "The value begins with byte 0x%02x, not 0x00; it was not written in the wire format."
              .formatted(value[0]),
          null);
    }
    int schemaId = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
    if (schemaId < 0) {
      // Not for the registry to answer: some call a negative id a bad request, hence an outage.
      throw new MalformedRecordException(
          "not the wire format", "The schema id " + schemaId + " is negative.", null);
    }
    return schemaId;
  }

  /** The same, for those who leave it to others to say why there is none. */
  public static OptionalInt schemaIdIfAny(byte[] value) {
    boolean begins = value.length >= HEADER_BYTES && value[0] == MAGIC && value[1] >= 0;
    return begins
        ? OptionalInt.of(ByteBuffer.wrap(value, 1, Integer.BYTES).getInt())
        : OptionalInt.empty();
  }

  /** The bytes before the Avro binary. */
  static byte[] header(int schemaId) {
    return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(schemaId).array();
  }
}
