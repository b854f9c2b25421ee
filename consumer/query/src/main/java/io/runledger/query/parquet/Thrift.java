package io.runledger.query.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes one struct in Thrift's compact protocol, members in ascending order of their numbers. A
 * struct inside it shares its bytes; {@link #end} gives the outer one back.
 */
final class Thrift {

  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;

  /** Larger differences of numbers, and longer lists, have a longer head. */
  private static final int SHORT = 15;

  private final ByteArrayOutputStream bytes;
  private final Thrift outer;
  private int last;

  Thrift() {
    this.bytes = new ByteArrayOutputStream();
    this.outer = this;
  }

  private Thrift(Thrift outer) {
    this.bytes = outer.bytes;
    this.outer = outer;
  }

  Thrift bool(int member, boolean value) {
    head(member, value ? TRUE : FALSE);
    return this;
  }

  Thrift i32(int member, int value) {
    head(member, I32);
    zigzag(value);
    return this;
  }

  Thrift i64(int member, long value) {
    head(member, I64);
    zigzag(value);
    return this;
  }

  Thrift text(int member, String value) {
    head(member, BINARY);
    binary(value);
    return this;
  }

  Thrift struct(int member) {
    head(member, STRUCT);
    return new Thrift(this);
  }

  /** A list of structs, which {@link #element} writes. */
  Thrift structs(int member, int size) {
    head(member, LIST);
    listHead(size, STRUCT);
    return this;
  }

  Thrift element() {
    return new Thrift(this);
  }

  Thrift i32s(int member, int... values) {
    head(member, LIST);
    listHead(values.length, I32);
    for (int value : values) {
      zigzag(value);
    }
    return this;
  }

  Thrift texts(int member, String... values) {
    head(member, LIST);
    listHead(values.length, BINARY);
    for (String value : values) {
      binary(value);
    }
    return this;
  }

  Thrift end() {
    bytes.write(0);
    return outer;
  }

  /** All that was written. */
  byte[] bytes() {
    return bytes.toByteArray();
  }

  private void head(int member, int type) {
    int difference = member - last;
    if (difference > 0 && difference <= SHORT) {
      bytes.write((difference << 4) | type);
    } else {
      bytes.write(type);
      zigzag(member);
    }
    last = member;
  }

  private void listHead(int size, int type) {
    if (size < SHORT) {
      bytes.write((size << 4) | type);
    } else {
      bytes.write((SHORT << 4) | type);
      varint(bytes, size);
    }
  }

  private void binary(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    varint(bytes, text.length);
    bytes.writeBytes(text);
  }

  private void zigzag(long value) {
    varint(bytes, (value << 1) ^ (value >> 63));
  }

  /** Seven bits a byte, the lowest first. */
  static void varint(ByteArrayOutputStream bytes, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
