package io.runledger.imports.tools;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Configuration;
import io.runledger.imports.lines.ColumnMap;
import io.runledger.imports.lines.Import;
import io.runledger.imports.lines.Losses;
import io.runledger.imports.lines.SpoolFiles;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.SpoolDirectory;
import io.runledger.spool.lines.BadLineException;
import io.runledger.spool.lines.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/**
 * What senders make of a spool into which something was imported: each event once, by its identity,
 * and the runs that follow from them.
 */
final class Imported {

  static final Configuration SETTINGS =
      Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty());

  /** The identity of an event. */
  record EventId(String topic, long run, long attempt, long writer, long seq)
      implements Comparable<EventId> {
    @Override
    public int compareTo(EventId other) {
      return java.util.Comparator.comparing(EventId::topic)
          .thenComparingLong(EventId::run)
          .thenComparingLong(EventId::attempt)
          .thenComparingLong(EventId::writer)
          .thenComparingLong(EventId::seq)
          .compare(this, other);
    }
  }

  /** A value of a metric. */
  record Value(long attempt, Long step, double value) {}

  /** A run, as its events have it. */
  static final class Run {
    String name = "";
    String project = "";
    final ObjectNode config = new ObjectMapper().createObjectNode();
    final Map<String, List<Value>> metrics = new TreeMap<>();
    final List<String> statuses = new ArrayList<>();
    final List<ErrorLogged> errors = new ArrayList<>();
    final List<RunStarted> starts = new ArrayList<>();
    final List<MetricRow> rows = new ArrayList<>();
    final List<String> results = new ArrayList<>();
    boolean isDeleted;
  }

  /** What an import gave. */
  record Outcome(
      long runs, long writtenLines, long knownLines, List<String> losses, long lossCount) {}

  private Imported() {}

  static Outcome run(ImportKind kind, Path source, Path spool) throws IOException {
    return run(kind, source, spool, ColumnMap.USUAL);
  }

  static Outcome run(ImportKind kind, Path source, Path spool, ColumnMap columns)
      throws IOException {
    return run(kind, source, spool, columns, "python3");
  }

  static Outcome run(ImportKind kind, Path source, Path spool, ColumnMap columns, String python)
      throws IOException {
    List<String> said = new ArrayList<>();
    Losses losses = new Losses(said::add);
    try (SpoolFiles files = new SpoolFiles(spool, kind.word())) {
      Import.Request request =
          new Import.Request(
              Optional.empty(), columns, Optional.empty(), python, Optional.of(spool));
      Import into = new Import(files, losses, request, run -> {}, bytes -> {});
      kind.importer().read(source, into);
      files.complete();
      return new Outcome(
          into.runs(), files.writtenLines(), files.knownLines(), said, losses.count());
    }
  }

  /** The events of a spool by their identity, in its order. */
  static Map<EventId, SpecificRecord> events(Path spool) throws IOException {
    Map<EventId, SpecificRecord> events = new TreeMap<>();
    for (Path file : SpoolDirectory.jsonLines(spool)) {
      JsonLines lines = new JsonLines(file.getFileName().toString(), SETTINGS);
      for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
        if (line.isEmpty()) {
          continue;
        }
        try {
          for (JsonLines.LineEvent each : lines.events(line.getBytes(StandardCharsets.UTF_8))) {
            events.putIfAbsent(id(each.event()), each.event());
          }
        } catch (BadLineException e) {
          throw new AssertionError("A line of " + file + " is not valid: " + line, e);
        }
      }
      if (!lines.isEnded()) {
        throw new AssertionError(file + " has no end.");
      }
    }
    return events;
  }

  private static EventId id(SpecificRecord event) {
    if (event instanceof MetricsLogged each) {
      return new EventId(
          "metrics", each.getRunId(), each.getAttemptId(), each.getWriterId(), each.getFirstSeq());
    }
    if (event instanceof ErrorLogged each) {
      return new EventId(
          "errors", each.getRunId(), each.getAttemptId(), each.getWriterId(), each.getSeq());
    }
    RunEvent each = (RunEvent) event;
    return new EventId(
        "runs", each.getRunId(), each.getAttemptId(), each.getWriterId(), each.getSeq());
  }

  /** The runs of a spool, by their ids. */
  static Map<Long, Run> runs(Path spool) throws IOException {
    Map<Long, Run> runs = new TreeMap<>();
    for (Map.Entry<EventId, SpecificRecord> each : events(spool).entrySet()) {
      Run run = runs.computeIfAbsent(each.getKey().run(), any -> new Run());
      if (each.getValue() instanceof MetricsLogged metrics) {
        for (MetricRow row : metrics.getRows()) {
          run.rows.add(row);
          row.getValues()
              .forEach(
                  (name, value) ->
                      run.metrics
                          .computeIfAbsent(name, any -> new ArrayList<>())
                          .add(new Value(each.getKey().attempt(), row.getStep(), value)));
        }
      } else if (each.getValue() instanceof ErrorLogged error) {
        run.errors.add(error);
      } else {
        take(((RunEvent) each.getValue()).getEvent(), run);
      }
    }
    return runs;
  }

  private static void take(Object event, Run run) throws IOException {
    if (event instanceof RunStarted start) {
      run.starts.add(start);
      if (start.getName() != null) {
        run.name = run.name.isEmpty() ? start.getName() : run.name;
        run.project = start.getProject();
      }
      if (start.getConfig() != null) {
        run.config.setAll((ObjectNode) new ObjectMapper().readTree(start.getConfig()));
      }
    } else if (event instanceof RunAnnotated annotated) {
      run.name = annotated.getName() == null ? run.name : annotated.getName();
    } else if (event instanceof RunStatusChanged changed) {
      run.statuses.add(changed.getStatus());
    } else if (event instanceof ResultsRecorded results) {
      run.results.add(results.getResults());
    } else if (event instanceof RunDeleted) {
      run.isDeleted = true;
    } else if (event instanceof EventsDropped dropped) {
      throw new AssertionError("A part of a line was lost: " + dropped.getReason());
    }
  }

  /** The run with a name, or of a project with this name. */
  static Run named(Path spool, String name) throws IOException {
    List<Run> found =
        runs(spool).values().stream()
            .filter(
                run ->
                    run.name.equals(name)
                        || run.name.startsWith(name + "/")
                        || run.project.equals(name))
            .toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " runs are called " + name + ".");
    }
    return found.get(0);
  }
}
