package io.runledger.imports.tools;

import com.google.protobuf.CodedInputStream;
import io.runledger.imports.files.HparamsSession;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.TensorBoardEvent;
import io.runledger.imports.files.TensorBoardEvent.Sort;
import io.runledger.imports.files.TensorBoardEvent.Value;
import io.runledger.imports.files.TfRecords;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Losses;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads one event file of TensorBoard into an attempt. Not thread-safe. */
final class EventFile {

  private static final String SCALARS = "scalars";

  /** The version, the hyperparameters and a first value are among these. */
  private static final int BEGINNING = 50;

  private static final String HPARAMS = "hparams";

  /** Behind the length, its checksum and the number of the field. */
  private static final int FIRST_TIME = 13;

  private static final byte TIME_FIELD = 1 << 3 | 1;

  /** A file is named at most so long before its first record is written. */
  private static final Duration NAMED_BEFORE = Duration.ofSeconds(10);

  private final Path file;
  private final String name;
  private final RunWriter writer;
  private final Import into;
  private final Map<String, String> plugins = new HashMap<>();

  /**
   * Prepares to read.
   *
   * @param name what distinguishes the file from the others of the attempt
   */
  EventFile(Path file, String name, RunWriter writer, Import into) {
    this.file = file;
    this.name = name;
    this.writer = writer;
    this.into = into;
  }

  /**
   * What a file begins with.
   *
   * @param at the time of its first record that can be read
   * @param tag the name of its first scalar
   * @param step the step of that
   * @param hasValues whether anything was logged
   * @param hasSession whether it has hyperparameters, or had some where it is damaged
   * @param isDamaged whether something before its first scalar cannot be read
   */
  record Beginning(
      Optional<Instant> at,
      Optional<String> tag,
      long step,
      boolean hasValues,
      boolean hasSession,
      boolean isDamaged) {}

  /** Looks at the first records of a file. */
  static Beginning beginning(Path file) throws IOException {
    Optional<Instant> at = Optional.empty();
    Optional<String> tag = Optional.empty();
    long step = 0;
    boolean isOfPlugin = false;
    boolean hasSession = false;
    boolean hasValues = false;
    boolean isOther = false;
    // What is damaged is noted when the file is read.
    Losses losses = Losses.unheard();
    try (TfRecords records = TfRecords.open(file, losses, bytes -> {})) {
      for (int i = 0; i < BEGINNING && tag.isEmpty(); i++) {
        Optional<CodedInputStream> record = records.next();
        if (record.isEmpty()) {
          break;
        }
        Optional<TensorBoardEvent> event = event(record.get());
        if (event.isEmpty()) {
          isOther = true;
          continue;
        }
        at = at.or(() -> PlainNumbers.instant(event.get().wallTime()));
        step = event.get().step();
        for (Value value : event.get().values()) {
          hasValues = true;
          isOfPlugin |= value.plugin().equals(Optional.of(HPARAMS));
          hasSession |= value.session().filter(HparamsSession::isStart).isPresent();
          if (value.number().isPresent() && tag.isEmpty()) {
            tag = Optional.of(value.tag());
          }
        }
      }
    }
    boolean isDamaged = isOther || losses.count() > 0;
    return new Beginning(
        at, tag, step, hasValues, hasSession || (isDamaged && isOfPlugin), isDamaged);
  }

  /**
   * When a file was begun, to the microsecond, which distinguishes it from another one of its name;
   * empty when nothing in it can be read. The time has a fixed place in the first record, so it is
   * read there even if that does not match its checksum, as long as the file's name does not
   * contradict it.
   *
   * @param named the second in the file's name, if there is one
   */
  static Optional<Instant> begun(Path file, Beginning beginning, Optional<Instant> named)
      throws IOException {
    Optional<Instant> damaged = Optional.empty();
    if (beginning.isDamaged() && named.isPresent()) {
      Instant from = named.get().minusSeconds(1);
      Instant to = named.get().plus(NAMED_BEFORE);
      damaged = firstTime(file).filter(at -> at.isAfter(from) && at.isBefore(to));
    }
    return damaged.or(beginning::at);
  }

  private static Optional<Instant> firstTime(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] first = in.readNBytes(FIRST_TIME + Double.BYTES);
      return first.length == FIRST_TIME + Double.BYTES && first[FIRST_TIME - 1] == TIME_FIELD
          ? PlainNumbers.instant(
              ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getDouble(FIRST_TIME))
          : Optional.empty();
    }
  }

  private static Optional<TensorBoardEvent> event(CodedInputStream record) {
    try {
      return Optional.of(TensorBoardEvent.of(record));
    } catch (IOException notOne) {
      return Optional.empty();
    }
  }

  /**
   * Reads all of it.
   *
   * @param highest receives the highest step of each scalar
   * @param until from when on steps are not taken into that: another file had begun
   */
  void read(Map<String, Long> highest, Optional<Instant> until) throws IOException {
    try (TfRecords records = TfRecords.open(file, into.losses(), into::read);
        MetricLog log = writer.metrics(name)) {
      Optional<CodedInputStream> record = records.next();
      for (long number = 1; record.isPresent(); number++) {
        Optional<TensorBoardEvent> event = event(record.get());
        if (event.isPresent()) {
          take(event.get(), log, highest, until);
        } else {
          into.losses().add(file, "record " + number, "it is not an event and is left out");
        }
        record = records.next();
      }
    }
  }

  private void take(
      TensorBoardEvent event, MetricLog log, Map<String, Long> highest, Optional<Instant> until)
      throws IOException {
    Instant at = PlainNumbers.instant(event.wallTime()).orElse(Instant.EPOCH);
    Map<String, Double> measured = new LinkedHashMap<>();
    for (Value value : event.values()) {
      value.plugin().ifPresent(plugin -> plugins.put(value.tag(), plugin));
      if (value.session().isPresent()) {
        take(value.session().get(), at);
      } else if (isScalar(value)) {
        measured.put(value.tag(), value.number().getAsDouble());
        if (until.isEmpty() || at.isBefore(until.get())) {
          highest.merge(value.tag(), event.step(), Math::max);
        }
      } else if (value.sort() != Sort.NONE) {
        into.losses().leaveOut("values that are not scalars, such as images, histograms and texts");
      }
    }
    log.append(Point.of(at, OptionalLong.of(event.step())), measured);
  }

  /** A writer names the plugin with the first value of a tag only. */
  private boolean isScalar(Value value) {
    if (value.number().isEmpty()) {
      return false;
    }
    String plugin = plugins.get(value.tag());
    return value.sort() == Sort.SIMPLE || plugin == null || plugin.equals(SCALARS);
  }

  private void take(HparamsSession session, Instant at) throws IOException {
    if (session.isStart()) {
      writer.configByKey(at, session.hyperparameters());
    }
    // PyTorch's writer claims success when it writes the hyperparameters, without a time.
    if (session.status().isEmpty() || session.ended().isEmpty()) {
      return;
    }
    Instant end = session.ended().get();
    switch (session.status().get()) {
      case "SUCCESS" ->
          writer.status(end, RunStatus.COMPLETED, OptionalInt.empty(), Optional.empty());
      case "FAILURE" -> writer.status(end, RunStatus.FAILED, OptionalInt.empty(), Optional.empty());
      default -> {
        // Neither a status that is unknown nor one that it has while it runs is an end.
      }
    }
  }
}
