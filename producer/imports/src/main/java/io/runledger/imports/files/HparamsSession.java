package io.runledger.imports.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What TensorBoard's plugin {@code hparams} says of a session.
 *
 * @param hyperparameters by their names; empty when this is not a start
 * @param isStart whether a session starts
 * @param status the word of the status at its end; empty when this is not an end
 * @param ended when it ended; empty where it was not said, as by writers that claim success at once
 */
public record HparamsSession(
    ObjectNode hyperparameters, boolean isStart, Optional<String> status, Optional<Instant> ended) {

  private static final int START = 3;
  private static final int END = 4;
  private static final int DEEPEST = 50;

  /** Reads an HParamsPluginData up to its end. */
  static HparamsSession of(CodedInputStream in) throws IOException {
    Reader reader = new Reader(in);
    ProtoFields.each(
        in,
        (number, wire) -> {
          if (wire == ProtoFields.BYTES && number == START) {
            reader.isStart = true;
            ProtoFields.message(in, reader::start);
          } else if (wire == ProtoFields.BYTES && number == END) {
            reader.status = Optional.of("UNKNOWN");
            ProtoFields.message(in, reader::end);
          } else {
            return false;
          }
          return true;
        });
    return new HparamsSession(reader.found, reader.isStart, reader.status, reader.ended);
  }

  private static final class Reader {
    private final CodedInputStream in;
    private final JsonNodeFactory nodes = JsonNodeFactory.instance;
    private final ObjectNode found = nodes.objectNode();
    private boolean isStart;
    private Optional<String> status = Optional.empty();
    private Optional<Instant> ended = Optional.empty();

    Reader(CodedInputStream in) {
      this.in = in;
    }

    void start() throws IOException {
      entries(found, 0);
    }

    void end() throws IOException {
      ProtoFields.each(
          in,
          (number, wire) -> {
            if (number == 1 && wire == ProtoFields.VARINT) {
              status =
                  Optional.of(
                      switch (in.readEnum()) {
                        case 1 -> "SUCCESS";
                        case 2 -> "FAILURE";
                        case 3 -> "RUNNING";
                        default -> "UNKNOWN";
                      });
            } else if (number == 2 && wire == ProtoFields.FIXED64) {
              double seconds = in.readDouble();
              ended = seconds > 0 ? PlainNumbers.instant(seconds) : Optional.empty();
            } else {
              return false;
            }
            return true;
          });
    }

    /**
     * Entries of a map from names to values: field 1 of a Struct, and of the start of a session.
     */
    private void entries(ObjectNode into, int depth) throws IOException {
      ProtoFields.each(
          in,
          (number, wire) -> {
            boolean isEntry = number == 1 && wire == ProtoFields.BYTES;
            if (isEntry) {
              ProtoFields.message(in, () -> entry(into, depth));
            }
            return isEntry;
          });
    }

    private void entry(ObjectNode into, int depth) throws IOException {
      String[] key = {""};
      JsonNode[] value = {NullNode.instance};
      ProtoFields.each(
          in,
          (number, wire) -> {
            if (number == 1 && wire == ProtoFields.BYTES) {
              key[0] = in.readString();
            } else if (number == 2 && wire == ProtoFields.BYTES) {
              ProtoFields.message(in, () -> value[0] = value(depth + 1));
            } else {
              return false;
            }
            return true;
          });
      into.set(key[0], value[0]);
    }

    private JsonNode value(int depth) throws IOException {
      JsonNode[] value = {NullNode.instance};
      ProtoFields.each(
          in,
          (number, wire) -> {
            if (number == 2 && wire == ProtoFields.FIXED64) {
              value[0] = number(in.readDouble());
            } else if (number == 3 && wire == ProtoFields.BYTES) {
              value[0] = nodes.textNode(in.readString());
            } else if (number == 4 && wire == ProtoFields.VARINT) {
              value[0] = nodes.booleanNode(in.readBool());
            } else if (number == 5 && wire == ProtoFields.BYTES && depth < DEEPEST) {
              ObjectNode object = nodes.objectNode();
              ProtoFields.message(in, () -> entries(object, depth));
              value[0] = object;
            } else if (number == 6 && wire == ProtoFields.BYTES && depth < DEEPEST) {
              ArrayNode array = nodes.arrayNode();
              ProtoFields.message(in, () -> elements(array, depth));
              value[0] = array;
            } else {
              return false;
            }
            return true;
          });
      return value[0];
    }

    private void elements(ArrayNode into, int depth) throws IOException {
      ProtoFields.each(
          in,
          (number, wire) -> {
            boolean isElement = number == 1 && wire == ProtoFields.BYTES;
            if (isElement) {
              ProtoFields.message(in, () -> into.add(value(depth + 1)));
            }
            return isElement;
          });
    }

    /** All numbers are doubles there: 32 was a whole number when it was logged. */
    private JsonNode number(double number) {
      OptionalLong whole = PlainNumbers.whole(number);
      boolean isWhole = whole.isPresent() && Math.abs(number) < 1L << 53;
      return isWhole ? nodes.numberNode(whole.getAsLong()) : nodes.numberNode(number);
    }
  }
}
