package io.runledger.query.tracker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedOutputStream;
import io.runledger.files.MaskedCrc32c;
import io.runledger.query.format.Json;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Writes an event file of TensorBoard: TFRecords, each a protobuf message {@code Event}. The
 * numbers of fields are those of {@code event.proto}, {@code summary.proto}, {@code tensor.proto}
 * and, of hyperparameters, the plugin's {@code plugin_data.proto}. Not thread-safe.
 */
final class EventFile implements AutoCloseable {

  /** How a session ended, in the plugin's numbers. */
  static final int SUCCESS = 1;

  static final int FAILURE = 2;

  private static final int DT_DOUBLE = 2;
  private static final int DT_STRING = 7;
  private static final int DATA_CLASS_SCALAR = 1;
  private static final int DATA_CLASS_TENSOR = 2;

  private static final byte[] NOTHING = {};

  private final OutputStream out;

  private EventFile(OutputStream out) {
    this.out = out;
  }

  /** Begins a file, which must not exist. */
  static EventFile create(Path file, double wallTime) throws IOException {
    EventFile begun = new EventFile(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
    begun.record(
        message(
            event -> {
              event.writeDouble(1, wallTime);
              event.writeString(3, "brain.Event:2");
            }));
    return begun;
  }

  /** A part of a message. */
  private interface Part {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Part part) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(bytes);
    part.write(coded);
    coded.flush();
    return bytes.toByteArray();
  }

  /** A number, as a tensor of a double: all its digits stay. */
  void scalar(double wallTime, long step, String tag, double value) throws IOException {
    byte[] tensor =
        message(
            of -> {
              of.writeEnum(1, DT_DOUBLE);
              of.writeByteArray(2, NOTHING);
              of.writeUInt32NoTag(6 << 3 | 2);
              of.writeUInt32NoTag(Double.BYTES);
              of.writeDoubleNoTag(value);
            });
    summary(wallTime, step, tag, "scalars", NOTHING, DATA_CLASS_SCALAR, tensor);
  }

  /** A text, which TensorBoard shows as Markdown. */
  void text(double wallTime, String tag, String text) throws IOException {
    byte[] dimension = message(of -> of.writeInt64(1, 1));
    byte[] shape = message(of -> of.writeByteArray(2, dimension));
    byte[] tensor =
        message(
            of -> {
              of.writeEnum(1, DT_STRING);
              of.writeByteArray(2, shape);
              of.writeString(8, text);
            });
    summary(wallTime, 0, tag, "text", NOTHING, DATA_CLASS_TENSOR, tensor);
  }

  /**
   * Begins a session of hyperparameters.
   *
   * @param values texts, numbers and truth values by their names; null is left out
   */
  void session(double wallTime, ObjectNode values) throws IOException {
    byte[] start =
        message(
            of -> {
              for (Map.Entry<String, JsonNode> entry : values.properties()) {
                if (!entry.getValue().isNull()) {
                  of.writeByteArray(1, entry(entry.getKey(), entry.getValue()));
                }
              }
              of.writeDouble(5, wallTime);
            });
    byte[] data = message(of -> of.writeByteArray(3, start));
    hyperparameters(wallTime, "_hparams_/session_start_info", data);
  }

  /** Ends it. */
  void sessionEnd(double wallTime, int status) throws IOException {
    byte[] end =
        message(
            of -> {
              of.writeEnum(1, status);
              of.writeDouble(2, wallTime);
            });
    byte[] data = message(of -> of.writeByteArray(4, end));
    hyperparameters(wallTime, "_hparams_/session_end_info", data);
  }

  private static byte[] entry(String name, JsonNode value) throws IOException {
    byte[] encoded =
        message(
            of -> {
              OptionalDouble number =
                  value.isNumber()
                      ? OptionalDouble.of(value.doubleValue())
                      : OptionalDouble.empty();
              if (number.isPresent()) {
                of.writeDouble(2, number.getAsDouble());
              } else if (value.isBoolean()) {
                of.writeBool(4, value.booleanValue());
              } else {
                of.writeString(3, value.isTextual() ? value.textValue() : Json.line(value));
              }
            });
    return message(
        of -> {
          of.writeString(1, name);
          of.writeByteArray(2, encoded);
        });
  }

  /** The plugin reads the metadata alone, and takes a tag with a tensor of one zero. */
  private void hyperparameters(double wallTime, String tag, byte[] data) throws IOException {
    byte[] tensor =
        message(
            of -> {
              of.writeEnum(1, 1);
              of.writeByteArray(2, NOTHING);
              of.writeUInt32NoTag(5 << 3 | 2);
              of.writeUInt32NoTag(Float.BYTES);
              of.writeFloatNoTag(0);
            });
    summary(wallTime, 0, tag, "hparams", data, DATA_CLASS_TENSOR, tensor);
  }

  private void summary(
      double wallTime,
      long step,
      String tag,
      String plugin,
      byte[] pluginData,
      int dataClass,
      byte[] tensor)
      throws IOException {
    byte[] data =
        message(
            of -> {
              of.writeString(1, plugin);
              if (pluginData.length > 0) {
                of.writeByteArray(2, pluginData);
              }
            });
    byte[] metadata =
        message(
            of -> {
              of.writeByteArray(1, data);
              of.writeEnum(4, dataClass);
            });
    byte[] value =
        message(
            of -> {
              of.writeString(1, tag);
              of.writeByteArray(8, tensor);
              of.writeByteArray(9, metadata);
            });
    byte[] summary = message(of -> of.writeByteArray(1, value));
    record(
        message(
            event -> {
              event.writeDouble(1, wallTime);
              event.writeInt64(2, step);
              event.writeByteArray(5, summary);
            }));
  }

  /** Length, its checksum, the data, its checksum. */
  private void record(byte[] data) throws IOException {
    byte[] head =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    out.write(head);
    out.write(checksum(head));
    out.write(data);
    out.write(checksum(data));
  }

  private static byte[] checksum(byte[] bytes) {
    return ByteBuffer.allocate(Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MaskedCrc32c.of(bytes, 0, bytes.length))
        .array();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
