package io.runledger.imports.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.imports.tools.Imported.EventId;
import io.runledger.imports.tools.Imported.Outcome;
import io.runledger.imports.tools.Imported.Run;
import io.runledger.imports.tools.Imported.Value;
import io.runledger.schemas.event.RunStarted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encodings of a scalar, restarts, growth and damage of event files. */
class TensorBoardTest {

  private static final double BEGIN = 1_795_828_659.25;
  private static final String FIRST = "events.out.tfevents.1795828659.node1.7.0";
  private static final String SECOND = "events.out.tfevents.1795828700.node1.8.0";

  @TempDir private Path directory;
  private Path logs;
  private Path spool;

  @BeforeEach
  void prepare() {
    logs = directory.resolve("logs");
    spool = directory.resolve("spool");
  }

  private Outcome imported() throws IOException {
    return Imported.run(ImportKind.TENSORBOARD, logs, spool);
  }

  private EventFileWriter writer(String run, String file) throws IOException {
    return new EventFileWriter(logs.resolve(run).resolve(file));
  }

  private static byte[] tensor(int type, EventFileWriter.Part values) throws IOException {
    return EventFileWriter.message(
        of -> {
          of.writeEnum(1, type);
          values.write(of);
        });
  }

  private static byte[] littleEndian(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private static byte[] littleEndian(long number) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  @Test
  void aScalarIsReadInEachWayInWhichItIsWritten() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 1, "simple", 0.1f);
      writer.tensor(BEGIN, 1, "float", "scalars", tensor(1, of -> of.writeFloat(5, 0.3f)));
      writer.tensor(BEGIN, 1, "double", "scalars", tensor(2, of -> of.writeDouble(6, 0.1 + 0.2)));
      writer.tensor(BEGIN, 1, "int", "scalars", tensor(3, of -> of.writeInt32(7, -5)));
      writer.tensor(BEGIN, 1, "long", "scalars", tensor(9, of -> of.writeInt64(10, 1L << 40)));
      writer.tensor(
          BEGIN,
          1,
          "content",
          "scalars",
          tensor(1, of -> of.writeByteArray(4, littleEndian(Float.floatToIntBits(0.7f)))));
      writer.tensor(
          BEGIN,
          1,
          "content of doubles",
          "scalars",
          tensor(2, of -> of.writeByteArray(4, littleEndian(Double.doubleToLongBits(1e300)))));
      writer.tensor(BEGIN, 1, "half", "scalars", tensor(19, of -> of.writeInt32(13, 0x3e00)));
      writer.tensor(BEGIN, 1, "bfloat16", "scalars", tensor(14, of -> of.writeInt32(13, 0x3fc0)));
      writer.tensor(BEGIN, 1, "zero", "scalars", tensor(1, of -> {}));
    }

    Outcome outcome = imported();

    Run run = Imported.named(spool, "a");
    assertThat(outcome.losses()).isEmpty();
    assertThat(run.metrics.keySet()).hasSize(10);
    assertThat(value(run, "simple")).isEqualTo(0.1);
    assertThat(value(run, "float")).isEqualTo(0.3);
    assertThat(value(run, "double")).isEqualTo(0.1 + 0.2);
    assertThat(value(run, "int")).isEqualTo(-5);
    assertThat(value(run, "long")).isEqualTo(0x1p40);
    assertThat(value(run, "content")).isEqualTo(0.7);
    assertThat(value(run, "content of doubles")).isEqualTo(1e300);
    assertThat(value(run, "half")).isEqualTo(1.5);
    assertThat(value(run, "bfloat16")).isEqualTo(1.5);
    assertThat(value(run, "zero")).isEqualTo(0);
  }

  private static double value(Run run, String metric) {
    assertThat(run.metrics.get(metric)).as(metric).hasSize(1);
    return run.metrics.get(metric).get(0).value();
  }

  @Test
  void whatIsNoScalarIsLeftOut() throws IOException {
    byte[] shape =
        EventFileWriter.message(
            of -> of.writeByteArray(2, EventFileWriter.message(size -> size.writeInt64(1, 3))));
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.tensor(BEGIN, 1, "histogram", "histograms", tensor(1, of -> of.writeFloat(5, 1)));
      writer.tensor(BEGIN, 2, "histogram", "", tensor(1, of -> of.writeFloat(5, 1)));
      writer.tensor(
          BEGIN,
          1,
          "vector",
          "scalars",
          tensor(
              1,
              of -> {
                of.writeByteArray(2, shape);
                of.writeFloat(5, 1);
              }));
      writer.scalar(BEGIN, 1, "loss", 2);
    }

    imported();

    assertThat(Imported.named(spool, "a").metrics.keySet()).containsExactly("loss");
  }

  @Test
  void aFileThatRepeatsStepsIsAnotherAttempt() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      for (int step = 0; step < 10; step++) {
        writer.scalar(BEGIN + step, step, "loss", 10 - step);
      }
    }
    try (EventFileWriter writer = writer("a", SECOND).version(BEGIN + 41)) {
      for (int step = 5; step < 12; step++) {
        writer.scalar(BEGIN + 41 + step, step, "loss", 100 - step);
      }
    }

    imported();

    Run run = Imported.named(spool, "a");
    List<Long> resumed =
        run.starts.stream().map(RunStarted::getResumedFromStep).filter(Objects::nonNull).toList();
    assertThat(resumed).containsExactly(5L);
    assertThat(run.metrics.get("loss").stream().map(Value::attempt).distinct()).hasSize(2);
    assertThat(run.metrics.get("loss")).hasSize(17);
  }

  @Test
  void twoWritersOfOneDirectoryAreOneAttempt() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 5, "train/loss", 1);
    }
    try (EventFileWriter writer = writer("a", SECOND).version(BEGIN + 41)) {
      writer.scalar(BEGIN + 41, 0, "val/loss", 2);
    }

    imported();

    Run run = Imported.named(spool, "a");
    assertThat(run.metrics.get("train/loss").get(0).attempt())
        .isEqualTo(run.metrics.get("val/loss").get(0).attempt());
    assertThat(run.starts).hasSize(1);
  }

  @Test
  void aFileThatGrowsAddsOnlyWhatIsNew() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 0, "loss", 3).scalar(BEGIN, 1, "loss", 2);
    }
    imported();
    Map<EventId, SpecificRecord> before = Imported.events(spool);
    try (EventFileWriter writer = writer("a", FIRST)) {
      writer.scalar(BEGIN, 2, "loss", 1);
    }

    imported();

    Map<EventId, SpecificRecord> after = Imported.events(spool);
    assertThat(after).hasSize(before.size() + 1).containsAllEntriesOf(before);
  }

  @Test
  void behindADamagedLengthReadingGoesOn() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      for (int step = 0; step < 100; step++) {
        writer.scalar(BEGIN, step, "loss", step);
      }
    }
    Path file = logs.resolve("a").resolve(FIRST);
    byte[] bytes = Files.readAllBytes(file);
    int head = 16 + 9 + 15;
    bytes[head] = (byte) (bytes[head] ^ 0x10);
    Files.write(file, bytes);

    Outcome outcome = imported();

    assertThat(outcome.losses()).hasSize(1);
    assertThat(outcome.losses().get(0)).contains("offset 40").contains("bytes are left out");
    assertThat(Imported.named(spool, "a").metrics.get("loss")).hasSize(99);
  }

  @Test
  void aFileOfGarbageIsSaidAndHarmless() throws IOException {
    Files.createDirectories(logs);
    byte[] garbage = new byte[200_000];
    new java.util.Random(1).nextBytes(garbage);
    Files.write(logs.resolve(FIRST), garbage);
    Files.write(logs.resolve(SECOND), new byte[100_000]);

    Outcome outcome = imported();

    assertThat(outcome.lossCount()).isPositive();
    assertThat(Imported.runs(spool).values()).allSatisfy(run -> assertThat(run.rows).isEmpty());
  }

  @Test
  void severalDirectoriesOfHyperparametersAreTrials() throws IOException {
    try (EventFileWriter writer = writer("", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 0, "loss", 3);
    }
    session("trial1");
    session("trial2");

    imported();

    assertThat(Imported.runs(spool)).hasSize(3);
  }

  @Test
  void theOnlyDirectoryOfHyperparametersBelongsToTheRunAbove() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 0, "loss", 3);
    }
    session("a/1795828660.1");

    imported();

    Run run = Imported.named(spool, "a");
    assertThat(Imported.runs(spool)).hasSize(1);
    assertThat(run.config.path("units").asInt()).isEqualTo(16);
    assertThat(run.metrics).containsKeys("loss", "accuracy");
    assertThat(run.statuses).containsExactly("failed");
  }

  @Test
  void aDamagedSessionIsNotARunThatStaysWhenItIsMended() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 0, "loss", 3);
    }
    session("a/hp");
    Path file = logs.resolve("a/hp").resolve(FIRST);
    byte[] sound = Files.readAllBytes(file);

    for (int length = 0; length < sound.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(sound, length));
      imported();
    }
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] = (byte) (damaged[at] ^ 0x10);
      Files.write(file, damaged);
      assertThat(imported().lossCount()).as("damage at %d", at).isPositive();
    }
    Files.write(file, sound);
    imported();

    assertThat(Imported.runs(spool)).hasSize(1);
    assertThat(Imported.named(spool, "a").config.path("units").asInt()).isEqualTo(16);
    assertThat(Imported.named(spool, "a").metrics).containsKeys("loss", "accuracy");
  }

  @Test
  void aDamagedTrialDoesNotMakeTheOtherOneAPartOfTheRunAbove() throws IOException {
    try (EventFileWriter writer = writer("", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN, 0, "loss", 3);
    }
    session("trial1");
    session("trial2");
    Path file = logs.resolve("trial2").resolve(FIRST);
    byte[] sound = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(sound, 60));
    Outcome outcome = imported();
    Files.write(file, sound);
    imported();

    assertThat(outcome.runs()).isEqualTo(1);
    assertThat(outcome.losses()).hasSize(2).allMatch(said -> said.contains("damage hides whether"));
    assertThat(Imported.runs(spool)).hasSize(3);
  }

  /** The names of tensorboardX have a second and a host, and no process. */
  @Test
  void runsOfTheSameNameInTwoProjectsAreTwoRuns() throws IOException {
    String name = "events.out.tfevents.1795828659.node1";
    for (int i = 0; i < 2; i++) {
      double begin = BEGIN + i * 1e-3;
      try (EventFileWriter writer = writer("p" + i + "/runs/exp1", name).version(begin)) {
        writer.scalar(begin, 0, "loss", i);
      }
    }

    Imported.run(ImportKind.TENSORBOARD, logs.resolve("p0/runs"), spool);
    Imported.run(ImportKind.TENSORBOARD, logs.resolve("p1/runs"), spool);
    Imported.run(ImportKind.TENSORBOARD, logs.resolve("p1/runs"), spool);

    assertThat(Imported.runs(spool).values())
        .hasSize(2)
        .allSatisfy(run -> assertThat(run.metrics.get("loss")).hasSize(1));
  }

  @Test
  void aRunIsTheSameWithASecondFileAndWithADamagedFirstRecord() throws IOException {
    try (EventFileWriter writer = writer("a", FIRST).version(BEGIN)) {
      writer.scalar(BEGIN + 1, 0, "loss", 3);
    }
    Path file = logs.resolve("a").resolve(FIRST);
    byte[] sound = Files.readAllBytes(file);
    byte[] damaged = sound.clone();
    damaged[30] ^= 1;
    Files.write(file, damaged);
    Outcome outcome = imported();
    Files.write(file, sound);
    imported();
    try (EventFileWriter writer = writer("a", SECOND).version(BEGIN + 41)) {
      writer.scalar(BEGIN + 42, 1, "loss", 2);
    }
    imported();

    assertThat(outcome.losses()).hasSize(1);
    assertThat(Imported.runs(spool)).hasSize(1);
    assertThat(Imported.named(spool, "a").metrics.get("loss")).hasSize(2);
  }

  /** As Keras writes it: with the time of the end, which is one that was seen. */
  private void session(String run) throws IOException {
    try (EventFileWriter writer = writer(run, FIRST).version(BEGIN)) {
      byte[] number = EventFileWriter.message(of -> of.writeDouble(2, 16));
      byte[] entry =
          EventFileWriter.message(
              of -> {
                of.writeString(1, "units");
                of.writeByteArray(2, number);
              });
      byte[] start = EventFileWriter.message(of -> of.writeByteArray(1, entry));
      plugin(writer, "_hparams_/session_start_info", 3, start);
      writer.scalar(BEGIN, 0, "accuracy", 0.5f);
      byte[] end =
          EventFileWriter.message(
              of -> {
                of.writeEnum(1, 2);
                of.writeDouble(2, BEGIN + 10);
              });
      plugin(writer, "_hparams_/session_end_info", 4, end);
    }
  }

  private static void plugin(EventFileWriter writer, String tag, int field, byte[] message)
      throws IOException {
    byte[] content = EventFileWriter.message(of -> of.writeByteArray(field, message));
    byte[] data =
        EventFileWriter.message(
            of -> {
              of.writeString(1, "hparams");
              of.writeByteArray(2, content);
            });
    byte[] metadata = EventFileWriter.message(of -> of.writeByteArray(1, data));
    writer.value(
        BEGIN,
        0,
        EventFileWriter.message(
            of -> {
              of.writeString(1, tag);
              of.writeByteArray(9, metadata);
            }));
  }
}
