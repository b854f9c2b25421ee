package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.runledger.imports.files.Cut;
import io.runledger.imports.files.Documents;
import io.runledger.imports.files.PlainNumbers;
import io.runledger.imports.files.SourceTree;
import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.lines.ColumnMap.Meaning;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Point;
import io.runledger.imports.lines.RunWriter;
import io.runledger.imports.lines.RunWriter.MetricLog;
import io.runledger.imports.lines.SourceRun;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** The rows of a table that belong to one run. Not thread-safe. */
final class TableRun {

  private final Path file;
  private final Import into;
  private final RunWriter writer;
  private final MetricLog log;
  private final Set<String> notMetrics;
  private final Instant began;
  private final Map<String, JsonNode> configuration;
  private boolean isStarted;
  private Instant last;
  private Optional<String> status = Optional.empty();

  private TableRun(
      Path file,
      Import into,
      RunWriter writer,
      String name,
      Set<String> notMetrics,
      Instant began,
      Map<String, JsonNode> configuration) {
    this.file = file;
    this.into = into;
    this.writer = writer;
    this.log = writer.metrics(name);
    this.notMetrics = notMetrics;
    this.began = began;
    this.last = began;
    this.configuration = configuration;
  }

  /** The run that a row names; empty when the table has no column for that. */
  static Optional<String> nameIn(Map<String, String> row, ColumnMap columns) {
    Optional<String> key = key(row).map(RunKey::displayName);
    return key.or(() -> value(row, Meaning.RUN, columns));
  }

  private static Optional<String> value(
      Map<String, String> row, Meaning meaning, ColumnMap columns) {
    return columns.columnOf(meaning, List.copyOf(row.keySet())).map(row::get);
  }

  /** The run key of a row that has at least an experiment or a method, and a seed. */
  private static Optional<RunKey> key(Map<String, String> row) {
    OptionalLong seed = PlainNumbers.whole(row.getOrDefault("seed", ""));
    boolean isKey = seed.isPresent() && row.containsKey("experiment") && row.containsKey("method");
    return isKey
        ? Optional.of(
            RunKey.of(
                row.get("experiment"),
                row.get("dataset"),
                row.get("method"),
                row.get("subject"),
                row.get("cl_info"),
                seed.getAsLong()))
        : Optional.empty();
  }

  /**
   * Begins with the first row of the run.
   *
   * @param columns what the columns of this row mean
   */
  static TableRun begin(
      String tool, Path file, String name, Map<String, String> row, ColumnMap columns, Import into)
      throws IOException {
    Optional<Instant> started = value(row, Meaning.TIME, columns).flatMap(PlainNumbers::instant);
    Instant began = started.orElse(SourceTree.changed(file));
    Optional<RunKey> key = key(row);
    Set<String> notMetrics = new HashSet<>();
    String fileName = SourceTree.nameOf(file);
    // With another map the rows mean something else: what it gives is not what another one gave.
    String identity = file + "\n" + name + into.columns().identity();
    SourceRun run;
    if (key.isPresent()) {
      notMetrics.addAll(RunKey.PART_NAMES);
      run = SourceRun.keyed(tool, key.get(), naming(row, key.get()), identity, started);
    } else {
      String project = into.project(fileName.replaceFirst("\\.[^.]*$", ""));
      run = SourceRun.named(tool, project, name, identity, started);
    }
    Map<String, JsonNode> configuration = new LinkedHashMap<>();
    for (String column : columns.configuration()) {
      String value = row.get(column);
      if (value != null) {
        // 32 and true are what they look like; anything else is a text.
        Optional<JsonNode> json =
            Documents.jsonValue(value)
                .filter(JsonNode::isValueNode)
                // One that no double holds would become an infinity.
                .filter(node -> !node.isNumber() || PlainNumbers.number(value).isPresent());
        configuration.put(column, json.orElse(TextNode.valueOf(value)));
      }
    }
    return new TableRun(file, into, into.begin(run), name, notMetrics, began, configuration);
  }

  private static ObjectNode naming(Map<String, String> row, RunKey key) {
    ObjectNode naming = JsonNodeFactory.instance.objectNode();
    for (String part : RunKey.PART_NAMES) {
      String value = row.get(part);
      if (value != null && !part.equals("seed")) {
        naming.put(part, value);
      }
    }
    return naming.put("seed", key.seed().orElseThrow());
  }

  /**
   * Takes a row.
   *
   * @param columns what its columns mean
   */
  void take(Map<String, String> row, long line, ColumnMap columns) throws IOException {
    List<String> there = new ArrayList<>(row.keySet());
    there.removeAll(notMetrics);
    there.removeAll(columns.configuration());
    there.removeAll(columns.ignored());
    Optional<String> time = columns.columnOf(Meaning.TIME, there);
    Optional<String> step = columns.columnOf(Meaning.STEP, there);
    Optional<String> epoch = columns.columnOf(Meaning.EPOCH, there);
    Optional<String> elapsed = columns.columnOf(Meaning.ELAPSED, there);
    Optional<String> state = columns.columnOf(Meaning.STATUS, there);
    Optional<String> run = columns.columnOf(Meaning.RUN, there);
    Optional<Instant> at = time.map(row::get).flatMap(PlainNumbers::instant);
    if (time.isPresent() && at.isEmpty()) {
      lost(line, row.get(time.get()), "a time");
    }
    last = at.orElse(last);
    status = state.map(row::get).or(() -> status);
    List.of(time, step, epoch, elapsed, state, run)
        .forEach(column -> column.ifPresent(there::remove));
    Map<String, Double> measured = measured(row, there, line, columns);
    OptionalLong its =
        step.isPresent() ? PlainNumbers.whole(row.get(step.get())) : OptionalLong.empty();
    if (step.isPresent() && its.isEmpty()) {
      lost(line, row.get(step.get()), "a step");
    }
    if (!measured.isEmpty() || !configuration.isEmpty() || state.isPresent()) {
      start();
    }
    log.append(
        new Point(last, its, number(row, epoch, line), number(row, elapsed, line)), measured);
  }

  /** Rows of which nothing can be read are not a run. */
  private void start() throws IOException {
    if (isStarted) {
      return;
    }
    isStarted = true;
    writer.start(began, JsonNodeFactory.instance.objectNode());
    for (Map.Entry<String, JsonNode> each : configuration.entrySet()) {
      writer.configEntry(began, each.getKey(), each.getValue());
    }
  }

  private OptionalDouble number(Map<String, String> row, Optional<String> column, long line) {
    if (column.isEmpty()) {
      return OptionalDouble.empty();
    }
    String text = row.get(column.get());
    OptionalDouble number = PlainNumbers.number(text);
    if (number.isPresent() && Double.isFinite(number.getAsDouble())) {
      return number;
    }
    lost(line, text, "a finite number for " + Cut.shown(column.get()));
    return OptionalDouble.empty();
  }

  private Map<String, Double> measured(
      Map<String, String> row, List<String> there, long line, ColumnMap columns) {
    Map<String, Double> measured = new LinkedHashMap<>();
    Optional<String> name = columns.columnOf(Meaning.METRIC, there);
    Optional<String> value = columns.columnOf(Meaning.VALUE, there);
    if (name.isPresent() && value.isPresent()) {
      measure(row.get(name.get()), row.get(value.get()), line, measured);
    } else {
      there.forEach(column -> measure(column, row.get(column), line, measured));
    }
    return measured;
  }

  private void measure(String name, String text, long line, Map<String, Double> measured) {
    OptionalDouble number = PlainNumbers.number(text);
    String word = text.strip().toLowerCase(Locale.ROOT);
    if (number.isPresent()) {
      measured.put(name, number.getAsDouble());
    } else if (word.equals("true") || word.equals("false")) {
      measured.put(name, word.equals("true") ? 1.0 : 0.0);
    } else {
      lost(line, text, "a number for " + Cut.shown(name));
    }
  }

  private void lost(long line, String text, String expected) {
    into.losses().add(file, "line " + line, Cut.isNot(text, expected));
  }

  /** The run has no more rows. */
  void end() throws IOException {
    log.close();
    if (!isStarted) {
      return;
    }
    if (status.isPresent()) {
      String word = status.get().strip().toLowerCase(Locale.ROOT);
      Optional<RunStatus> known = meaning(word);
      if (known.isPresent()) {
        writer.status(last, known.get(), OptionalInt.empty(), Optional.empty());
      } else {
        into.losses()
            .add(
                file,
                "the status of '" + Cut.shown(writer.shownName()) + "'",
                "'" + Cut.shown(word) + "' is not pending, running, completed, failed or timeout");
      }
    }
    into.end(writer);
  }

  private static Optional<RunStatus> meaning(String word) {
    return switch (word) {
      case "finished", "success", "succeeded", "done", "complete", "ok" ->
          Optional.of(RunStatus.COMPLETED);
      case "crashed", "failure", "error", "killed", "cancelled", "canceled" ->
          Optional.of(RunStatus.FAILED);
      default -> RunStatus.ofWord(word);
    };
  }
}
