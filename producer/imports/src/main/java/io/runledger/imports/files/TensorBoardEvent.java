package io.runledger.imports.files;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One record of a TensorBoard event file.
 *
 * @param wallTime seconds since 1970
 * @param step the step; 0 where none was given
 * @param values what was logged
 */
public record TensorBoardEvent(double wallTime, long step, List<Value> values) {

  /**
   * A logged value.
   *
   * @param tag its name
   * @param sort what it is
   * @param number its number; empty when it is not a single one
   * @param plugin which plugin shows it, as far as this record says so
   * @param session what the plugin hparams says
   */
  public record Value(
      String tag,
      Sort sort,
      OptionalDouble number,
      Optional<String> plugin,
      Optional<HparamsSession> session) {}

  /** How a value was written. */
  public enum Sort {
    /** As a number. */
    SIMPLE,
    /** As a tensor, which may be anything. */
    TENSOR,
    /** As an image, a histogram or audio. */
    MEDIUM,
    /** Not at all: there is only metadata. */
    NONE
  }

  private static final String HPARAMS = "hparams";
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int SUMMARY = 5;

  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int IMAGE = 4;
  private static final int HISTOGRAM = 5;
  private static final int AUDIO = 6;
  private static final int TENSOR = 8;
  private static final int METADATA = 9;

  /**
   * Reads a record.
   *
   * @throws IOException when it is not an Event
   */
  public static TensorBoardEvent of(CodedInputStream in) throws IOException {
    Reader reader = new Reader(in);
    ProtoFields.each(in, reader::event);
    return new TensorBoardEvent(reader.wallTime, reader.step, reader.values);
  }

  private static final class Reader {
    private final CodedInputStream in;
    private final List<Value> values = new ArrayList<>(1);
    private double wallTime;
    private long step;

    private String tag = "";
    private Sort sort = Sort.NONE;
    private OptionalDouble number = OptionalDouble.empty();
    private Optional<String> plugin = Optional.empty();
    private Optional<HparamsSession> session = Optional.empty();

    Reader(CodedInputStream in) {
      this.in = in;
    }

    boolean event(int field, int wire) throws IOException {
      if (field == WALL_TIME && wire == ProtoFields.FIXED64) {
        wallTime = in.readDouble();
      } else if (field == STEP && wire == ProtoFields.VARINT) {
        step = in.readInt64();
      } else if (field == SUMMARY && wire == ProtoFields.BYTES) {
        ProtoFields.message(in, () -> ProtoFields.each(in, this::summary));
      } else {
        return false;
      }
      return true;
    }

    private boolean summary(int field, int wire) throws IOException {
      if (field != 1 || wire != ProtoFields.BYTES) {
        return false;
      }
      tag = "";
      sort = Sort.NONE;
      number = OptionalDouble.empty();
      plugin = Optional.empty();
      session = Optional.empty();
      ProtoFields.message(in, () -> ProtoFields.each(in, this::value));
      values.add(new Value(tag, sort, number, plugin, session));
      return true;
    }

    private boolean value(int field, int wire) throws IOException {
      if (field == TAG && wire == ProtoFields.BYTES) {
        tag = in.readString();
      } else if (field == SIMPLE_VALUE && wire == ProtoFields.FIXED32) {
        sort = Sort.SIMPLE;
        number = OptionalDouble.of(PlainNumbers.shortest(in.readFloat()));
      } else if (field == TENSOR && wire == ProtoFields.BYTES) {
        sort = Sort.TENSOR;
        ProtoFields.message(in, () -> number = ScalarTensor.of(in));
      } else if (field == METADATA && wire == ProtoFields.BYTES) {
        ProtoFields.message(in, () -> ProtoFields.each(in, this::metadata));
      } else {
        if (field == IMAGE || field == HISTOGRAM || field == AUDIO) {
          sort = Sort.MEDIUM;
        }
        return false;
      }
      return true;
    }

    private boolean metadata(int field, int wire) throws IOException {
      if (field != 1 || wire != ProtoFields.BYTES) {
        return false;
      }
      ProtoFields.message(in, () -> ProtoFields.each(in, this::pluginData));
      return true;
    }

    /** The name stands before the content, because writers keep the order of fields. */
    private boolean pluginData(int field, int wire) throws IOException {
      if (field == 1 && wire == ProtoFields.BYTES) {
        plugin = Optional.of(in.readString());
      } else if (field == 2 && wire == ProtoFields.BYTES && plugin.equals(Optional.of(HPARAMS))) {
        ProtoFields.message(in, () -> session = Optional.of(HparamsSession.of(in)));
      } else {
        return false;
      }
      return true;
    }
  }
}
