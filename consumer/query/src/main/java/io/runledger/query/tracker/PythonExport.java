package io.runledger.query.tracker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.query.Ledger;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Json;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Exports through a tracker's own Python package: a script that uses it reads runs as lines of
 * JSON, and answers each with a line.
 *
 * <pre>
 * &gt; {"run": {...}, "state": "..."}        &lt; {"want": "points"}, "calls" or "nothing"
 * &gt; {"metric": "loss", "points": [[step, seconds, "0.5"], ...]}      as often as there are some
 * &gt; {"calls": [{"step": 1, "at": seconds, "values": {"loss": "0.5"}}, ...]}
 * &gt; {"end": true}                          &lt; {"outcome": "added"}, "updated" or "present"
 * </pre>
 *
 * Instead of any answer, {@code {"failed": "a sentence"}} ends the export.
 */
final class PythonExport implements TrackerExport {

  /** Points in a line. */
  private static final int CHUNK = 1_000;

  /** What the scripts have in common. */
  private static final String COMMON = "runs_from_stdin.py";

  private static final int LONGEST_TOLD = 500;

  private final TrackerKind kind;
  private final String python;
  private final Path scratch;
  private final Process process;
  private final Writer in;
  private final BufferedReader answers;
  private final List<String> remarks = new ArrayList<>();

  private PythonExport(TrackerKind kind, String python, Path scratch, Process process) {
    this.kind = kind;
    this.python = python;
    this.scratch = scratch;
    this.process = process;
    this.in =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static PythonExport start(TrackerKind kind, String target, String python) throws IOException {
    // A directory of our own: Python looks for modules where the script is.
    Path scratch = Files.createTempDirectory("runledger-export-");
    PythonExport export;
    try {
      Path script = script(kind, scratch);
      ProcessBuilder builder = new ProcessBuilder(python, script.toString(), target);
      builder.redirectError(errors(scratch).toFile());
      builder.environment().put("PYTHONIOENCODING", "utf-8");
      builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
      export = new PythonExport(kind, python, scratch, builder.start());
    } catch (IOException e) {
      remove(scratch);
      throw new IOException(
          "Nothing can be exported: '%s' cannot be started. %s".formatted(python, remedy(kind)), e);
    }
    try {
      export.answer();
      return export;
    } catch (IOException e) {
      export.abandon();
      throw e;
    }
  }

  private static Path script(TrackerKind kind, Path scratch) throws IOException {
    copy(COMMON, scratch);
    return copy("export_" + kind.word().replace('-', '_') + ".py", scratch);
  }

  private static Path copy(String name, Path scratch) throws IOException {
    try (InputStream source = PythonExport.class.getResourceAsStream(name)) {
      if (source == null) {
        throw new IllegalStateException("This installation lacks " + name + "; reinstall it.");
      }
      Path script = scratch.resolve(name);
      Files.copy(source, script);
      return script;
    }
  }

  private static Path errors(Path scratch) {
    return scratch.resolve("stderr");
  }

  private static String remedy(TrackerKind kind) {
    String name = kind == TrackerKind.MLFLOW ? "mlflow" : "wandb";
    return "It needs a Python with the package %s (pip install %s); name it by --python."
        .formatted(name, name);
  }

  @Override
  public Outcome export(Ledger ledger, ExportedRun run) throws IOException {
    ObjectNode line = Json.object();
    line.set("run", run.document());
    send(line.put("state", run.state()));
    flush();
    switch (answer().path("want").asText()) {
      case "points" -> points(ledger, run);
      case "calls" -> calls(ledger, run);
      default -> {
        // It is there already.
      }
    }
    send(Json.object().put("end", true));
    flush();
    return Outcome.valueOf(answer().path("outcome").asText("added").toUpperCase(Locale.ROOT));
  }

  private void points(Ledger ledger, ExportedRun run) throws IOException {
    PointLines lines = new PointLines();
    try {
      ledger.forEachPoint(run.run().id(), run.metrics(), lines::add);
    } catch (RunNotFoundException | MetricNotFoundException deletedMeanwhile) {
      // As if it had been deleted a moment later.
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    lines.flush();
  }

  /** Packs points of one metric into lines. */
  private final class PointLines {
    private String metric = "";
    private ArrayNode points = Json.array();
    private final TensorBoardExport.Ordinals ordinals = new TensorBoardExport.Ordinals();

    void add(MetricPoint point) {
      try {
        if (!point.metric().equals(metric) || points.size() >= CHUNK) {
          flush();
          metric = point.metric();
        }
        points
            .addArray()
            .add(ordinals.stepOf(point))
            .add(seconds(point.at()))
            .add(Double.toString(point.value()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void flush() throws IOException {
      if (!points.isEmpty()) {
        ObjectNode line = Json.object().put("metric", metric);
        line.set("points", points);
        send(line);
        points = Json.array();
      }
    }
  }

  private void calls(Ledger ledger, ExportedRun run) throws IOException {
    List<LogCall> all;
    try {
      all = ledger.logCalls(run.run().id());
    } catch (RunNotFoundException deletedMeanwhile) {
      all = List.of();
    }
    for (int from = 0; from < all.size(); from += CHUNK) {
      ArrayNode calls = Json.array();
      for (LogCall call : all.subList(from, Math.min(all.size(), from + CHUNK))) {
        ObjectNode values = Json.object();
        call.values().forEach((name, value) -> values.put(name, Double.toString(value)));
        calls
            .addObject()
            .put("step", Json.number(call.step()))
            .put("epoch", Json.number(call.epoch()))
            .put("elapsed", Json.number(call.elapsedSeconds()))
            .put("at", seconds(call.at()))
            .set("values", values);
      }
      send((ObjectNode) Json.object().set("calls", calls));
    }
  }

  private static double seconds(Instant at) {
    return at.getEpochSecond() + at.getNano() / 1e9;
  }

  private void send(ObjectNode line) throws IOException {
    try {
      in.write(Json.line(line));
      in.write('\n');
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private void flush() throws IOException {
    try {
      in.flush();
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw ended(null);
    }
    JsonNode answer = Json.parsed(line);
    if (answer.has("failed")) {
      throw new IOException(answer.get("failed").asText());
    }
    answer.path("remarks").forEach(remark -> remarks.add(remark.asText()));
    return answer;
  }

  /** The process has ended, and its last word says why. */
  private IOException ended(IOException cause) throws IOException {
    String text =
        Files.exists(errors(scratch))
            ? new String(Files.readAllBytes(errors(scratch)), StandardCharsets.UTF_8).strip()
            : "";
    String last = text.substring(text.lastIndexOf('\n') + 1);
    return new IOException(
        "The export to %s ended early: %s%s. %s"
            .formatted(
                kind.word(),
                python,
                last.isEmpty()
                    ? " said nothing"
                    : " said " + last.substring(0, Math.min(LONGEST_TOLD, last.length())),
                remedy(kind)),
        cause);
  }

  @Override
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** Waits until the package has written all. */
  @Override
  public void close() throws IOException {
    try {
      in.close();
      String line = answers.readLine();
      if (line != null) {
        Json.parsed(line).path("remarks").forEach(remark -> remarks.add(remark.asText()));
      }
      int code = process.waitFor();
      if (code != 0) {
        throw ended(null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The export was interrupted.", e);
    } finally {
      abandon();
    }
  }

  private void abandon() throws IOException {
    process.destroy();
    remove(scratch);
  }

  private static void remove(Path scratch) throws IOException {
    try (var files = Files.newDirectoryStream(scratch)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(scratch);
  }
}
