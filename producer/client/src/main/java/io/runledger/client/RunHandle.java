package io.runledger.client;

import io.runledger.config.Configuration;
import io.runledger.config.Secrets;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.Topics;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.values.Cut;
import io.runledger.spool.values.JsonText;
import io.runledger.spool.values.PlainValues;
import io.runledger.spool.values.StoredText;
import io.runledger.spool.values.WideCall;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of a run, as the job sees it. Every call appends to a file and returns; none waits
 * for a network, and none throws because of tracking: what cannot be stored is counted, and the run
 * says so. Thread-safe.
 *
 * <p>{@link #close()} says completed, unless {@link #fail} or another end was said before. Java
 * does not tell it about an exception that passes by: use {@link Tracker#run} or call {@link
 * #fail}. An exception that ends the thread that started the run is recorded.
 */
public final class RunHandle implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunHandle.class);

  /** Metrics of one call; an iterator may have no end. */
  private static final int MOST_METRICS = 1_000_000;

  private volatile EventLog events;
  private final Supplier<EventLog> reopen;
  private final Configuration configuration;
  private final Secrets secrets;
  private final Thread startedBy = Thread.currentThread();
  private final AtomicReference<Optional<RunStatus>> end = new AtomicReference<>(Optional.empty());
  private final AtomicBoolean ignoredReported = new AtomicBoolean();

  RunHandle(EventLog events, Supplier<EventLog> reopen, Configuration configuration) {
    this.events = events;
    this.reopen = reopen;
    this.configuration = configuration;
    this.secrets = Secrets.of(configuration);
  }

  /** The id of the run. */
  public RunId runId() {
    return events.run();
  }

  /** The id of this attempt, ordered by time. */
  public long attemptId() {
    return events.attempt();
  }

  /** Logs metrics of one moment together; any double may stand, NaN and infinities included. */
  public void log(Map<String, ? extends Number> values, Step step) {
    if (values == null) {
      ignored("log", Topics.METRICS, "null values");
      return;
    }
    try {
      Map<String, Double> doubles = doubles(values);
      if (!doubles.isEmpty()) {
        append(doubles, step);
      }
    } catch (Throwable e) {
      ignored("log", Topics.METRICS, PlainValues.unreadable(e));
    }
  }

  /** The values that can be had; each other one is counted. */
  private Map<String, Double> doubles(Map<String, ? extends Number> values) {
    Map<String, Double> doubles = new HashMap<>();
    try {
      int looks = 0;
      for (Map.Entry<String, ? extends Number> value : values.entrySet()) {
        if (++looks > MOST_METRICS) {
          ignored("log", Topics.METRICS, "more than a million metrics in a call");
          break;
        }
        String name = value.getKey();
        Number number = value.getValue();
        if (name == null || number == null) {
          ignored("log", Topics.METRICS, "a null name or value");
          continue;
        }
        try {
          doubles.put(WellFormedText.of(name), number.doubleValue());
        } catch (Throwable e) {
          ignored("log", Topics.METRICS, PlainValues.unreadable(e));
        }
      }
    } catch (Throwable e) {
      ignored("log", Topics.METRICS, PlainValues.unreadable(e));
    }
    return doubles;
  }

  /** Logs metrics at no step in particular. */
  public void log(Map<String, ? extends Number> values) {
    log(values, Step.none());
  }

  /** Logs one metric. */
  public void log(String name, double value, Step step) {
    if (name == null) {
      ignored("log", Topics.METRICS, "a null name");
      return;
    }
    append(Map.of(WellFormedText.of(name), value), step);
  }

  private void append(Map<String, Double> values, Step given) {
    // A step that is missing costs the step, not the point.
    Step step = given == null ? Step.none() : given;
    Instant now = events.now();
    for (Map<String, Double> some : WideCall.split(values)) {
      MetricRow row =
          new MetricRow(
              now,
              step.boxedStep().orElse(null),
              step.boxedEpoch().orElse(null),
              step.boxedElapsed().orElse(null),
              some);
      events.append(Topics.METRICS, envelope -> envelope.metrics(List.of(row)));
    }
  }

  /** Says that the run has a status, in the words of the job. */
  public void status(RunStatus status, String reason) {
    if (status == null) {
      ignored("status", Topics.RUNS, "a null status");
      return;
    }
    say(status, OptionalInt.empty(), reason, StatusSource.JOB);
  }

  void say(RunStatus status, OptionalInt exitCode, String reason, StatusSource source) {
    if (status.isEnd()) {
      end.set(Optional.of(status));
    }
    events.append(
        RunStatusChanged.newBuilder()
            .setStatus(status.word())
            .setExitCode(exitCode.isPresent() ? exitCode.getAsInt() : null)
            .setReason(reason == null ? null : StoredText.of(reason))
            .setSource(source.word())
            .build());
    if (status.isEnd()) {
      events.endIsSaid();
    }
  }

  /** Says that the run has a status. */
  public void status(RunStatus status) {
    status(status, null);
  }

  /** Records the final results: any values that have a JSON form. */
  public void results(Map<String, ?> results) {
    if (results == null) {
      ignored("results", Topics.RUNS, "null results");
      return;
    }
    recorded(
        "results",
        Topics.RUNS,
        () ->
            events.append(
                new ResultsRecorded(WellFormedText.of(JsonText.masked(results, secrets)))));
  }

  /** Records an error with its traceback; the run goes on. */
  public void error(Throwable error) {
    error(error, Step.none());
  }

  /** Records an error that happened at a step; the run goes on. */
  public void error(Throwable error, Step step) {
    if (error == null) {
      ignored("error", Topics.ERRORS, "a null error");
      return;
    }
    String type = error.getClass().getName();
    String message = PlainValues.text(error::getMessage);
    Optional<String> said = message.equals("null") ? Optional.empty() : Optional.of(message);
    error(type, said, PlainValues.text(() -> traceback(error)), step);
  }

  private static String traceback(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  void error(String type, Optional<String> said, String text, Step step) {
    recorded(
        "error",
        Topics.ERRORS,
        () ->
            append(
                type == null ? "unknown" : type,
                said == null ? Optional.empty() : said,
                text == null ? "" : text,
                step == null ? Step.none() : step));
  }

  private void append(String type, Optional<String> said, String text, Step step) {
    int limit = configuration.integer(Setting.TRACEBACK_MAX_BYTES);
    Cut traceback = Cut.middle(StoredText.of(text), limit);
    Optional<Cut> message = said.map(m -> Cut.middle(StoredText.of(m), limit / 4));
    long truncated = traceback.truncatedBytes() + message.map(Cut::truncatedBytes).orElse(0L);
    String whole = StoredText.of(said.orElse("null") + "\n" + text);
    ErrorLogged.Builder event =
        ErrorLogged.newBuilder()
            .setExceptionType(WellFormedText.of(type))
            .setMessage(message.map(Cut::text).orElse(null))
            .setTraceback(traceback.text())
            .setTruncatedBytes(truncated)
            .setSha256(truncated == 0 ? null : Cut.sha256(whole.getBytes(StandardCharsets.UTF_8)))
            .setStep(step.boxedStep().orElse(null));
    events.append(Topics.ERRORS, envelope -> envelope.error(event));
  }

  /** Records a file that the run made or used. */
  public void artifact(String type, Path file) {
    artifact(type, file, Map.of());
  }

  /**
   * Records a file that the run made or used, with its size and the SHA-256 of its content, which
   * is read in this call: a gigabyte takes about two seconds. The file itself stays where it is.
   */
  public void artifact(String type, Path file, Map<String, ?> metadata) {
    if (type == null || file == null) {
      ignored("artifact", Topics.RUNS, "a null type or file");
      return;
    }
    recorded("artifact", Topics.RUNS, () -> append(type, file, PlainValues.of(metadata)));
  }

  private void append(String type, Path file, Map<String, ?> metadata) {
    FileFacts facts = FileFacts.of(file);
    events.append(
        ArtifactLogged.newBuilder()
            .setArtifactType(WellFormedText.of(type))
            .setFilepath(StoredText.of(file.toString()))
            .setSizeBytes(facts.size().orElse(null))
            .setSha256(facts.sha256().orElse(null))
            .setMetadata(
                metadata.isEmpty() ? null : WellFormedText.of(JsonText.masked(metadata, secrets)))
            .build());
  }

  /**
   * Changes notes and tags.
   *
   * @param notes the new notes; null leaves the old ones
   * @param tagsAdded null is none
   * @param tagsRemoved null is none
   */
  public void annotate(String notes, List<String> tagsAdded, List<String> tagsRemoved) {
    recorded(
        "annotate",
        Topics.RUNS,
        () ->
            events.append(
                RunAnnotated.newBuilder()
                    .setNotes(notes == null ? null : StoredText.of(notes))
                    .setTagsAdded(tags(tagsAdded))
                    .setTagsRemoved(tags(tagsRemoved))
                    .build()));
  }

  /** Gives the run another name, which people read and find it by; its id and its key stay. */
  public void rename(String name) {
    if (name == null || name.isBlank()) {
      ignored("rename", Topics.RUNS, "a name without a character");
      return;
    }
    recorded(
        "rename",
        Topics.RUNS,
        () ->
            events.append(
                RunAnnotated.newBuilder()
                    .setName(StoredText.of(name))
                    .setTagsAdded(List.of())
                    .setTagsRemoved(List.of())
                    .build()));
  }

  private static List<String> tags(List<String> tags) {
    return PlainValues.texts(tags).stream().map(StoredText::of).toList();
  }

  /** Whatever goes wrong between a call and the spool is the run's to show, and not the job's. */
  private void recorded(String call, Topics topic, Runnable recording) {
    try {
      recording.run();
    } catch (Throwable e) {
      ignored(call, topic, PlainValues.unreadable(e));
    }
  }

  /** Says completed. */
  public void complete() {
    status(RunStatus.COMPLETED);
  }

  /** Records the error and says failed. */
  public void fail(Throwable error) {
    error(error);
    status(RunStatus.FAILED, error == null ? null : error.getClass().getName());
  }

  /** Says completed, unless an end was said before; a second close does nothing. */
  @Override
  public void close() {
    if (events.isClosed()) {
      return;
    }
    boolean byItself = end.get().isEmpty();
    if (byItself) {
      complete();
    }
    release();
    if (byItself) {
      UncaughtExceptions.closedByItself(this);
    }
  }

  /** Gives the files back; the run stays as it is. */
  void release() {
    events.endIsSaid();
    try {
      events.close();
    } catch (IOException | RuntimeException e) {
      LOG.warn("The spool of run {} cannot be closed: {}", runId(), e.toString());
    }
  }

  /** Whether an exception that ends this thread ends the run as well. */
  boolean isOpenIn(Thread thread) {
    return thread == startedBy && end.get().isEmpty() && !events.isClosed();
  }

  /** An exception nobody caught has ended the thread that started this run. */
  void uncaught(Throwable error) {
    boolean closed = events.isClosed();
    if (closed) {
      // A writer of its own, newer than the first: of two claims of an attempt the later counts.
      events = reopen.get();
    }
    fail(error);
    if (closed) {
      release();
    }
  }

  void heartbeat(int intervalSeconds) {
    if (end.get().isEmpty() && !events.isClosed()) {
      events.append(new Heartbeat(intervalSeconds));
    }
  }

  EventLog events() {
    return events;
  }

  /** What cannot be recorded is counted, and reported once. */
  private void ignored(String call, Topics topic, String what) {
    events.count(topic, call + "() was given " + what);
    if (ignoredReported.compareAndSet(false, true)) {
      LOG.warn(
          "{}() ignored {} (run {}); further ignored arguments are counted and not logged.",
          call,
          what,
          runId());
    }
  }
}
