package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.files.WandbRecord;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.ConfigLog;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.imports.lines.SourceRun;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The records of one file of W&amp;B, as an attempt of its run. Not thread-safe. */
final class WandbRun {

  /** Fields of a RunRecord. */
  private static final int RUN_ID = 1;

  private static final int ENTITY = 2;
  private static final int PROJECT = 3;
  private static final int GROUP = 6;
  private static final int JOB_TYPE = 7;
  private static final int DISPLAY_NAME = 8;
  private static final int NOTES = 9;
  private static final int SWEEP = 12;
  private static final int HOST = 13;

  /** Fields of an ArtifactRecord. */
  private static final int ARTIFACT_TYPE = 4;

  private static final int ARTIFACT_NAME = 5;

  /** Fields of an output, which is of stderr unless it says another type. */
  private static final int OUTPUT_TYPE = 1;

  private static final int OUTPUT_LINE = 3;

  private static final String UNNAMED = "uncategorized";
  private static final int LONGEST_TRACEBACK = 200_000;

  /** W&amp;B writes statistics every few seconds: whoever is silent for so long is gone. */
  private static final Duration SILENT = Duration.ofHours(1);

  private final Path file;
  private final Import into;
  private final RunWriter writer;
  private final MetricLog history;
  private final MetricLog statistics;
  private final ConfigLog config;
  private final ObjectNode summary = JsonNodeFactory.instance.objectNode();
  private final StringBuilder errors = new StringBuilder();
  private Instant last;
  private boolean isEnded;

  private WandbRun(Path file, Import into, RunWriter writer, Instant began) {
    this.file = file;
    this.into = into;
    this.writer = writer;
    this.last = began;
    this.history = writer.metrics("history");
    this.statistics = writer.metrics("system");
    this.config = writer.configLog();
  }

  /** Begins with the record that names the run. */
  static WandbRun begin(Path file, WandbRecord record, Import into) throws IOException {
    String project = record.text(PROJECT).orElse(UNNAMED);
    String id = record.text(RUN_ID).orElse(SourceTree.nameOf(file));
    Instant began = record.at().orElse(Instant.EPOCH);
    String identity = String.join("\n", record.text(ENTITY).orElse(""), project, id);
    // Each file is an attempt, so that one that resumes the run is another one.
    SourceRun run =
        SourceRun.named(Wandb.WORD, into.project(project), id, identity, record.at())
            .resumed(began.toString(), began);
    RunWriter writer = into.begin(run);
    writer.start(began, said(record));
    if (record.text(DISPLAY_NAME).isPresent()) {
      writer.displayName(began, record.text(DISPLAY_NAME).get());
    }
    WandbRun begun = new WandbRun(file, into, writer, began);
    begun.takeConfig(record);
    return begun;
  }

  private static ObjectNode said(WandbRecord record) {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    record.text(NOTES).ifPresent(notes -> said.put("notes", notes));
    record.text(HOST).ifPresent(host -> said.put("host", host));
    record.commit().ifPresent(commit -> said.put("git_commit", commit));
    ArrayNode tags = said.putArray("tags");
    record.tags().forEach(tags::add);
    record.text(GROUP).ifPresent(group -> tags.add("group=" + group));
    record.text(JOB_TYPE).ifPresent(type -> tags.add("job_type=" + type));
    record.text(SWEEP).ifPresent(sweep -> tags.add("sweep=" + sweep));
    if (record.step().orElse(0) > 0) {
      said.put("resumed_from_step", record.step().getAsLong());
    }
    return said;
  }

  /** The next record. */
  void take(WandbRecord record) throws IOException {
    switch (record.sort()) {
      case HISTORY -> takeHistory(record);
      case STATS -> takeStatistics(record);
      case CONFIG, RUN -> takeConfig(record);
      case SUMMARY -> takeSummary(record);
      case ARTIFACT -> takeArtifact(record);
      case OUTPUT, OUTPUT_RAW -> takeOutput(record);
      case EXIT -> takeExit(record.code().orElse(0));
      case OTHER -> {
        // Files, telemetry, settings.
      }
    }
  }

  private void takeHistory(WandbRecord record) throws IOException {
    Map<String, Double> measured = new LinkedHashMap<>();
    OptionalLong step = record.step();
    OptionalDouble elapsed = OptionalDouble.empty();
    OptionalDouble epoch = OptionalDouble.empty();
    for (Map.Entry<List<String>, String> each : record.items().entrySet()) {
      String key = String.join(".", each.getKey());
      OptionalDouble number = PlainNumbers.number(each.getValue());
      switch (key) {
        case "_step" -> step = PlainNumbers.whole(each.getValue());
        case "_runtime" -> elapsed = number;
        case "_timestamp" -> {
          Optional<Instant> at = PlainNumbers.instant(number.orElse(-1));
          if (at.isEmpty()) {
            into.losses().add(file, "a _timestamp", Cut.isNot(each.getValue(), "a time"));
          }
          last = at.orElse(last);
        }
        default -> {
          epoch = key.equals("epoch") ? number : epoch;
          measure(key, each.getValue(), measured);
        }
      }
    }
    history.append(new Point(last, step, finite(epoch), finite(elapsed)), measured);
  }

  private static OptionalDouble finite(OptionalDouble number) {
    return number.isPresent() && Double.isFinite(number.getAsDouble())
        ? number
        : OptionalDouble.empty();
  }

  private void measure(String key, String json, Map<String, Double> measured) {
    if (key.startsWith("_")) {
      return;
    }
    OptionalDouble number = PlainNumbers.number(json);
    if (number.isPresent()) {
      measured.put(key, number.getAsDouble());
    } else if (json.equals("true") || json.equals("false")) {
      measured.put(key, json.equals("true") ? 1.0 : 0.0);
    } else {
      into.losses().leaveOut("values that are not numbers, such as images, tables and texts");
    }
  }

  private void takeStatistics(WandbRecord record) throws IOException {
    Map<String, Double> measured = new LinkedHashMap<>();
    record
        .items()
        .forEach((key, json) -> measure("system/" + String.join(".", key), json, measured));
    statistics.append(Point.of(record.at().orElse(last), OptionalLong.empty()), measured);
  }

  private void takeConfig(WandbRecord record) throws IOException {
    ObjectNode given = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<List<String>, String> each : record.items().entrySet()) {
      List<String> key = each.getKey();
      if (key.isEmpty() || key.get(0).equals("_wandb")) {
        continue;
      }
      Optional<JsonNode> value = Documents.jsonValue(each.getValue());
      if (value.isEmpty()) {
        into.losses()
            .add(file, "configuration " + Cut.shown(String.join(".", key)), "it is not JSON");
        continue;
      }
      ObjectNode at = given;
      for (String part : key.subList(0, key.size() - 1)) {
        at = at.get(part) instanceof ObjectNode inner ? inner : at.putObject(part);
      }
      at.set(key.get(key.size() - 1), value.get());
    }
    if (!given.isEmpty()) {
      config.append(last, given);
    }
  }

  private void takeSummary(WandbRecord record) {
    record
        .items()
        .forEach(
            (key, json) -> {
              String name = String.join(".", key);
              if (!name.startsWith("_")) {
                Documents.jsonValue(json).ifPresent(value -> summary.set(name, value));
              }
            });
  }

  private void takeArtifact(WandbRecord record) throws IOException {
    Optional<String> name = record.text(ARTIFACT_NAME);
    if (name.isPresent()) {
      writer.artifact(
          last, record.text(ARTIFACT_TYPE).orElse("artifact"), name.get(), OptionalLong.empty());
    }
  }

  /** Keeps what stderr said from the last traceback on. */
  private void takeOutput(WandbRecord record) {
    String line = record.text(OUTPUT_LINE).orElse("");
    if (record.text(OUTPUT_TYPE).orElse("0").equals("0")) {
      int head = line.lastIndexOf(Traceback.HEAD);
      if (head >= 0) {
        errors.setLength(0);
        errors.append(line, head, line.length());
      } else if (errors.length() > 0 && errors.length() < LONGEST_TRACEBACK) {
        errors.append(line);
      }
    }
  }

  private void takeExit(int code) throws IOException {
    isEnded = true;
    writer.results(last, summary);
    if (code != 0 && errors.length() > 0) {
      Traceback traceback = Traceback.of(errors.toString());
      writer.error(last, traceback.type(), traceback.message(), Optional.of(traceback.text()));
    }
    RunStatus status = code == 0 ? RunStatus.COMPLETED : RunStatus.FAILED;
    writer.status(last, status, OptionalInt.of(code), Optional.empty());
  }

  /** The file has no more records. */
  void end() throws IOException {
    Instant changed = SourceTree.changed(file);
    if (!isEnded && changed.isBefore(Instant.now().minus(SILENT))) {
      writer.observedEnd(last, "the file of W&B has no exit, and nothing was added for an hour");
    }
    history.close();
    statistics.close();
    config.close();
    into.end(writer);
  }
}
