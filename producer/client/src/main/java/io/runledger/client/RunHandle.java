package io.runledger.client;

import io.runledger.config.Configuration;
import io.runledger.config.Printable;
import io.runledger.config.Secrets;
import io.runledger.config.Setting;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.Topics;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.spool.values.JsonText;
import io.runledger.spool.values.PlainValues;
import io.runledger.spool.values.StartConfig;
import io.runledger.spool.values.StoredText;
import io.runledger.spool.values.WideCall;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of a run, as the job sees it. Every call appends to a file and returns. None waits
 * for a network, and none throws because tracking fails or an argument is unusable: what cannot be
 * stored, nulls included, is counted, and the run reports the count. Thread-safe.
 *
 * <p>{@link #close()} reports the run completed, unless {@link #fail} or another end was reported
 * before. Java does not show {@code close} that an exception is in flight: use {@link
 * Tracker#useRun} or call {@link #fail}. An exception that ends the thread that started the run is
 * recorded.
 */
public final class RunHandle implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunHandle.class);

  private static final int MASKED_TOLD = 10;

  private volatile EventLog events;
  private final Supplier<EventLog> reopen;
  private final Configuration configuration;
  private final Secrets secrets;
  private final Thread startedBy = Thread.currentThread();
  private final AtomicReference<RunStatus> end = new AtomicReference<>();
  private final AtomicBoolean ignoredReported = new AtomicBoolean();

  RunHandle(EventLog events, Supplier<EventLog> reopen, Configuration configuration) {
    this.events = events;
    this.reopen = reopen;
    this.configuration = configuration;
    this.secrets = Secrets.of(configuration);
  }

  /** The id of the run; never null. */
  public RunId runId() {
    return events.run();
  }

  /** The id of this attempt, ordered by time. */
  public long attemptId() {
    return events.attempt();
  }

  /**
   * Logs metrics of one moment together; any double is accepted, NaN and infinities included.
   *
   * @param values numbers by name; null names and values are left out, and a null map is ignored
   * @param at when; with null, the values are logged at no step
   */
  public void log(Map<String, ? extends Number> values, At at) {
    if (values == null) {
      ignored("log", Topics.METRICS, "null values");
      return;
    }
    recorded(
        "log",
        Topics.METRICS,
        () -> {
          Map<String, Double> doubles =
              GivenMetrics.of(values, why -> ignored("log", Topics.METRICS, why));
          if (!doubles.isEmpty()) {
            append(doubles, at);
          }
        });
  }

  /** Logs metrics of a training step together, as {@link #log(Map, At)} does. */
  public void log(Map<String, ? extends Number> values, long step) {
    log(values, At.step(step));
  }

  /** Logs metrics at no step in particular, as {@link #log(Map, At)} does. */
  public void log(Map<String, ? extends Number> values) {
    log(values, At.noStep());
  }

  /**
   * Logs one metric.
   *
   * @param name its name; a call with null is ignored
   * @param at when; null is at no step
   */
  public void log(String name, double value, At at) {
    if (name == null) {
      ignored("log", Topics.METRICS, "a null name");
      return;
    }
    append(Map.of(WellFormedText.of(name), value), at);
  }

  /** Logs one metric of a training step, as {@link #log(String, double, At)} does. */
  public void log(String name, double value, long step) {
    log(name, value, At.step(step));
  }

  private void append(Map<String, Double> values, At given) {
    At at = orNoStep(given);
    Instant now = events.now();
    for (Map<String, Double> some : WideCall.split(values)) {
      MetricRow row =
          new MetricRow(
              now,
              at.boxedStep().orElse(null),
              at.boxedEpoch().orElse(null),
              at.boxedElapsed().orElse(null),
              some);
      events.append(Topics.METRICS, envelope -> envelope.metrics(List.of(row)));
    }
  }

  /** Without a moment, what happened is still recorded, at no step. */
  private static At orNoStep(At given) {
    return given == null ? At.noStep() : given;
  }

  /**
   * Adds to the configuration, even long after the start. Objects are merged key by key. Of two
   * values that this process gave for one key the later one counts, and the change is shown as
   * configuration drift. What looks like a secret is masked, and what is longer than {@code
   * config.max.bytes} is cut, as at the start.
   *
   * @param values any values that have a JSON form; keys that are not named here keep their values
   */
  public void config(Map<String, ?> values) {
    if (values == null) {
      ignored("config", Topics.RUNS, "null values");
      return;
    }
    recorded("config", Topics.RUNS, () -> added(PlainValues.of(values)));
  }

  private void added(Map<String, ?> values) {
    if (values.isEmpty()) {
      return;
    }
    RunStarted.Builder update = RunStarted.newBuilder().setSource(StatusSource.JOB.word());
    StartConfig.of(values, secrets, configuration.integer(Setting.CONFIG_MAX_BYTES))
        .putInto(update);
    events.append(update.build());
    warnMasked(runId(), update.getMaskedKeys());
  }

  static void warnMasked(RunId run, List<String> keys) {
    if (!keys.isEmpty()) {
      LOG.warn(
          "The configuration of run {} is stored without what looks like a secret: {}{}.",
          run,
          keys.stream().limit(MASKED_TOLD).map(Printable::line).collect(Collectors.joining(", ")),
          keys.size() > MASKED_TOLD ? ", and " + (keys.size() - MASKED_TOLD) + " more" : "");
    }
  }

  /**
   * Sets values of the run's summary, such as the best loss so far. The summary holds, for each
   * name, the newest value that {@code summary} or {@link #results} recorded.
   *
   * @param values any values that have a JSON form, by name
   */
  public void summary(Map<String, ?> values) {
    if (values == null) {
      ignored("summary", Topics.RUNS, "null values");
      return;
    }
    recorded(
        "summary",
        Topics.RUNS,
        () -> {
          Map<String, ?> set = PlainValues.of(values);
          if (!set.isEmpty()) {
            append(set);
          }
        });
  }

  private void append(Map<String, ?> results) {
    events.append(new ResultsRecorded(WellFormedText.of(JsonText.masked(results, secrets))));
  }

  /**
   * Records the final results as one set; its values are those of the {@link #summary}, too.
   *
   * @param results any values that have a JSON form, by name
   */
  public void results(Map<String, ?> results) {
    if (results == null) {
      ignored("results", Topics.RUNS, "null results");
      return;
    }
    recorded("results", Topics.RUNS, () -> append(results));
  }

  /** Records an error with its traceback; the run continues. */
  public void logError(Throwable error) {
    logError(error, At.noStep());
  }

  /** Records an error that happened at a training step; the run continues. */
  public void logError(Throwable error, long step) {
    logError(error, At.step(step));
  }

  /**
   * Records an error with its traceback; the run continues.
   *
   * @param error a call with null is ignored
   * @param at when it happened, of which the step is kept; null is at no step
   */
  public void logError(Throwable error, At at) {
    if (error == null) {
      ignored("logError", Topics.ERRORS, "a null error");
      return;
    }
    recorded("logError", Topics.ERRORS, () -> append(GivenError.of(error), at));
  }

  void logError(GivenError error) {
    recorded("logError", Topics.ERRORS, () -> append(error, At.noStep()));
  }

  private void append(GivenError error, At at) {
    int limit = configuration.integer(Setting.TRACEBACK_MAX_BYTES);
    events.append(Topics.ERRORS, envelope -> envelope.error(error.event(orNoStep(at), limit)));
  }

  /** Records a file that the run made or used, as {@link #logArtifact(String, Path, Map)} does. */
  public void logArtifact(String type, Path file) {
    logArtifact(type, file, Map.of());
  }

  /**
   * Records a file that the run made or used, with its size and the SHA-256 of its content, which
   * is read in this call: a gigabyte takes about two seconds. Of a directory it is the size of all
   * files below it and the hash of their manifest; how many they are is added to the metadata as
   * "files". The file itself stays where it is; one that cannot be read, and a directory of more
   * than 100,000 files, is recorded without size and hash.
   *
   * @param type a word such as {@code model}; a call with null is ignored
   * @param file a call with null is ignored
   * @param metadata any values that have a JSON form; null is none
   */
  public void logArtifact(String type, Path file, Map<String, ?> metadata) {
    if (type == null || file == null) {
      ignored("logArtifact", Topics.RUNS, "a null type or file");
      return;
    }
    recorded("logArtifact", Topics.RUNS, () -> append(type, file, PlainValues.of(metadata)));
  }

  private void append(String type, Path file, Map<String, ?> given) {
    FileFacts facts = FileFacts.of(file);
    Map<String, Object> metadata = new LinkedHashMap<>();
    facts.files().ifPresent(count -> metadata.put("files", count));
    metadata.putAll(given);
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

  /** Adds tags; nulls among them are left out. */
  public void addTags(String... tags) {
    annotated("addTags", tags, (annotation, given) -> annotation.setTagsAdded(given));
  }

  /** Removes tags; nulls among them are left out. */
  public void removeTags(String... tags) {
    annotated("removeTags", tags, (annotation, given) -> annotation.setTagsRemoved(given));
  }

  private interface Tagging {
    void put(RunAnnotated.Builder annotation, List<String> tags);
  }

  private void annotated(String call, String[] tags, Tagging tagging) {
    if (tags == null) {
      ignored(call, Topics.RUNS, "null tags");
      return;
    }
    recorded(
        call,
        Topics.RUNS,
        () -> {
          List<String> given =
              PlainValues.texts(Arrays.asList(tags)).stream().map(StoredText::of).toList();
          if (!given.isEmpty()) {
            RunAnnotated.Builder annotation = RunAnnotated.newBuilder();
            tagging.put(annotation, given);
            events.append(annotation.build());
          }
        });
  }

  /** Replaces the notes of the run; null is counted and leaves them. */
  public void setNotes(String text) {
    if (text == null) {
      ignored("setNotes", Topics.RUNS, "null notes");
      return;
    }
    recorded(
        "setNotes",
        Topics.RUNS,
        () -> events.append(RunAnnotated.newBuilder().setNotes(StoredText.of(text)).build()));
  }

  /**
   * Renames the run: changes the name that people read and find it by. Its id and key stay the
   * same.
   *
   * @param name null, or one without a visible character, is counted and changes nothing
   */
  public void rename(String name) {
    if (name == null || name.isBlank()) {
      ignored("rename", Topics.RUNS, "an empty name");
      return;
    }
    recorded(
        "rename",
        Topics.RUNS,
        () -> events.append(RunAnnotated.newBuilder().setName(StoredText.of(name)).build()));
  }

  /**
   * Whatever goes wrong between a call and the spool shows in the run and never reaches the job.
   */
  private void recorded(String call, Topics topic, Runnable recording) {
    if (!events.isRecorded()) {
      return;
    }
    try {
      recording.run();
    } catch (Throwable e) {
      ignored(call, topic, PlainValues.unreadable(e));
    }
  }

  /** Sets the status of the run, which stays open. */
  public void status(RunStatus status) {
    status(status, null);
  }

  /**
   * Sets the status of the run, with a reason in the job's words; the run stays open.
   *
   * @param status a call with null is ignored
   * @param reason why; null is unknown
   */
  public void status(RunStatus status, String reason) {
    if (status == null) {
      ignored("status", Topics.RUNS, "a null status");
      return;
    }
    appendStatus(status, OptionalInt.empty(), reason, StatusSource.JOB);
  }

  void appendStatus(RunStatus status, OptionalInt exitCode, String reason, StatusSource source) {
    if (status.isEnd()) {
      end.set(status);
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

  /** Reports the run completed; it stays open. */
  public void complete() {
    status(RunStatus.COMPLETED);
  }

  /** Records the error and reports the run failed; it stays open. */
  public void fail(Throwable error) {
    logError(error);
    status(RunStatus.FAILED, error == null ? null : error.getClass().getName());
  }

  /** Reports the run completed and closes it, as {@link #finish(RunStatus)} does. */
  public void finish() {
    finish(RunStatus.COMPLETED);
  }

  /**
   * Reports how the run ended, and closes it. A second call does nothing.
   *
   * @param status completed, failed or timeout; any other is counted, and the run stays open
   */
  public void finish(RunStatus status) {
    finish(status, OptionalInt.empty());
  }

  /** Reports how the run ended and with which exit code, as {@link #finish(RunStatus)} does. */
  public void finish(RunStatus status, int exitCode) {
    finish(status, OptionalInt.of(exitCode));
  }

  private void finish(RunStatus status, OptionalInt exitCode) {
    if (events.isClosed()) {
      return;
    }
    if (status == null || !status.isEnd()) {
      ignored(
          "finish", Topics.RUNS, status == null ? "a null status" : "a status that is not final");
      return;
    }
    appendStatus(status, exitCode, null, StatusSource.JOB);
    release();
  }

  /** Reports the run completed, unless an end was reported before; a second close does nothing. */
  @Override
  public void close() {
    if (events.isClosed()) {
      return;
    }
    boolean byItself = end.get() == null;
    if (byItself) {
      complete();
    }
    release();
    if (byItself) {
      UncaughtExceptions.closedByItself(this);
    }
  }

  /** Closes the files; the status of the run stays as it is. */
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
    return thread == startedBy && end.get() == null && !events.isClosed();
  }

  /** An uncaught exception has ended the thread that started this run. */
  void uncaught(Throwable error) {
    boolean closed = events.isClosed();
    if (closed) {
      // A separate writer, newer than the first: of two claims about an attempt the later counts.
      events = reopen.get();
    }
    fail(error);
    if (closed) {
      release();
    }
  }

  void heartbeat(int intervalSeconds) {
    if (end.get() == null && !events.isClosed()) {
      events.append(new Heartbeat(intervalSeconds));
    }
  }

  EventLog events() {
    return events;
  }

  /** What cannot be recorded is counted, and reported once. */
  private void ignored(String call, Topics topic, String what) {
    events.count(topic, call + "() was given " + what);
    if (events.isRecorded() && ignoredReported.compareAndSet(false, true)) {
      LOG.warn(
          "{}() ignored {} (run {}); further ignored arguments are counted and not logged.",
          call,
          what,
          runId());
    }
  }
}
