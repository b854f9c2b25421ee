package io.runledger.imports.files;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalDouble;

/** The value of a TensorProto with one number, in any of the ways in which it can be written. */
final class ScalarTensor {

  private static final int TYPE = 1;
  private static final int SHAPE = 2;
  private static final int CONTENT = 4;
  private static final int FLOATS = 5;
  private static final int DOUBLES = 6;
  private static final int INTS = 7;
  private static final int LONGS = 10;
  private static final int BOOLS = 11;
  private static final int HALVES = 13;
  private static final int UINTS = 16;
  private static final int ULONGS = 17;

  private static final int DT_FLOAT = 1;
  private static final int DT_DOUBLE = 2;
  private static final int DT_INT32 = 3;
  private static final int DT_INT64 = 9;
  private static final int DT_BFLOAT16 = 14;
  private static final int DT_HALF = 19;

  private static final int HALF_BITS = 16;
  private static final int HALF_FRACTION = 10;
  private static final int HALF_BIAS = 15;

  private int type;
  private long elements = 1;
  private int values;
  private double value;
  private ByteString content = ByteString.EMPTY;

  private ScalarTensor() {}

  /** Reads a message up to its end; empty when it does not have exactly one number. */
  static OptionalDouble of(CodedInputStream in) throws IOException {
    ScalarTensor tensor = new ScalarTensor();
    ProtoFields.each(in, (number, wire) -> tensor.read(in, number, wire));
    return tensor.value();
  }

  private boolean read(CodedInputStream in, int number, int wire) throws IOException {
    if (number == TYPE && wire == ProtoFields.VARINT) {
      type = in.readEnum();
    } else if (number == SHAPE && wire == ProtoFields.BYTES) {
      ProtoFields.message(in, () -> shape(in));
    } else if (number == CONTENT && wire == ProtoFields.BYTES) {
      content = in.readBytes();
    } else if (!isValue(number)) {
      return false;
    } else if (wire == ProtoFields.BYTES) {
      ProtoFields.message(
          in,
          () -> {
            while (!in.isAtEnd()) {
              take(in, number);
            }
          });
    } else {
      take(in, number);
    }
    return true;
  }

  private static boolean isValue(int number) {
    return switch (number) {
      case FLOATS, DOUBLES, INTS, LONGS, BOOLS, HALVES, UINTS, ULONGS -> true;
      default -> false;
    };
  }

  private void shape(CodedInputStream in) throws IOException {
    ProtoFields.each(
        in,
        (number, wire) -> {
          boolean isDimension = number == 2 && wire == ProtoFields.BYTES;
          if (isDimension) {
            ProtoFields.message(in, () -> dimension(in));
          }
          return isDimension;
        });
  }

  private void dimension(CodedInputStream in) throws IOException {
    ProtoFields.each(
        in,
        (number, wire) -> {
          boolean isSize = number == 1 && wire == ProtoFields.VARINT;
          if (isSize) {
            long size = in.readInt64();
            // One that is unknown, and more than one, are no scalar alike.
            elements = size == 1 ? elements : 0;
          }
          return isSize;
        });
  }

  private void take(CodedInputStream in, int number) throws IOException {
    value =
        switch (number) {
          case FLOATS -> PlainNumbers.shortest(in.readFloat());
          case DOUBLES -> in.readDouble();
          case INTS -> in.readInt32();
          case LONGS -> in.readInt64();
          case BOOLS -> in.readBool() ? 1 : 0;
          case HALVES -> half(in.readInt32());
          case UINTS -> Integer.toUnsignedLong(in.readUInt32());
          default -> unsigned(in.readUInt64());
        };
    values++;
  }

  private OptionalDouble value() {
    if (elements != 1) {
      return OptionalDouble.empty();
    }
    if (values == 1) {
      return OptionalDouble.of(value);
    }
    ByteBuffer bytes = content.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (values > 1 || bytes.remaining() != width()) {
      // Zeros need not be written at all.
      boolean isZero = values == 0 && bytes.remaining() == 0 && width() > 0;
      return isZero ? OptionalDouble.of(0) : OptionalDouble.empty();
    }
    return OptionalDouble.of(
        switch (type) {
          case DT_FLOAT -> PlainNumbers.shortest(bytes.getFloat());
          case DT_DOUBLE -> bytes.getDouble();
          case DT_INT32 -> bytes.getInt();
          case DT_INT64 -> bytes.getLong();
          default -> half(bytes.getShort());
        });
  }

  private int width() {
    return switch (type) {
      case DT_FLOAT, DT_INT32 -> Float.BYTES;
      case DT_DOUBLE, DT_INT64 -> Double.BYTES;
      case DT_HALF, DT_BFLOAT16 -> Short.BYTES;
      default -> -1;
    };
  }

  private double half(int bits) {
    if (type == DT_BFLOAT16) {
      return PlainNumbers.shortest(Float.intBitsToFloat(bits << HALF_BITS));
    }
    int exponent = (bits >>> HALF_FRACTION) & 0x1f;
    int fraction = bits & 0x3ff;
    double size;
    if (exponent == 0) {
      size = Math.scalb((double) fraction, 1 - HALF_BIAS - HALF_FRACTION);
    } else if (exponent == 0x1f) {
      size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else {
      size = Math.scalb((double) (fraction | 0x400), exponent - HALF_BIAS - HALF_FRACTION);
    }
    return (bits & 0x8000) == 0 ? size : -size;
  }

  private static double unsigned(long value) {
    return value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2.0;
  }
}
