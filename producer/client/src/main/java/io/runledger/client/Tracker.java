package io.runledger.client;

import io.runledger.client.sender.RunningSender;
import io.runledger.client.sender.SpoolCheck;
import io.runledger.client.upload.Destination;
import io.runledger.config.Configuration;
import io.runledger.config.InvalidConfigurationException;
import io.runledger.config.Setting;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.spool.SpoolWriter;
import io.runledger.spool.values.PlainValues;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the runs of this process: their events go into the spool, and a thread sends them while
 * the job continues. Thread-safe.
 *
 * <pre>{@code
 * try (Tracker tracker = Tracker.open()) {
 *   RunKey key = RunKey.experiment("7").dataset("mnist").seed(3);
 *   tracker.useRun(key, Map.of("lr", 0.1), run -> run.log("loss", 0.3, 100));
 * }
 * }</pre>
 *
 * <p>With {@code RUNLEDGER_MODE=disabled} in its environment it behaves like {@link #disabled()};
 * with {@code offline} its events wait in the spool for another sender.
 */
public final class Tracker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Tracker.class);

  /** Within this time a writer notices that its files were removed. */
  private static final long KEEP_SECONDS = 1;

  /** Within this time a sender knows whether a broker of this machine is there. */
  private static final Duration SHORT_CLOSE = Duration.ofMillis(500);

  private final Configuration configuration;
  private final Surroundings surroundings;
  private final RecordingMode mode;
  private final Path spool;
  private final Clock clock;
  private final TimeOrderedId ids;
  private final Takeover takeover = new Takeover(this::operate);
  private volatile Optional<RunningSender> sender = Optional.empty();
  private final ScheduledExecutorService background;
  private final List<RunHandle> runs = new CopyOnWriteArrayList<>();
  private final Thread syncAtExit = new Thread(this::syncAll, "runledger-exit");
  private boolean closed;

  private Tracker(Builder given, RecordingMode mode) {
    this.surroundings = new Surroundings(given.environment);
    this.configuration =
        given.configuration.orElseGet(
            () -> Configuration.forJob(given.environment, Optional.empty(), LOG::warn));
    this.mode = mode;
    this.spool = configuration.path(Setting.SPOOL);
    this.clock = given.clock;
    this.ids = new TimeOrderedId(clock);
    this.background =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "runledger-background");
              thread.setDaemon(true);
              return thread;
            });
    if (isRecorded()) {
      startBackground();
      Runtime.getRuntime().addShutdownHook(syncAtExit);
      UncaughtExceptions.report(this);
    }
  }

  private boolean isRecorded() {
    return mode != RecordingMode.DISABLED;
  }

  /**
   * Starts to send, unless the settings forbid it, there is nobody to send to, or it has been
   * started before.
   */
  private synchronized void send() {
    if (mode == RecordingMode.ONLINE && sends() && sender.isEmpty() && !closed) {
      try {
        sender =
            Optional.of(
                Destination.of(configuration, Destination.token(surroundings.environment()))
                    .startInJob(spool, configuration, this::writerOf));
      } catch (InvalidConfigurationException e) {
        LOG.warn("{} Until then events wait in {}.", e.getMessage(), spool);
      }
    }
  }

  private Optional<SpoolWriter> writerOf(Path directory) {
    return runs.stream().flatMap(run -> run.events().writerAt(directory).stream()).findFirst();
  }

  private boolean sends() {
    return configuration.isSet(Setting.SENDER_ENABLED)
        ? configuration.flag(Setting.SENDER_ENABLED)
        : !SpoolCheck.isOfDesk(configuration);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the tasks log their own failures
  private void startBackground() {
    long syncMs = Math.max(1, configuration.number(Setting.SPOOL_SYNC_MS));
    background.scheduleWithFixedDelay(this::syncAll, syncMs, syncMs, TimeUnit.MILLISECONDS);
    background.scheduleWithFixedDelay(
        () -> runs.forEach(run -> run.events().restoreIfRemoved()),
        KEEP_SECONDS,
        KEEP_SECONDS,
        TimeUnit.SECONDS);
    int beat = heartbeatSeconds();
    background.scheduleWithFixedDelay(
        () -> runs.forEach(run -> run.heartbeat(beat)), beat, beat, TimeUnit.SECONDS);
  }

  private int heartbeatSeconds() {
    return Math.max(1, configuration.integer(Setting.HEARTBEAT_SECONDS));
  }

  /** A tracker with the settings of the environment. */
  public static Tracker open() {
    return builder().open();
  }

  /** A tracker with these settings; with those of the environment for null. */
  public static Tracker open(Configuration configuration) {
    return builder().configuration(configuration).open();
  }

  /**
   * As above, for a caller that keeps a process waiting until its start is recorded: nothing is
   * sent, and no class for sending is loaded, before {@link #watch}.
   */
  public static Tracker openToWatch(Configuration configuration) {
    return builder().configuration(configuration).unsent();
  }

  /**
   * A tracker that records nothing: its runs accept every call, and no file or thread is created.
   * It refuses only what needs a spool ({@link #observe}, {@link #operate}).
   */
  public static Tracker disabled() {
    return new Tracker(builder(), RecordingMode.DISABLED);
  }

  /** Builds a tracker whose settings, clock or environment are not those of the process. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings, clock and environment of a tracker; what is not given is that of the process. */
  public static final class Builder {
    private Optional<Configuration> configuration = Optional.empty();
    private Clock clock = Clock.systemUTC();
    private Map<String, String> environment = System.getenv();

    private Builder() {}

    /** The settings; null means those of the environment. */
    public Builder configuration(Configuration value) {
      configuration = Optional.ofNullable(value);
      return this;
    }

    /**
     * The clock whose times events and ids carry, such as one of the past for runs that are
     * imported. The system clock is used for null, and when the time is before 1970 or after 2109.
     * Events are sent and synced by the machine's own time.
     */
    public Builder clock(Clock value) {
      clock = value == null ? Clock.systemUTC() : new JobClock(value);
      return this;
    }

    /**
     * The environment variables: settings, the mode, the attempt of a wrapper, the SLURM job and
     * the rank. They are copied; null means those of the process.
     */
    public Builder environment(Map<String, String> value) {
      environment = value == null ? System.getenv() : texts(value);
      return this;
    }

    private static Map<String, String> texts(Map<?, ?> given) {
      Map<String, String> texts = new HashMap<>();
      PlainValues.of(given)
          .forEach(
              (name, value) -> {
                if (value instanceof String text) {
                  texts.put(name, text);
                }
              });
      return texts;
    }

    /** Opens the tracker, which sends in its own thread. */
    public Tracker open() {
      Tracker tracker = unsent();
      tracker.send();
      return tracker;
    }

    private Tracker unsent() {
      return new Tracker(this, RecordingMode.of(environment, LOG::warn));
    }
  }

  /** Starts an attempt of the run with this key; returns at once. */
  public RunHandle start(RunKey key, Map<String, ?> config) {
    return start(RunOptions.builder(key).config(config).build());
  }

  /** Starts a separate run with this project and name; returns at once. */
  public RunHandle start(String project, String name, Map<String, ?> config) {
    return start(RunOptions.builder(project, name).config(config).build());
  }

  /** Starts an attempt of a run; returns at once. */
  public RunHandle start(RunOptions given) {
    NamedRun named = NamedRun.of(given);
    if (!isRecorded()) {
      return unrecorded(named.id(), ids.next());
    }
    Optional<UnnamedAttempt> above = surroundings.unnamedAbove(named.id(), spool);
    RunHandle run = start(named, attemptOf(named.id(), above), StatusSource.JOB);
    above.ifPresent(wrapper -> takeover.begunBelow(wrapper, run, true));
    return run;
  }

  private RunHandle unrecorded(RunId run, long attempt) {
    Supplier<EventLog> nothing = () -> EventLog.ofNothing(run, attempt, spool, clock);
    return new RunHandle(nothing.get(), nothing, configuration);
  }

  private long attemptOf(RunId run, Optional<UnnamedAttempt> above) {
    return surroundings
        .attemptOf(run)
        .or(() -> above.filter(Takeover::isFirst).map(UnnamedAttempt::attempt))
        .orElseGet(ids::next);
  }

  private RunHandle start(NamedRun named, long attempt, StatusSource source) {
    RunStarted started = named.started(source, configuration, surroundings.environment());
    RunHandle handle = takePart(named.id(), attempt, started);
    handle.events().endsWith(ProcessHandle.current().pid());
    RunHandle.warnMasked(named.id(), started.getMaskedKeys());
    return handle;
  }

  private RunHandle takePart(RunId run, long attempt, RunStarted started) {
    UncaughtExceptions.goesOn();
    Supplier<EventLog> newWriter =
        () -> {
          long writerId = ids.next();
          return new EventLog(run, attempt, writerId, writer(writerId), clock);
        };
    EventLog events = newWriter.get();
    RunHandle handle = new RunHandle(events, newWriter, configuration);
    events.append(started);
    // At once: a job that is killed before its first interval is over has to fall silent, too.
    handle.heartbeat(heartbeatSeconds());
    sender.ifPresent(RunningSender::wakeUp);
    runs.removeIf(ended -> ended.events().isClosed());
    runs.add(handle);
    return handle;
  }

  /**
   * Starts an attempt of a run in another process, which the caller watches; or joins the attempt
   * of this run that another rank of the same launcher has started.
   *
   * @param isNamed whether the run was given a name; otherwise a named run that its process begins
   *     takes the attempt over
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it logs its own failures
  public WatchedRun watch(RunOptions options, boolean isNamed) {
    NamedRun named = NamedRun.of(options);
    if (!isRecorded()) {
      return unrecorded(named);
    }
    Optional<UnnamedAttempt> above = surroundings.unnamedAbove(named.id(), spool);
    Optional<UnnamedAttempt> takes = above.filter(wrapper -> isNamed);
    RankedAttempt ranked =
        RankedAttempt.of(
            spool, named.id(), surroundings.environment(), () -> attemptOf(named.id(), takes));
    RunHandle run = start(named, ranked.attempt(), StatusSource.WRAPPER);
    above.ifPresent(wrapper -> takeover.begunBelow(wrapper, run, isNamed));
    WatchedRun watched =
        new WatchedRun(
            run,
            ranked,
            new ToldErrors(spool, run.attemptId()),
            isNamed ? Optional.empty() : Optional.of(takenFrom(named, run)),
            surroundings.environment());
    if (!isNamed) {
      background.scheduleWithFixedDelay(
          watched::look, KEEP_SECONDS, KEEP_SECONDS, TimeUnit.SECONDS);
    }
    send();
    return watched;
  }

  private WatchedRun unrecorded(NamedRun named) {
    RunHandle run = unrecorded(named.id(), ids.next());
    return new WatchedRun(
        run,
        RankedAttempt.ofOne(run.attemptId()),
        new ToldErrors(spool, run.attemptId()),
        Optional.empty(),
        surroundings.environment());
  }

  /** The runs that take the attempt over, and then get what is known of it. */
  private TakenRuns takenFrom(NamedRun named, RunHandle run) {
    return new TakenRuns(
        new UnnamedAttempt(run.runId(), run.attemptId(), spool),
        taken -> {
          RunStarted known =
              named.started(StatusSource.WRAPPER, configuration, surroundings.environment());
          return takePart(
              taken.run(),
              taken.attempt(),
              RunStarted.newBuilder(known)
                  .setProject(null)
                  .setName(null)
                  .setInstanceId(null)
                  .build());
        });
  }

  /**
   * Stores what SLURM reports of the job that an attempt runs in. Each observation is a separate
   * writer; of two the later one counts.
   *
   * @param job the facts; the run, the attempt and the time of observation are filled in here
   * @throws IOException when it could not be stored, or recording is disabled
   * @throws IllegalArgumentException when there is no run or no job
   */
  public void observe(RunId run, long attempt, SlurmJobObserved.Builder job) throws IOException {
    if (run == null || job == null) {
      throw new IllegalArgumentException("observe() was given no run, or no job.");
    }
    long writerId = ids.next();
    try (SpoolWriter writer = newWriter(writerId)) {
      writer.append(
          Topics.SLURM,
          seq ->
              new Envelope(
                      run.value(),
                      attempt,
                      writerId,
                      seq,
                      clock.instant().truncatedTo(ChronoUnit.MICROS))
                  .observed(job));
    }
  }

  /**
   * A run that an operator changes. Each call opens a separate writer, newer than those before: of
   * two changes of one thing the later one counts.
   *
   * @param newestAttempt the attempt that the changes belong to; empty where none is known
   * @throws IOException when the spool cannot be written, or recording is disabled
   * @throws IllegalArgumentException when there is no run
   */
  public OperatedRun operate(RunId run, OptionalLong newestAttempt) throws IOException {
    if (run == null || newestAttempt == null) {
      throw new IllegalArgumentException("operate() was given no run, or null for its attempt.");
    }
    long writerId = ids.next();
    return new OperatedRun(
        run,
        newestAttempt.orElse(writerId),
        writerId,
        newWriter(writerId),
        clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  private SpoolWriter writer(long writerId) {
    try {
      return newWriter(writerId);
    } catch (IOException e) {
      LOG.warn(
          "The spool {} cannot be written: {}. This run is not recorded, and the training"
              + " continues.",
          spool,
          e.toString());
      return SpoolWriter.unusable(spool, e);
    }
  }

  private SpoolWriter newWriter(long writerId) throws IOException {
    if (!isRecorded()) {
      throw new IOException("Recording is disabled (RUNLEDGER_MODE); nothing was stored.");
    }
    return SpoolWriter.create(
        spool,
        writerId,
        configuration.number(Setting.SPOOL_SEGMENT_BYTES),
        configuration.number(Setting.SPOOL_MAX_BYTES),
        configuration.integer(Setting.RECORD_MAX_BYTES));
  }

  /**
   * Runs {@code body} as an attempt of the run: completed when it returns; when it throws, the
   * error is recorded with its traceback, the run failed, and the exception is rethrown. A {@link
   * CancellationException} is not a failure: the run is completed, with the reason {@code
   * cancelled}.
   *
   * @param config configuration; null is none
   * @throws X what the body threw
   * @throws IllegalArgumentException when there is no body
   */
  public <X extends Exception> void useRun(RunKey key, Map<String, ?> config, RunAction<X> body)
      throws X {
    useRun(RunOptions.builder(key).config(config).build(), body);
  }

  /** As {@link #useRun(RunKey, Map, RunAction)}, with all options. */
  public <X extends Exception> void useRun(RunOptions options, RunAction<X> body) throws X {
    require(body, "useRun");
    this.<Optional<?>, X>withRun(
        options,
        run -> {
          body.run(run);
          return Optional.empty();
        });
  }

  /**
   * As {@link #useRun(RunKey, Map, RunAction)}, for a body that has a result.
   *
   * @return what the body returned, which may be null
   */
  public <T, X extends Exception> T withRun(RunKey key, Map<String, ?> config, RunBody<T, X> body)
      throws X {
    return withRun(RunOptions.builder(key).config(config).build(), body);
  }

  /** As {@link #withRun(RunKey, Map, RunBody)}, with all options. */
  public <T, X extends Exception> T withRun(RunOptions options, RunBody<T, X> body) throws X {
    require(body, "withRun");
    try (RunHandle run = start(options)) {
      try {
        return body.run(run);
      } catch (CancellationException e) {
        // Its own program cancelled it: not a failure.
        run.status(RunStatus.COMPLETED, "cancelled");
        throw e;
      } catch (Throwable e) {
        run.fail(e);
        throw e;
      }
    }
  }

  private static void require(Object body, String call) {
    if (body == null) {
      throw new IllegalArgumentException(call + "() was given no body: there is nothing to run.");
    }
  }

  /** The directory that the events are appended to. */
  public Path spool() {
    return spool;
  }

  List<RunHandle> runs() {
    return runs;
  }

  private void syncAll() {
    for (RunHandle run : runs) {
      try {
        run.events().sync();
      } catch (IOException e) {
        LOG.warn("The spool of run {} cannot be synced: {}", run.runId(), e.toString());
      }
    }
  }

  /**
   * Ends the recording: runs that are still open are left open, what was appended is synced, and
   * the sender gets at most {@code close.timeout.ms} to finish. What is not sent by then stays in
   * the spool for the next sender.
   */
  @Override
  public void close() {
    boolean unwinding = UncaughtExceptions.mayBeUnwinding();
    List<RunHandle> leftOpen =
        runs.stream().filter(run -> run.isOpenIn(Thread.currentThread())).toList();
    end();
    if (unwinding) {
      UncaughtExceptions.stillUnwinding();
    }
    UncaughtExceptions.leftOpen(leftOpen);
  }

  private synchronized void end() {
    if (closed) {
      return;
    }
    closed = true;
    UncaughtExceptions.forget(this);
    background.shutdownNow();
    runs.forEach(RunHandle::release);
    sender.ifPresent(
        sending -> {
          if (!isAllSent(sending)) {
            LOG.warn(
                "Not all events have been sent yet{}; they wait in {} for the next job or"
                    + " 'runledger sync'.{}",
                sending.trouble().map(why -> " (" + why + ")").orElse(""),
                spool,
                Stream.of(Setting.BOOTSTRAP_SERVERS, Setting.URL).anyMatch(configuration::isSet)
                    ? ""
                    : " If you have no broker, 'runledger follow' puts them into a database.");
          }
          sending.close();
        });
    removeExitHook();
  }

  /** Waits for the sender as long as that can have a purpose. */
  private boolean isAllSent(RunningSender sending) {
    Duration atMost = configuration.millis(Setting.CLOSE_TIMEOUT_MS);
    Duration first = atMost.compareTo(SHORT_CLOSE) < 0 ? atMost : SHORT_CLOSE;
    if (sending.awaitIdle(first)) {
      return true;
    }
    // A broker that nobody has named is one of this machine, which is there or is not.
    boolean isNamed =
        Stream.of(
                Setting.BOOTSTRAP_SERVERS,
                Setting.SCHEMA_REGISTRY_URL,
                Setting.URL,
                Setting.CLOSE_TIMEOUT_MS)
            .anyMatch(configuration::isSet);
    return (isNamed || sending.trouble().isEmpty()) && sending.awaitIdle(atMost.minus(first));
  }

  private void removeExitHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(syncAtExit);
    } catch (IllegalStateException alreadyExiting) {
      LOG.debug("Closed because the process is ending.");
    }
  }
}
