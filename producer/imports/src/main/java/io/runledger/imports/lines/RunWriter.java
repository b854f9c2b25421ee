package io.runledger.imports.lines;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.schemas.RunStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reports one attempt of an imported run. Each fact has a writer that follows from what it is
 * about, so that a run that is imported again, after it went on, adds only what is new; what
 * changed in the source stays as it was imported first, except for the status. Not thread-safe.
 */
public final class RunWriter {

  private static final String DOMAIN = "runledger.imported-writer.v1";

  private final SourceRun run;
  private final LineSink sink;
  private final Set<Long> once = new HashSet<>();
  private final Set<String> metricNames = new HashSet<>();
  private String shownName;
  private Optional<RunStatus> status = Optional.empty();
  private Instant last = Instant.EPOCH;
  private long lines;
  private long values;

  RunWriter(SourceRun run, LineSink sink) {
    this.run = run;
    this.sink = sink;
    this.shownName = run.naming().path("name").asText(run.run().toString());
  }

  /** The attempt that it writes. */
  public SourceRun run() {
    return run;
  }

  /**
   * The attempt begins.
   *
   * @param more members of {@code start} next to what names the run, such as tags; may be empty
   */
  public void start(Instant at, ObjectNode more) throws IOException {
    last = at;
    ObjectNode start = run.naming().deepCopy();
    start.setAll(more);
    one(WriterRank.START, "", new LineText().at(at).json("start", start.toString()));
  }

  /**
   * Adds all of a configuration that the source wrote once.
   *
   * @param config an object; entries that look like secrets are masked by whoever reads the line
   */
  public void config(Instant at, ObjectNode config) throws IOException {
    if (!config.isEmpty()) {
      configPart("", at, config);
    }
  }

  /** Adds a configuration to which the source adds keys while it runs. */
  public void configByKey(Instant at, ObjectNode config) throws IOException {
    for (Map.Entry<String, JsonNode> each : config.properties()) {
      configEntry(at, each.getKey(), each.getValue());
    }
  }

  /** Adds one entry of a configuration, of whose key the source has one value. */
  public void configEntry(Instant at, String key, JsonNode value) throws IOException {
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    entry.set(key, value);
    configPart("key " + key, at, entry);
  }

  private void configPart(String slot, Instant at, ObjectNode config) throws IOException {
    ObjectNode start = JsonNodeFactory.instance.objectNode();
    start.set("config", config);
    one(WriterRank.CONFIG, slot, new LineText().at(at).json("start", start.toString()));
  }

  /** Adds parts of a configuration in the order in which the source appends them. */
  public ConfigLog configLog() {
    return new ConfigLog();
  }

  /** The status that the source has now. */
  public void status(Instant at, RunStatus now, OptionalInt exitCode, Optional<String> reason)
      throws IOException {
    LineText line = new LineText().at(at).string("status", now.word());
    if (exitCode.isPresent() && exitCode.getAsInt() >= 0 && exitCode.getAsInt() <= 255) {
      line.whole("exit_code", exitCode.getAsInt());
    }
    reason.ifPresent(why -> line.string("reason", why));
    status = Optional.of(now);
    one(WriterRank.valueOf(now.word().toUpperCase(Locale.ROOT)), "", line);
  }

  /**
   * The process of the attempt is gone, and nothing in the source says how it ended; whatever the
   * source says later overrides this.
   */
  public void observedEnd(Instant at, String reason) throws IOException {
    status = Optional.of(RunStatus.FAILED);
    one(
        WriterRank.FAILED,
        "observed",
        new LineText()
            .at(at)
            .string("status", RunStatus.FAILED.word())
            .string("source", "observer")
            .string("reason", reason));
  }

  /** The error that ended the attempt. */
  public void error(Instant at, String type, Optional<String> message, Optional<String> traceback)
      throws IOException {
    LineText line = new LineText().at(at).open("error").string("type", type);
    message.ifPresent(text -> line.string("message", text));
    traceback.ifPresent(text -> line.string("traceback", text));
    one(WriterRank.ERROR, "", line.close());
  }

  /**
   * A file that the source knows. It is only named here: nothing is copied.
   *
   * @param path where it is, as the source says it
   */
  public void artifact(Instant at, String type, String path, OptionalLong sizeBytes)
      throws IOException {
    LineText line =
        new LineText().at(at).open("artifact").string("type", type).string("path", path);
    sizeBytes.ifPresent(size -> line.whole("size_bytes", size));
    one(WriterRank.ARTIFACT, type + '\n' + path, line.close());
  }

  /** The results of the run as a whole. */
  public void results(Instant at, ObjectNode results) throws IOException {
    if (!results.isEmpty()) {
      one(WriterRank.RESULTS, "", new LineText().at(at).json("results", results.toString()));
    }
  }

  /** The name that people read, where the run's own name is an id of the source. */
  public void displayName(Instant at, String name) throws IOException {
    shownName = name;
    one(
        WriterRank.ANNOTATION,
        "name",
        new LineText().at(at).open("annotate").string("name", name).close());
  }

  /** The source has deleted the run, and still has its data: it is imported, and hidden. */
  public void deleted(Instant at, String reason) throws IOException {
    one(
        WriterRank.ANNOTATION,
        "deleted",
        new LineText().at(at).open("delete").string("reason", reason).close());
  }

  private void one(WriterRank rank, String slot, LineText line) throws IOException {
    long writer = SourceDigest.of(DOMAIN, run.tool(), slot).writer(rank, 0);
    if (!once.add(writer)) {
      // The first word stays, as it does in a later import.
      return;
    }
    append(writer, line.toString());
    sink.finished(writer);
  }

  private void append(long writer, String body) throws IOException {
    sink.append(writer, run, body);
    lines++;
  }

  /**
   * A sequence of log calls in the order of the source, to which the source only ever appends.
   *
   * @param name what distinguishes it from others of the run
   */
  public MetricLog metrics(String name) {
    return new MetricLog(name);
  }

  /** The time of its start, or of the last log call if that is later. */
  public Instant last() {
    return last;
  }

  /** The name that people read. */
  public String shownName() {
    return shownName;
  }

  /** The status that was reported, if any. */
  public Optional<RunStatus> status() {
    return status;
  }

  /** Lines written so far. */
  public long lines() {
    return lines;
  }

  /** Values of metrics written so far. */
  public long values() {
    return values;
  }

  /** Names of metrics seen so far. */
  public int metricNames() {
    return metricNames.size();
  }

  /** Parts of a configuration in their order. */
  public final class ConfigLog implements AutoCloseable {
    private final long writer =
        SourceDigest.of(DOMAIN, run.tool(), "log").writer(WriterRank.CONFIG, 0);

    private ConfigLog() {}

    /** The next part: keys that it repeats get the value that it has. */
    public void append(Instant at, ObjectNode config) throws IOException {
      ObjectNode start = JsonNodeFactory.instance.objectNode();
      start.set("config", config);
      RunWriter.this.append(
          writer, new LineText().at(at).json("start", start.toString()).toString());
    }

    @Override
    public void close() throws IOException {
      sink.finished(writer);
    }
  }

  /**
   * Log calls in their order. A block of them is a writer, so that files stay of a moderate size.
   */
  public final class MetricLog implements AutoCloseable {

    /** A part of the identity of what was imported: with another size, all would count again. */
    static final int BLOCK = 50_000;

    private final SourceDigest digest;
    private long calls;
    private long writer;

    private MetricLog(String name) {
      this.digest = SourceDigest.of(DOMAIN, run.tool(), name);
      this.writer = digest.writer(WriterRank.METRICS, 0);
    }

    /** A log call of one value. */
    public void append(Point point, String name, double value) throws IOException {
      append(point, Map.of(name, value));
    }

    /** A log call; one without a value leaves no trace. */
    public void append(Point point, Map<String, Double> measured) throws IOException {
      if (measured.isEmpty()) {
        return;
      }
      last = point.at().isAfter(last) ? point.at() : last;
      LineText line = new LineText().at(point.at()).open("metrics");
      measured.forEach(line::number);
      line.close();
      point.step().ifPresent(step -> line.whole("step", step));
      point.epoch().ifPresent(epoch -> line.number("epoch", epoch));
      point.elapsedSeconds().ifPresent(seconds -> line.number("elapsed_seconds", seconds));
      if (calls > 0 && calls % BLOCK == 0) {
        sink.finished(writer);
        long block = calls / BLOCK;
        if (block >= SourceDigest.MOST_BLOCKS) {
          throw new IOException("A run has more than 50,000,000,000 log calls.");
        }
        writer = digest.writer(WriterRank.METRICS, block);
      }
      calls++;
      RunWriter.this.append(writer, line.toString());
      metricNames.addAll(measured.keySet());
      values += measured.size();
    }

    @Override
    public void close() throws IOException {
      sink.finished(writer);
    }
  }
}
