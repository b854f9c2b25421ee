package io.runledger.imports.tools;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.imports.lines.SourceRun;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Runs of Sacred's {@code FileStorageObserver}: a directory a run with {@code run.json}, {@code
 * config.json} and {@code metrics.json}. Its times are UTC and say no offset.
 */
final class Sacred implements Importer {

  static final String WORD = "sacred";

  private static final String RUN = "run.json";

  /** What of it is part of what a run is: without them it would be another one. */
  private static final List<String> IDENTITY = List.of("experiment", "host", "start_time");

  private static final String CONFIG = "config.json";
  private static final String METRICS = "metrics.json";

  @Override
  public Optional<String> evidence(Path path) throws IOException {
    return SourceTree.anyFile(path, Sacred::isOne)
        .map(file -> SourceTree.nameOf(file.getParent()) + "/" + RUN);
  }

  private static boolean isOne(Path file) {
    return SourceTree.nameOf(file).equals(RUN)
        && Files.exists(file.resolveSibling(CONFIG))
        && file.getParent() != null;
  }

  @Override
  public void read(Path path, Import into) throws IOException {
    for (Path file : SourceTree.files(path, Sacred::isOne, into.losses())) {
      readRun(Files.isDirectory(path) ? path : file.getParent(), file, into);
    }
  }

  private static void readRun(Path root, Path file, Import into) throws IOException {
    Path directory = file.getParent();
    Optional<ObjectNode> found = Documents.leadingJson(file, into.losses());
    if (found.isEmpty() || !IDENTITY.stream().allMatch(found.get()::has)) {
      into.losses()
          .add(
              directory,
              "all of it",
              "its run.json does not say which run it is, which takes %s; left out"
                  .formatted(String.join(", ", IDENTITY)));
      return;
    }
    JsonNode described = found.get();
    Optional<Instant> started = PlainNumbers.instant(described.path("start_time").asText());
    Instant began = started.orElse(SourceTree.changed(file));
    String experiment = described.path("experiment").path("name").asText("");
    String host = described.path("host").path("hostname").asText("");
    String id = SourceTree.nameOf(directory);
    RunPlace place = RunPlace.of(root, directory);
    String project = into.project(experiment.isEmpty() ? place.project() : experiment);
    // Which machine began which run when: the number alone is that of another directory, too.
    String identity =
        String.join("\n", experiment, id, host, described.path("start_time").asText());
    RunWriter writer = into.begin(SourceRun.named(WORD, project, place.name(), identity, started));
    writer.start(began, said(described, host));
    Optional<ObjectNode> config = Documents.json(directory.resolve(CONFIG), into.losses());
    if (config.isPresent()) {
      writer.config(began, config.get());
    }
    readMetrics(directory.resolve(METRICS), began, writer, into);
    end(described, began, writer);
    artifacts(directory, described, began, writer);
    into.read(Files.size(file));
    into.end(writer);
  }

  private static ObjectNode said(JsonNode described, String host) {
    ObjectNode said = JsonNodeFactory.instance.objectNode();
    if (!host.isEmpty()) {
      said.put("host", host);
    }
    String main = described.path("experiment").path("mainfile").asText("");
    if (!main.isEmpty()) {
      said.put("command", main);
    }
    JsonNode repository = described.path("experiment").path("repositories").path(0);
    if (repository.path("commit").isTextual()) {
      said.put("git_commit", repository.path("commit").asText());
      said.put("git_dirty", repository.path("dirty").asBoolean());
    }
    JsonNode comment = described.path("meta").path("options").path("--comment");
    if (comment.isTextual() && !comment.asText().isEmpty()) {
      said.put("notes", comment.asText());
    }
    return said;
  }

  private static void end(JsonNode described, Instant began, RunWriter writer) throws IOException {
    String word = described.path("status").asText("");
    Instant end =
        PlainNumbers.instant(described.path("stop_time").asText())
            .or(() -> PlainNumbers.instant(described.path("heartbeat").asText()))
            .orElse(began);
    JsonNode result = described.path("result");
    if (!result.isNull() && !result.isMissingNode()) {
      ObjectNode results = JsonNodeFactory.instance.objectNode();
      if (result instanceof ObjectNode object) {
        results = object;
      } else {
        results.set("result", result);
      }
      writer.results(end, results);
    }
    StringBuilder trace = new StringBuilder();
    described.path("fail_trace").forEach(line -> trace.append(line.asText()));
    if (trace.length() > 0) {
      Traceback traceback = Traceback.of(trace.toString());
      writer.error(end, traceback.type(), traceback.message(), Optional.of(traceback.text()));
    }
    Optional<RunStatus> status =
        switch (word.toUpperCase(Locale.ROOT)) {
          case "COMPLETED" -> Optional.of(RunStatus.COMPLETED);
          case "FAILED", "INTERRUPTED", "DIED" -> Optional.of(RunStatus.FAILED);
          case "TIMEOUT" -> Optional.of(RunStatus.TIMEOUT);
          case "QUEUED" -> Optional.of(RunStatus.PENDING);
          case "RUNNING" -> Optional.of(RunStatus.RUNNING);
          default -> Optional.empty();
        };
    if (status.isPresent()) {
      boolean isPlain = status.get().word().equalsIgnoreCase(word);
      writer.status(
          status.get().isEnd() ? end : began,
          status.get(),
          OptionalInt.empty(),
          isPlain ? Optional.empty() : Optional.of("Sacred says " + word));
    }
  }

  private static void artifacts(Path directory, JsonNode described, Instant began, RunWriter writer)
      throws IOException {
    for (JsonNode each : described.path("artifacts")) {
      String name = each.isTextual() ? each.asText() : each.path("name").asText("");
      if (!name.isEmpty()) {
        Path file = directory.resolve(name).normalize();
        OptionalLong size =
            file.startsWith(directory) ? SourceTree.bytes(file) : OptionalLong.empty();
        writer.artifact(began, "file", name, size);
      }
    }
  }

  private static void readMetrics(Path file, Instant began, RunWriter writer, Import into)
      throws IOException {
    if (!Files.isRegularFile(file)
        || Files.size(file) == 0
        || !SourceTree.isReadable(file, into.losses())) {
      return;
    }
    String name = "";
    try (JsonParser json = Documents.json().createParser(file.toFile())) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        name = json.currentName();
        json.nextToken();
        readMetric(json, name, file, began, writer, into);
      }
      if (json.currentToken() != JsonToken.END_OBJECT) {
        into.losses().add(file, "after '" + Cut.shown(name) + "'", "the file ends there");
      }
    } catch (JsonProcessingException e) {
      into.losses()
          .add(
              file,
              "line " + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
              "from within '%s' on it cannot be read (%s)"
                  .formatted(Cut.shown(name), e.getOriginalMessage()));
    }
    into.read(Files.size(file));
  }

  /** The columns stand one after the other, with the values last. */
  private static void readMetric(
      JsonParser json, String name, Path file, Instant began, RunWriter writer, Import into)
      throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      json.skipChildren();
      into.losses().add(file, "'" + Cut.shown(name) + "'", "it has no columns and is left out");
      return;
    }
    Columns columns = new Columns();
    try (MetricLog log = writer.metrics(name)) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String column = json.currentName();
        json.nextToken();
        if (json.currentToken() != JsonToken.START_ARRAY) {
          json.skipChildren();
          continue;
        }
        if (column.equals("values")) {
          readValues(json, name, file, columns, log, began, into);
        } else {
          readColumn(json, column, columns, file, into);
        }
      }
    }
  }

  private static void readColumn(
      JsonParser json, String column, Columns columns, Path file, Import into) throws IOException {
    for (int row = 0; json.nextToken() != JsonToken.END_ARRAY; row++) {
      switch (column) {
        case "steps" -> columns.step(row, step(json));
        case "timestamps" -> {
          Optional<Instant> at = PlainNumbers.instant(json.getText());
          if (at.isPresent()) {
            columns.time(row, at.get());
          } else {
            into.losses().add(file, line(json), Cut.isNot(json.getText(), "a time"));
          }
        }
        default -> {
          // A column of a later version.
        }
      }
      json.skipChildren();
    }
  }

  private static void readValues(
      JsonParser json,
      String name,
      Path file,
      Columns columns,
      MetricLog log,
      Instant began,
      Import into)
      throws IOException {
    OptionalDouble waiting = OptionalDouble.empty();
    int row = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      // At the end of a file that was cut, a number may be half of one.
      if (waiting.isPresent()) {
        log.append(columns.point(row - 1, began), name, waiting.getAsDouble());
        waiting = OptionalDouble.empty();
      }
      if (json.currentToken().isNumeric()) {
        waiting = PlainNumbers.number(json);
      }
      if (waiting.isEmpty()) {
        json.skipChildren();
        into.losses()
            .add(
                file,
                line(json),
                "value %d of '%s' is not a number and is left out".formatted(row, Cut.shown(name)));
      }
      row++;
    }
    if (waiting.isPresent()) {
      log.append(columns.point(row - 1, began), name, waiting.getAsDouble());
    }
  }

  private static String line(JsonParser json) {
    return "line " + json.currentLocation().getLineNr();
  }

  private static OptionalLong step(JsonParser json) throws IOException {
    boolean isWhole = json.currentToken() == JsonToken.VALUE_NUMBER_INT;
    if (isWhole && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return OptionalLong.of(json.getLongValue());
    }
    return json.currentToken().isNumeric()
        ? PlainNumbers.whole(json.getDoubleValue())
        : OptionalLong.empty();
  }

  /** Steps and times of one metric: 16 bytes a value. */
  private static final class Columns {
    private static final long NONE = Long.MIN_VALUE;
    private static final long MICROS = 1_000_000;

    private long[] steps = {};
    private long[] micros = {};

    void step(int row, OptionalLong step) {
      steps = put(steps, row, step.orElse(NONE));
    }

    void time(int row, Instant at) {
      micros = put(micros, row, at.getEpochSecond() * MICROS + at.getNano() / 1_000);
    }

    private static long[] put(long[] column, int row, long value) {
      long[] large = column;
      if (row >= column.length) {
        large = Arrays.copyOf(column, Math.max(1_024, column.length * 2));
        Arrays.fill(large, column.length, large.length, NONE);
      }
      large[row] = value;
      return large;
    }

    Point point(int row, Instant otherwise) {
      long step = row < steps.length ? steps[row] : NONE;
      long time = row < micros.length ? micros[row] : NONE;
      Instant at =
          time == NONE ? otherwise : Instant.ofEpochSecond(time / MICROS, time % MICROS * 1_000);
      return Point.of(at, step == NONE ? OptionalLong.empty() : OptionalLong.of(step));
    }
  }
}
