package io.runledger.imports.tools;

import com.google.protobuf.CodedOutputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Writes event files as TensorBoard's writers do. */
final class EventFileWriter implements AutoCloseable {

  /** A part of a message. */
  interface Part {
    void write(CodedOutputStream out) throws IOException;
  }

  private final OutputStream out;

  EventFileWriter(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    out =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  static byte[] message(Part part) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(bytes);
    part.write(coded);
    coded.flush();
    return bytes.toByteArray();
  }

  EventFileWriter version(double wallTime) throws IOException {
    record(
        message(
            event -> {
              event.writeDouble(1, wallTime);
              event.writeString(3, "brain.Event:2");
            }));
    return this;
  }

  EventFileWriter scalar(double wallTime, long step, String tag, float value) throws IOException {
    return value(
        wallTime,
        step,
        message(
            of -> {
              of.writeString(1, tag);
              of.writeFloat(2, value);
            }));
  }

  /** A value of a summary, whatever is in it. */
  EventFileWriter value(double wallTime, long step, byte[] value) throws IOException {
    byte[] summary = message(of -> of.writeByteArray(1, value));
    record(
        message(
            event -> {
              event.writeDouble(1, wallTime);
              event.writeInt64(2, step);
              event.writeByteArray(5, summary);
            }));
    return this;
  }

  /** A value as a tensor, with the plugin that shows it, unless that is empty. */
  EventFileWriter tensor(double wallTime, long step, String tag, String plugin, byte[] tensor)
      throws IOException {
    byte[] data = message(of -> of.writeString(1, plugin));
    byte[] metadata = message(of -> of.writeByteArray(1, data));
    return value(
        wallTime,
        step,
        message(
            of -> {
              of.writeString(1, tag);
              of.writeByteArray(8, tensor);
              if (!plugin.isEmpty()) {
                of.writeByteArray(9, metadata);
              }
            }));
  }

  void record(byte[] data) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(data.length);
    head.putInt(masked(head.array(), Long.BYTES));
    out.write(head.array());
    out.write(data);
    out.write(
        ByteBuffer.allocate(4)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(masked(data, data.length))
            .array());
  }

  private static int masked(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    int value = (int) crc.getValue();
    return (value >>> 15 | value << 17) + 0xa282ead8;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
