package io.runledger.imports.files;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One record of a {@code .wandb} file, as far as it is imported. Which of the parts there are
 * depends on {@link #sort()}.
 */
public final class WandbRecord {

  /** What a record is about, by the number of its field. */
  public enum Sort {
    HISTORY(2),
    SUMMARY(3),
    OUTPUT(4),
    CONFIG(5),
    STATS(7),
    ARTIFACT(8),
    OUTPUT_RAW(13),
    RUN(17),
    EXIT(18),
    /** Something that is not imported. */
    OTHER(-1);

    private final int field;

    Sort(int field) {
      this.field = field;
    }

    private static Sort of(int field) {
      for (Sort sort : values()) {
        if (sort.field == field) {
          return sort;
        }
      }
      return OTHER;
    }
  }

  private static final int VALUE_JSON = 16;

  private final CodedInputStream in;
  private final Map<List<String>, String> items = new LinkedHashMap<>();
  private final Map<Integer, String> texts = new LinkedHashMap<>();
  private final List<String> tags = new ArrayList<>();
  private Sort sort = Sort.OTHER;
  private Optional<Instant> at = Optional.empty();
  private OptionalLong step = OptionalLong.empty();
  private OptionalInt code = OptionalInt.empty();
  private Optional<String> commit = Optional.empty();

  private WandbRecord(CodedInputStream in) {
    this.in = in;
  }

  /**
   * Reads a record.
   *
   * @throws IOException when it is not one
   */
  public static WandbRecord of(CodedInputStream in) throws IOException {
    WandbRecord record = new WandbRecord(in);
    ProtoFields.each(in, record::record);
    return record;
  }

  /** What it is about. */
  public Sort sort() {
    return sort;
  }

  /**
   * Keys with values of JSON: of a history, a summary, a configuration, statistics. A nested key
   * has several parts.
   */
  public Map<List<String>, String> items() {
    return items;
  }

  /** The time of statistics, and the start of a run. */
  public Optional<Instant> at() {
    return at;
  }

  /** The step of a history, and the one at which a resumed run begins. */
  public OptionalLong step() {
    return step;
  }

  /** The exit code. */
  public OptionalInt code() {
    return code;
  }

  /** The commit of a run. */
  public Optional<String> commit() {
    return commit;
  }

  /** The tags of a run. */
  public List<String> tags() {
    return tags;
  }

  /** A text of a run or an artifact by the number of its field, unless it is empty. */
  public Optional<String> text(int field) {
    return Optional.ofNullable(texts.get(field)).filter(text -> !text.isEmpty());
  }

  private boolean record(int number, int wire) throws IOException {
    Sort found = wire == ProtoFields.BYTES ? Sort.of(number) : Sort.OTHER;
    if (found == Sort.OTHER) {
      return false;
    }
    sort = found;
    if (found == Sort.EXIT) {
      // A code of 0 is not written.
      code = OptionalInt.of(0);
    }
    ProtoFields.message(in, () -> ProtoFields.each(in, field()));
    return true;
  }

  private ProtoFields.Field field() {
    return switch (sort) {
      case HISTORY -> this::history;
      case SUMMARY, CONFIG -> (number, wire) -> items(number, wire, 1);
      case STATS -> this::stats;
      case RUN -> this::run;
      case EXIT -> this::exit;
      default -> this::text;
    };
  }

  private boolean history(int number, int wire) throws IOException {
    if (number == 2 && wire == ProtoFields.BYTES) {
      step = OptionalLong.of(0);
      ProtoFields.message(in, () -> ProtoFields.each(in, this::historyStep));
      return true;
    }
    return items(number, wire, 1);
  }

  private boolean historyStep(int number, int wire) throws IOException {
    boolean isStep = number == 1 && wire == ProtoFields.VARINT;
    if (isStep) {
      step = OptionalLong.of(in.readInt64());
    }
    return isStep;
  }

  private boolean items(int number, int wire, int field) throws IOException {
    boolean isItem = number == field && wire == ProtoFields.BYTES;
    if (isItem) {
      List<String> key = new ArrayList<>(1);
      String[] json = {""};
      ProtoFields.message(
          in,
          () ->
              ProtoFields.each(
                  in,
                  (part, type) -> {
                    boolean isText = type == ProtoFields.BYTES;
                    if (isText && (part == 1 || part == 2)) {
                      key.add(in.readString());
                    } else if (isText && part == VALUE_JSON) {
                      json[0] = in.readString();
                    } else {
                      return false;
                    }
                    return true;
                  }));
      items.put(List.copyOf(key), json[0]);
    }
    return isItem;
  }

  private boolean stats(int number, int wire) throws IOException {
    if (number == 2 && wire == ProtoFields.BYTES) {
      at = timestamp();
      return true;
    }
    if (number != 3 || wire != ProtoFields.BYTES) {
      return false;
    }
    String[] item = {"", ""};
    ProtoFields.message(
        in,
        () ->
            ProtoFields.each(
                in,
                (part, type) -> {
                  boolean isText = type == ProtoFields.BYTES;
                  if (isText && part == 1) {
                    item[0] = in.readString();
                  } else if (isText && (part == 2 || part == VALUE_JSON)) {
                    item[1] = in.readString();
                  } else {
                    return false;
                  }
                  return true;
                }));
    items.put(List.of(item[0]), item[1]);
    return true;
  }

  private Optional<Instant> timestamp() throws IOException {
    long[] parts = {0, 0};
    ProtoFields.message(
        in,
        () ->
            ProtoFields.each(
                in,
                (part, type) -> {
                  boolean isPart = type == ProtoFields.VARINT && (part == 1 || part == 2);
                  if (isPart) {
                    parts[part - 1] = in.readInt64();
                  }
                  return isPart;
                }));
    double seconds = parts[0];
    return PlainNumbers.instant(seconds)
        .map(at -> at.plusNanos(Math.floorMod(parts[1], 1_000_000_000L)))
        .map(at -> at.truncatedTo(ChronoUnit.MICROS));
  }

  private boolean run(int number, int wire) throws IOException {
    if (number == 14 && wire == ProtoFields.VARINT) {
      step = OptionalLong.of(in.readInt64());
      return true;
    }
    if (wire != ProtoFields.BYTES) {
      return text(number, wire);
    }
    switch (number) {
      case 4 ->
          ProtoFields.message(in, () -> ProtoFields.each(in, (part, type) -> items(part, type, 1)));
      case 10 -> tags.add(in.readString());
      case 17 -> at = timestamp();
      case 21 -> ProtoFields.message(in, () -> ProtoFields.each(in, this::git));
      // The summary, the settings, the telemetry are messages, not texts.
      case 5, 11, 19 -> {
        return false;
      }
      default -> {
        return text(number, wire);
      }
    }
    return true;
  }

  private boolean git(int number, int wire) throws IOException {
    boolean isCommit = number == 2 && wire == ProtoFields.BYTES;
    if (isCommit) {
      commit = Optional.of(in.readString()).filter(hash -> !hash.isEmpty());
    }
    return isCommit;
  }

  private boolean exit(int number, int wire) throws IOException {
    boolean isCode = number == 1 && wire == ProtoFields.VARINT;
    if (isCode) {
      code = OptionalInt.of(in.readInt32());
    }
    return isCode;
  }

  /**
   * Texts, and the one number that says whether an output is of stderr (0, not written) or stdout.
   */
  private boolean text(int number, int wire) throws IOException {
    if (wire == ProtoFields.BYTES) {
      texts.put(number, in.readString());
      return true;
    }
    if (wire == ProtoFields.VARINT) {
      texts.put(number, Long.toString(in.readInt64()));
      return true;
    }
    return false;
  }
}
