package io.runledger.query.parquet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * The values of one column that the rows of one group have, as a page holds them: values by the
 * encoding PLAIN, and, as runs, which of the rows have one.
 */
public final class ParquetColumn {

  /** Numbers of {@code parquet.thrift}. */
  private static final int DATA_PAGE = 0;

  static final int PLAIN = 0;
  static final int RLE = 3;

  private final String name;
  private final ColumnType type;
  private final ByteArrayOutputStream values = new ByteArrayOutputStream();
  private final ByteArrayOutputStream presence = new ByteArrayOutputStream();
  private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private boolean lastPresent;
  private int run;
  private int rows;
  private int absent;
  private int bits;
  private int bitCount;

  ParquetColumn(String name, ColumnType type) {
    this.name = name;
    this.type = type;
  }

  String name() {
    return name;
  }

  ColumnType type() {
    return type;
  }

  public void absent() {
    row(false);
    absent++;
  }

  /** An integer, or microseconds since 1970. */
  public void add(long value) {
    row(true);
    values.write(number.putLong(0, value).array(), 0, Long.BYTES);
  }

  public void add(double value) {
    row(true);
    values.write(number.putDouble(0, value).array(), 0, Long.BYTES);
  }

  public void add(boolean value) {
    row(true);
    bits |= (value ? 1 : 0) << bitCount++;
    if (bitCount == Byte.SIZE) {
      endBits();
    }
  }

  public void add(String value) {
    row(true);
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    values.write(number.putInt(0, text.length).array(), 0, Integer.BYTES);
    values.writeBytes(text);
  }

  int rows() {
    return rows;
  }

  /** Bytes that it takes in memory, about. */
  long size() {
    return (long) values.size() + presence.size();
  }

  private void row(boolean present) {
    if (run > 0 && present != lastPresent) {
      endRun();
    }
    lastPresent = present;
    run++;
    rows++;
  }

  private void endRun() {
    // The lowest bit says that it is a run, and of one value.
    Thrift.varint(presence, (long) run << 1);
    presence.write(lastPresent ? 1 : 0);
    run = 0;
  }

  private void endBits() {
    values.write(bits);
    bits = 0;
    bitCount = 0;
  }

  /** Writes its page and forgets the values. */
  Footer.Chunk writeTo(OutputStream out, long offset) throws IOException {
    if (run > 0) {
      endRun();
    }
    if (bitCount > 0) {
      endBits();
    }
    byte[] compressed = compressed();
    int uncompressed = Integer.BYTES + presence.size() + values.size();
    byte[] head =
        new Thrift()
            .i32(1, DATA_PAGE)
            .i32(2, uncompressed)
            .i32(3, compressed.length)
            .struct(5)
            .i32(1, rows)
            .i32(2, PLAIN)
            .i32(3, RLE)
            .i32(4, RLE)
            .end()
            .end()
            .bytes();
    out.write(head);
    out.write(compressed);
    Footer.Chunk chunk =
        new Footer.Chunk(
            name,
            type,
            rows,
            absent,
            offset,
            (long) head.length + uncompressed,
            (long) head.length + compressed.length);
    values.reset();
    presence.reset();
    rows = 0;
    absent = 0;
    return chunk;
  }

  private byte[] compressed() throws IOException {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    try (OutputStream gzip = new Gzip(page)) {
      gzip.write(number.putInt(0, presence.size()).array(), 0, Integer.BYTES);
      presence.writeTo(gzip);
      values.writeTo(gzip);
    }
    return page.toByteArray();
  }

  /** Fast: a third larger than at its best, in a fifth of the time. */
  private static final class Gzip extends GZIPOutputStream {
    Gzip(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
