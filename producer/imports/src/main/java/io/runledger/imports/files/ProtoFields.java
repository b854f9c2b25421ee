package io.runledger.imports.files;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Reads the fields of messages of others that are wanted, and skips all others, without classes
 * that were generated from their definitions.
 */
final class ProtoFields {

  /** Takes a field, whose value is next in the input. */
  interface Field {
    /** Reads the value, and returns true; or reads nothing, and returns false. */
    boolean read(int number, int wireType) throws IOException;
  }

  /** Takes a message, whose fields are next in the input up to its end. */
  interface Message {
    void read() throws IOException;
  }

  static final int VARINT = WireFormat.WIRETYPE_VARINT;
  static final int FIXED64 = WireFormat.WIRETYPE_FIXED64;
  static final int BYTES = WireFormat.WIRETYPE_LENGTH_DELIMITED;
  static final int FIXED32 = WireFormat.WIRETYPE_FIXED32;

  private ProtoFields() {}

  /** Reads all fields up to the end of the input, or of the message that it is limited to. */
  static void each(CodedInputStream in, Field field) throws IOException {
    int tag = in.readTag();
    while (tag != 0) {
      if (!field.read(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag))) {
        in.skipField(tag);
      }
      tag = in.readTag();
    }
  }

  /** Reads a message that is the value of a field; what it leaves is skipped. */
  static void message(CodedInputStream in, Message message) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    message.read();
    in.skipRawBytes(Math.max(0, in.getBytesUntilLimit()));
    in.popLimit(limit);
  }
}
