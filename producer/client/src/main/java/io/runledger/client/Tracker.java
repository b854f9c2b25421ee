package io.runledger.client;

import io.runledger.client.sender.SpoolSender;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.Base32;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the runs of this process: their events go into the spool, and a thread sends them while
 * the job goes on. Thread-safe.
 *
 * <pre>{@code
 * try (Tracker tracker = Tracker.open()) {
 *   tracker.run(RunKey.of("7", "mnist", "cnn", "s01", null, 3L), Map.of("lr", 0.1), run -> {
 *     run.log(Map.of("loss", 0.3), Step.of(100));
 *     return null;
 *   });
 * }
 * }</pre>
 */
public final class Tracker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Tracker.class);

  private static final int MASKED_TOLD = 10;

  /** Within this time a writer notices that its files were removed. */
  private static final long KEEP_SECONDS = 1;

  private final Configuration configuration;
  private final Path spool;
  private final Clock clock = Clock.systemUTC();
  private final TimeOrderedId ids = new TimeOrderedId(clock);
  private volatile Optional<SpoolSender> sender = Optional.empty();
  private final ScheduledExecutorService background;
  private final List<RunHandle> runs = new CopyOnWriteArrayList<>();
  private final Thread syncAtExit = new Thread(this::syncAll, "runledger-exit");
  private boolean closed;

  private Tracker(Configuration configuration) {
    this.configuration = configuration;
    this.spool = configuration.path(Setting.SPOOL);
    this.background =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "runledger-background");
              thread.setDaemon(true);
              return thread;
            });
    startBackground();
    Runtime.getRuntime().addShutdownHook(syncAtExit);
    UncaughtExceptions.tell(this);
  }

  /** Begins to send, unless the settings forbid it or it is done already. */
  private synchronized void send() {
    if (sender.isEmpty() && !closed && configuration.flag(Setting.SENDER_ENABLED)) {
      sender = Optional.of(SpoolSender.startInJob(spool, configuration));
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the tasks tell their troubles themselves
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
    return open(ofEnvironment());
  }

  private static Configuration ofEnvironment() {
    return Configuration.forJob(System.getenv(), Optional.empty(), LOG::warn);
  }

  /** A tracker with these settings; with those of the environment for null. */
  public static Tracker open(Configuration configuration) {
    if (configuration == null) {
      return open();
    }
    Tracker tracker = new Tracker(configuration);
    tracker.send();
    return tracker;
  }

  /**
   * As above, for whoever keeps a process waiting until its start is recorded: nothing is sent, and
   * nothing is loaded for it, before {@link #watch}.
   */
  public static Tracker openToWatch(Configuration configuration) {
    return new Tracker(configuration == null ? ofEnvironment() : configuration);
  }

  /** Starts an attempt of the run with this key; returns at once. */
  public RunHandle start(RunKey key, Map<String, ?> config) {
    return start(RunOptions.builder(key).config(config).build());
  }

  /** Starts a run of its own with this project and name; returns at once. */
  public RunHandle start(String project, String name, Map<String, ?> config) {
    return start(RunOptions.builder(project, name).config(config).build());
  }

  /** Starts an attempt of a run; returns at once. */
  public RunHandle start(RunOptions given) {
    NamedRun named = NamedRun.of(given);
    Optional<UnnamedAttempt> above = unnamedAbove(named.id());
    RunHandle run = start(named, attemptOf(named.id(), above), StatusSource.JOB);
    above.ifPresent(wrapper -> begunBelow(wrapper, run, true));
    return run;
  }

  private long attemptOf(RunId run, Optional<UnnamedAttempt> above) {
    return joinedAttempt(run)
        .or(() -> above.filter(Tracker::isFirst).map(UnnamedAttempt::attempt))
        .orElseGet(ids::next);
  }

  private static boolean isFirst(UnnamedAttempt above) {
    try {
      return above.isFirst();
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "That run {} gives way to a run with a name cannot be noted ({}); both are shown.",
          above.run(),
          e.toString());
      return false;
    }
  }

  private void begunBelow(UnnamedAttempt above, RunHandle run, boolean isNamed) {
    try {
      UnnamedAttempt.News news =
          isNamed ? above.takenBy(run.runId(), run.attemptId()) : above.sharedBy(run.attemptId());
      if (news == UnnamedAttempt.News.HIDDEN) {
        try (OperatedRun wrapper = operate(above.run(), OptionalLong.of(above.attempt()))) {
          wrapper.delete(
              Optional.of("its command began run " + run.runId() + ", which took its place"));
        }
      }
      if (news == UnnamedAttempt.News.SHOWN_AGAIN
          || (news == UnnamedAttempt.News.HIDDEN && above.isMoreThanOne())) {
        try (OperatedRun wrapper = operate(above.run(), OptionalLong.of(above.attempt()))) {
          wrapper.restore(Optional.of("its command is more than one run"));
        }
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn("Run {} is shown beside run {}: {}", above.run(), run.runId(), e.toString());
    }
  }

  private RunHandle start(NamedRun named, long attempt, StatusSource source) {
    RunStarted started = named.started(source, configuration);
    RunHandle handle = takePart(named.id(), attempt, started);
    handle.events().endsWith(ProcessHandle.current().pid());
    tellMasked(named.id(), started.getMaskedKeys());
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
    sender.ifPresent(SpoolSender::lookNow);
    runs.removeIf(ended -> ended.events().isClosed());
    runs.add(handle);
    return handle;
  }

  private static void tellMasked(RunId run, List<String> keys) {
    if (!keys.isEmpty()) {
      LOG.warn(
          "The configuration of run {} is stored without what looks like a secret: {}{}.",
          run,
          keys.stream().limit(MASKED_TOLD).collect(Collectors.joining(", ")),
          keys.size() > MASKED_TOLD ? ", and " + (keys.size() - MASKED_TOLD) + " more" : "");
    }
  }

  /**
   * Starts an attempt of a run whose process is another one, which the caller watches; or takes
   * part in the one that another rank of the same launcher has started of this run.
   *
   * @param isNamed whether somebody gave the run its name; otherwise a run that its process begins
   *     under a name takes the attempt over
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it tells its troubles itself
  public WatchedRun watch(RunOptions options, boolean isNamed) {
    NamedRun named = NamedRun.of(options);
    Optional<UnnamedAttempt> above = unnamedAbove(named.id());
    Optional<UnnamedAttempt> takes = above.filter(wrapper -> isNamed);
    RankedAttempt ranked =
        RankedAttempt.of(spool, named.id(), System.getenv(), () -> attemptOf(named.id(), takes));
    RunHandle run = start(named, ranked.attempt(), StatusSource.WRAPPER);
    above.ifPresent(wrapper -> begunBelow(wrapper, run, isNamed));
    WatchedRun watched =
        new WatchedRun(
            run,
            ranked,
            new ToldErrors(spool, run.attemptId()),
            isNamed ? Optional.empty() : Optional.of(takenFrom(named, run)));
    if (!isNamed) {
      background.scheduleWithFixedDelay(
          watched::look, KEEP_SECONDS, KEEP_SECONDS, TimeUnit.SECONDS);
    }
    send();
    return watched;
  }

  /** Who takes the attempt over, and is told then what is known of it. */
  private TakenRuns takenFrom(NamedRun named, RunHandle run) {
    return new TakenRuns(
        new UnnamedAttempt(run.runId(), run.attemptId(), spool),
        taken -> {
          RunStarted known = named.started(StatusSource.WRAPPER, configuration);
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
   * Stores what SLURM says of the job that an attempt runs in. Each observation is a writer of its
   * own, and of two the later one counts.
   *
   * @param job the facts; whose they are and when they were seen is filled in here
   * @throws IOException when it could not be stored
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
   * A run about which an operator says something. Each time is a writer of its own, newer than
   * those before it: of two words on one thing the later one counts.
   *
   * @param newestAttempt the attempt to speak of; empty where none is known
   * @throws IOException when the spool cannot be written
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

  /** The attempt of the wrapper that another run than its own may take over. */
  private Optional<UnnamedAttempt> unnamedAbove(RunId run) {
    return given()
        .flatMap(
            above -> UnnamedAttempt.above(above.run(), above.attempt(), spool, System.getenv()))
        .filter(above -> !above.run().equals(run));
  }

  /** The attempt that a wrapper started for us, when it is one of the same run. */
  private static Optional<Long> joinedAttempt(RunId run) {
    return given().filter(above -> above.run().equals(run)).map(UnnamedAttempt.Taken::attempt);
  }

  private static Optional<UnnamedAttempt.Taken> given() {
    String givenRun = System.getenv("RUNLEDGER_RUN_ID");
    String givenAttempt = System.getenv("RUNLEDGER_ATTEMPT_ID");
    if (givenRun == null || givenAttempt == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new UnnamedAttempt.Taken(RunId.parse(givenRun), Base32.decode(givenAttempt)));
    } catch (IllegalArgumentException e) {
      LOG.warn("RUNLEDGER_RUN_ID or RUNLEDGER_ATTEMPT_ID is no id; a new attempt is begun.");
      return Optional.empty();
    }
  }

  private SpoolWriter writer(long writerId) {
    try {
      return newWriter(writerId);
    } catch (IOException e) {
      LOG.warn(
          "The spool {} cannot be written: {}. This run is not recorded; the training goes on.",
          spool,
          e.toString());
      return SpoolWriter.unusable(spool, e);
    }
  }

  private SpoolWriter newWriter(long writerId) throws IOException {
    return SpoolWriter.create(
        spool,
        writerId,
        configuration.number(Setting.SPOOL_SEGMENT_BYTES),
        configuration.number(Setting.SPOOL_MAX_BYTES),
        configuration.integer(Setting.RECORD_MAX_BYTES));
  }

  /**
   * Runs {@code body} as an attempt of the run: completed when it returns; when it throws, the
   * error is recorded with its traceback, the run failed, and the exception is thrown on. A {@link
   * CancellationException} is no failure: the run is completed, with the reason {@code cancelled}.
   */
  public <T> T run(RunKey key, Map<String, ?> config, RunBody<T> body) throws Exception {
    return run(RunOptions.builder(key).config(config).build(), body);
  }

  /** As {@link #run(RunKey, Map, RunBody)}, with all options. */
  public <T> T run(RunOptions options, RunBody<T> body) throws Exception {
    if (body == null) {
      throw new IllegalArgumentException(
          "run() was given no body, so that there is nothing to run.");
    }
    try (RunHandle run = start(options)) {
      try {
        return body.run(run);
      } catch (CancellationException e) {
        // Its own program asked it to leave: no failure.
        run.status(RunStatus.COMPLETED, "cancelled");
        throw e;
      } catch (Throwable e) {
        run.fail(e);
        throw e;
      }
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
   * for at most {@code close.timeout.ms} the sender is waited for. What is not sent then stays in
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
          if (!sending.awaitIdle(configuration.millis(Setting.CLOSE_TIMEOUT_MS))) {
            LOG.warn(
                "Not all events are sent yet{}; they wait in {} for the next job or 'runledger sync'.",
                sending.trouble().map(why -> " (" + why + ")").orElse(""),
                spool);
          }
          sending.close();
        });
    removeExitHook();
  }

  private void removeExitHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(syncAtExit);
    } catch (IllegalStateException alreadyExiting) {
      LOG.debug("Closed while the process ends.");
    }
  }
}
