package io.runledger.query.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.runledger.contract.Events;
import io.runledger.files.MaskedCrc32c;
import io.runledger.query.AfterEachStore;
import io.runledger.query.BeforeEachStore;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other trackers are given, and what happens when they are given it again. */
@OnEachStore
class TrackerExportTest {

  @TempDir private static Path directory;
  private static Laboratory laboratory;

  @TempDir private Path place;

  @BeforeEachStore
  static void open() {
    laboratory = Laboratory.filled(directory);
  }

  @AfterEachStore
  static void close() {
    laboratory.close();
  }

  private static Command export(String... words) {
    return Command.at(
        laboratory.location(),
        Stream.concat(Stream.of("export", "--to"), Stream.of(words)).toArray(String[]::new));
  }

  private Path eventFile(Object run) {
    return place.resolve("tb").resolve(run.toString()).resolve("events.out.tfevents.runledger");
  }

  /** The records of an event file, whose checksums must be right. */
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (bytes.hasRemaining()) {
      int at = bytes.position();
      int length = (int) bytes.getLong();
      assertThat(bytes.getInt()).isEqualTo(MaskedCrc32c.of(bytes.array(), at, Long.BYTES));
      byte[] data = new byte[length];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(MaskedCrc32c.of(data, 0, length));
      records.add(data);
    }
    return records;
  }

  /** The bytes of the first field with this number at the end of a path of them. */
  private static byte[] field(byte[] message, int... path) throws IOException {
    byte[] inside = message;
    for (int number : path) {
      CodedInputStream in = CodedInputStream.newInstance(inside);
      inside = new byte[0];
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        boolean isBytes = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        if (WireFormat.getTagFieldNumber(tag) == number && isBytes) {
          inside = in.readByteArray();
          break;
        }
        in.skipField(tag);
      }
    }
    return inside;
  }

  private static String tag(byte[] event) throws IOException {
    return new String(field(event, 5, 1, 1), StandardCharsets.UTF_8);
  }

  private static double value(byte[] event) throws IOException {
    return ByteBuffer.wrap(field(event, 5, 1, 8, 6)).order(ByteOrder.LITTLE_ENDIAN).getDouble();
  }

  @Test
  void anEventFileHasAllValuesWithAllDigits() throws IOException {
    Command done = export("tensorboard", place.resolve("tb").toString());

    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err())
        .contains("6 runs added to " + place.resolve("tb") + " (tensorboard), 0 updated, 0 there");
    List<Double> losses = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    for (byte[] event : records(eventFile(Laboratory.DIVERGED))) {
      tags.add(tag(event));
      if (tag(event).equals("val/loss")) {
        losses.add(value(event));
      }
    }
    assertThat(losses).containsExactly(0.7, Double.POSITIVE_INFINITY, Double.NaN);
    assertThat(tags).contains("_hparams_/session_start_info", "runledger/run");
    List<String> failed = new ArrayList<>();
    for (byte[] event : records(eventFile(Laboratory.FAILED))) {
      failed.add(tag(event));
    }
    assertThat(failed).contains("runledger/errors", "_hparams_/session_end_info");
  }

  @Test
  void exportedAgainOnlyWhatChangedIsWritten() throws IOException {
    String target = place.resolve("tb").toString();
    Events growing = Events.ofName("vision", "growing", new UUID(5, 5));
    laboratory.deliver(growing.started(), growing.metrics(Events.call(1, Map.of("loss", 1.0))));
    assertThat(export("tensorboard", target).err()).contains("7 runs added");
    byte[] before = Files.readAllBytes(eventFile(Laboratory.COMPLETED));

    Command again = export("tensorboard", target);
    laboratory.deliver(growing.completed());
    Command grown = export("tensorboard", target);
    Files.delete(eventFile(Laboratory.COMPLETED));
    Files.writeString(eventFile(Laboratory.DIVERGED).resolveSibling(".runledger-export"), "");
    Command interrupted = export("tensorboard", target);

    assertThat(again.err()).contains("0 runs added").contains("0 updated, 7 there already");
    assertThat(grown.err()).contains("0 runs added").contains("1 updated, 6 there already");
    assertThat(interrupted.err()).contains("0 runs added").contains("2 updated, 5 there already");
    assertThat(eventFile(Laboratory.COMPLETED)).hasBinaryContent(before);
    laboratory.deliver(growing.deleted());
  }

  @Test
  void filesOfOthersAreNotTouched() throws IOException {
    Path foreign = place.resolve("tb").resolve(Laboratory.COMPLETED.toString());
    Files.createDirectories(foreign);
    Files.writeString(foreign.resolve("events.out.tfevents.1.host"), "x");

    Command refused = export("tensorboard", place.resolve("tb").toString());

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains(foreign + " has event files that 'runledger export' did not");
    assertThat(foreign.resolve("events.out.tfevents.1.host")).hasContent("x");
  }

  private String interpreter(String program) throws IOException {
    Path file = Files.writeString(place.resolve("python"), program);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file.toString();
  }

  /** It plays the script: what it is sent is kept, and every run is wanted. */
  private String recorder(String wanted) throws IOException {
    return interpreter(
        """
        #!/usr/bin/env python3
        import json, sys
        print("{}", flush=True)
        with open("%s", "w") as kept:
            for line in sys.stdin:
                kept.write(line)
                if "run" in json.loads(line):
                    print('{"want": "%s"}', flush=True)
                if "end" in json.loads(line):
                    print('{"outcome": "added"}', flush=True)
        print('{"remarks": ["One thing is to be known."]}', flush=True)
        """
            .formatted(place.resolve("kept"), wanted));
  }

  private List<JsonNode> kept() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(place.resolve("kept"))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void aScriptIsSentRunsWithTheirPoints() throws IOException {
    Command done =
        export("mlflow", "http://x", "--python", recorder("points"), "--filter", "seed in (3, 4)");

    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err())
        .contains("2 runs added to http://x (mlflow)", "One thing is to be known.");
    JsonNode first = kept().get(0);
    assertThat(first.path("state").asText()).hasSize(32);
    JsonNode run = first.get("run");
    assertThat(run.path("run_id").asText()).isEqualTo(Laboratory.COMPLETED.toString());
    assertThat(run.path("status").asText()).isEqualTo("completed");
    assertThat(run.path("params").path("model.n_layers").asInt()).isEqualTo(12);
    assertThat(run.path("params").path("optimizer.betas").asText()).isEqualTo("[0.9,0.999]");
    assertThat(run.path("key").path("seed").asInt()).isEqualTo(3);
    assertThat(run.path("results").path("best_loss").asDouble()).isEqualTo(0.25);
    assertThat(run.path("tags")).hasSize(2);
    assertThat(kept())
        .filteredOn(line -> line.path("metric").asText().equals("val/loss"))
        .last()
        .satisfies(
            line -> {
              assertThat(line.get("points").get(2).get(2).asText()).isEqualTo("NaN");
              // Without a step, its number.
              assertThat(line.get("points").get(2).get(0).asLong()).isEqualTo(2);
            });
    assertThat(kept()).last().satisfies(line -> assertThat(line.path("end").asBoolean()).isTrue());
  }

  @Test
  void aScriptThatWantsLogCallsIsSentThoseAndOneThatHasARunNothing() throws IOException {
    export("wandb-offline", "x", "--python", recorder("calls"), "--filter", "seed = 3");
    JsonNode calls = kept().get(1).get("calls");
    assertThat(calls).hasSize(5);
    assertThat(calls.get(0).path("values").path("train/loss").asText()).isEqualTo("0.9");
    assertThat(calls.get(0).path("epoch").asDouble()).isZero();

    export("wandb-offline", "x", "--python", recorder("nothing"), "--filter", "seed = 3");
    assertThat(kept()).hasSize(2);
  }

  @Test
  void whatTheScriptSaysEndsTheExport() throws IOException {
    String failing = interpreter("#!/bin/sh\necho '{\"failed\": \"Nobody answers there.\"}'\n");
    Command refused = export("mlflow", "http://x", "--python", failing);
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("runledger: Nobody answers there.");

    Command lacking =
        export(
            "mlflow",
            "http://x",
            "--python",
            interpreter("#!/bin/sh\necho \"No module named 'mlflow'\" >&2\nexit 1\n"));
    assertThat(lacking.err())
        .contains("said No module named 'mlflow'. It needs a Python with the package mlflow");

    Command missing = export("mlflow", "http://x", "--python", "/nowhere/python");
    assertThat(missing.err()).contains("'/nowhere/python' cannot be started.");
  }

  @Test
  void aSlipIsExplained() {
    assertThat(export("mlflow").err())
        .contains("Name the server, such as 'runledger export --to mlflow http://127.0.0.1:5000'.");
    assertThat(export("neptune", "x").err())
        .contains("it must be one of mlflow, wandb-offline, tensorboard, not 'neptune'");
    assertThat(export("tensorboard", "x", "--metric", "loss").err())
        .contains("--metric, --format and --output are those of a table; omit them.");
  }
}
