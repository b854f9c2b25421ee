package io.runledger.agent.slurm;

import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends to the topics what SLURM says about the jobs that runs refer to, whenever something is new:
 * one call of squeue for all open jobs at an interval, none while there is no such job; one of
 * sacct for jobs that squeue has forgotten; and what slurmctld pushes. One watcher serves a
 * cluster.
 */
public final class SlurmWatcher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SlurmWatcher.class);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SACCT_INTERVAL = Duration.ofSeconds(60);

  /**
   * How to watch.
   *
   * @param cluster name of the cluster; empty to ask scontrol
   * @param interval time between two calls of squeue, 10 to 150 seconds
   * @param asks whether squeue and sacct may be called at all
   * @param accounting whether sacct may be called
   * @param lookBack how far back runs are looked for at the first start
   * @param host address to listen on
   * @param port port to listen on, 0 for any free one; empty not to listen
   */
  public record Options(
      Optional<String> cluster,
      Duration interval,
      boolean asks,
      boolean accounting,
      Duration lookBack,
      String host,
      Optional<Integer> port) {}

  private final Options options;
  private final String cluster;
  private final Tracker tracker;
  private final WatcherState state;
  private final References references;
  private final SlurmCommands commands;
  private final WatcherMetrics metrics;
  private final Optional<WatcherServer> server;
  private final KnownJobs jobs = new KnownJobs();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final PollSchedule queueSchedule;
  private final PollSchedule accountingSchedule;
  private boolean accountingAnswers;
  private String toldTrouble = "";

  private SlurmWatcher(
      Configuration configuration,
      Options options,
      String cluster,
      WatcherState state,
      SlurmCommands commands,
      WatcherMetrics metrics)
      throws IOException {
    this.options = options;
    this.cluster = cluster;
    this.state = state;
    this.commands = commands;
    this.metrics = metrics;
    WatcherState.Content kept = state.read();
    jobs.restore(kept.attempts());
    this.references =
        new References(
            configuration, cluster, kept.offsets(), Instant.now().minus(options.lookBack()));
    this.queueSchedule = new PollSchedule(options.interval(), System.nanoTime());
    this.accountingSchedule = new PollSchedule(SACCT_INTERVAL, System.nanoTime());
    this.accountingAnswers = options.accounting();
    this.tracker = Tracker.open(configuration);
    this.server =
        options.port().isPresent()
            ? Optional.of(
                WatcherServer.start(options.host(), options.port().get(), metrics, this::completed))
            : Optional.empty();
  }

  /**
   * Creates a watcher; {@link #run} starts watching.
   *
   * @throws IOException when the cluster's name cannot be found out, another watcher serves it, or
   *     the address is taken
   */
  public static SlurmWatcher open(Configuration configuration, Options options)
      throws IOException, InterruptedException {
    WatcherMetrics metrics = new WatcherMetrics();
    SlurmCommands commands = new SlurmCommands(metrics);
    String cluster;
    try {
      cluster = options.cluster().isPresent() ? options.cluster().get() : commands.clusterName();
    } catch (SlurmCommands.SlurmException e) {
      throw new IOException(
          "Cannot determine the cluster's name; set it with --cluster. " + e.getMessage(), e);
    }
    WatcherState state =
        WatcherState.take(
                configuration.path(Setting.DATA_DIR),
                cluster,
                new TopicNames(configuration.get(Setting.TOPICS_PREFIX)))
            .orElseThrow(
                () ->
                    new IOException(
                        "Another watcher serves cluster %s from %s; run only one for each cluster."
                            .formatted(cluster, configuration.path(Setting.DATA_DIR))));
    try {
      return new SlurmWatcher(configuration, options, cluster, state, commands, metrics);
    } catch (IOException | RuntimeException e) {
      state.close();
      throw e;
    }
  }

  /** Name of the cluster that is watched. */
  public String cluster() {
    return cluster;
  }

  /** Port that is listened on; empty when none is. */
  public Optional<Integer> port() {
    return server.map(WatcherServer::port);
  }

  /** Watches until {@link #stop} is called. */
  public void run() throws InterruptedException {
    while (!stopping.get()) {
      List<Reference> found = references.poll(POLL);
      try {
        refer(found);
        if (options.asks()) {
          askQueue();
          askAccounting();
        }
        save();
        toldTrouble = "";
      } catch (IOException e) {
        warn(e);
      }
    }
  }

  /** Ends {@link #run} soon; may be called by any thread. */
  public void stop() {
    stopping.set(true);
  }

  private synchronized void refer(List<Reference> found) throws IOException {
    store(found.stream().flatMap(reference -> jobs.refer(reference).stream()).toList());
  }

  private void askQueue() throws IOException, InterruptedException {
    List<Long> open = openJobs();
    metrics.open(open.size(), queueSchedule.current());
    if (open.isEmpty() || !queueSchedule.isDue(System.nanoTime())) {
      return;
    }
    long began = System.nanoTime();
    Optional<List<SlurmJob>> answer = Optional.empty();
    try {
      answer = Optional.of(commands.queue(open));
    } finally {
      long now = System.nanoTime();
      queueSchedule.called(answer.isPresent(), Duration.ofNanos(now - began), now);
    }
    queued(open, answer.get());
  }

  /** Looks up jobs that squeue has forgotten; without accounting they are given up. */
  private void askAccounting() throws IOException, InterruptedException {
    List<Long> vanished = vanishedJobs();
    if (vanished.isEmpty() || (accountingAnswers && !accountingSchedule.isDue(System.nanoTime()))) {
      return;
    }
    List<SlurmJob> answer = List.of();
    if (accountingAnswers) {
      long began = System.nanoTime();
      boolean answered = false;
      try {
        answer = commands.accounting(vanished);
        answered = true;
      } catch (SlurmCommands.SlurmException e) {
        LOG.info("Jobs that squeue has forgotten are no longer looked up: {}", e.getMessage());
        accountingAnswers = false;
      } finally {
        long now = System.nanoTime();
        accountingSchedule.called(answered, Duration.ofNanos(now - began), now);
      }
    }
    accounted(vanished, answer);
  }

  private synchronized List<Long> openJobs() {
    return jobs.open();
  }

  private synchronized List<Long> vanishedJobs() {
    return jobs.vanished();
  }

  private synchronized void queued(List<Long> asked, List<SlurmJob> answer) throws IOException {
    store(jobs.queued(asked, answer));
  }

  private synchronized void accounted(List<Long> asked, List<SlurmJob> answer) throws IOException {
    store(jobs.accounted(asked, answer));
  }

  private synchronized void completed(SlurmJob job) throws IOException {
    store(jobs.completed(job));
  }

  private void store(List<Observation> news) throws IOException {
    for (Observation observation : news) {
      tracker.observe(
          observation.reference().run(),
          observation.reference().attempt(),
          observation.event(cluster));
      jobs.reported(observation);
      metrics.observed();
      LOG.debug("{} of {}", observation.job().state(), observation.reference());
    }
    jobs.settle();
  }

  private synchronized void save() throws IOException {
    state.save(new WatcherState.Content(references.offsets(), jobs.kept()));
  }

  /** The same failure is logged once until it is over. */
  private void warn(IOException e) {
    if (!toldTrouble.equals(e.getMessage())) {
      toldTrouble = String.valueOf(e.getMessage());
      LOG.warn(
          "{} The next call is in {} s at the earliest.",
          toldTrouble,
          queueSchedule.current().toSeconds());
    }
  }

  @Override
  public void close() throws IOException {
    stop();
    server.ifPresent(WatcherServer::close);
    references.close();
    tracker.close();
    state.close();
  }
}
