package io.runledger.service.log;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.health.GroupReport;
import io.runledger.service.health.ServiceHealth;
import io.runledger.service.health.ServiceMetrics;
import io.runledger.service.stop.StopException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the log every few seconds from its own thread: how far the service is behind, whether it
 * is still the same log, and whether it is set to forget. A topic that is deleted and recreated
 * while the service runs is noticed here, because a fetch alone may continue in the new topic as if
 * nothing had happened.
 */
public final class LogWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  private final ProjectionLocation database;
  private final Brokers brokers;
  private final RetentionCheck retention;
  private final ServiceHealth health;
  private final ServiceMetrics metrics;
  private final Supplier<List<Position>> positions;
  private final Optional<Supplier<List<OwnedPosition>>> ofAllMembers;
  private final AtomicReference<StopException> found = new AtomicReference<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread watch = new Thread(task, "runledger-log-watch");
            watch.setDaemon(true);
            return watch;
          });

  /**
   * Makes a watch; {@link #start()} starts it.
   *
   * @param positions those of this service, as they are in the database; from any thread
   * @param ofAllMembers all in the database, from any thread; empty where one service reads all
   */
  public LogWatch(
      ProjectionLocation database,
      Brokers brokers,
      RetentionCheck retention,
      ServiceHealth health,
      ServiceMetrics metrics,
      Supplier<List<Position>> positions,
      Optional<Supplier<List<OwnedPosition>>> ofAllMembers) {
    this.ofAllMembers = ofAllMembers;
    this.database = database;
    this.brokers = brokers;
    this.retention = retention;
    this.health = health;
    this.metrics = metrics;
    this.positions = positions;
  }

  public void start() {
    // look() never throws, so its result need not be checked.
    var unused =
        thread.scheduleWithFixedDelay(this::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What was found that the service must not read past; empty as long as the log is the same. */
  public Optional<StopException> trouble() {
    return Optional.ofNullable(found.get());
  }

  void look() {
    // Before the log: a position stored meanwhile would seem to lie beyond its end.
    List<Position> stored = positions.get();
    try {
      Optional<List<OwnedPosition>> all = ofAllMembers.map(Supplier::get);
      LogState log = brokers.inspect();
      answered();
      measureLag(stored, log);
      all.ifPresent(owned -> measureGroup(owned, log));
      PositionCheck.requireSameLog(database, stored, log);
      report(retention.ask());
    } catch (StopException e) {
      found.set(e);
    } catch (LogInspector.BrokersUnavailableException e) {
      unanswered(e.getMessage());
    } catch (ProjectionUnavailableException | ProjectionDamagedException e) {
      // Whoever applies finds the same trouble, and says so.
      LOG.debug("The database does not say how far all members are.", e);
    } catch (RuntimeException e) {
      LOG.error("Checking the log failed; the lag shown may be out of date.", e);
    }
  }

  private void unanswered(String why) {
    // Whoever closes this interrupts it, which is not a fault of the brokers.
    if (health.brokersUnavailable(why) && !Thread.currentThread().isInterrupted()) {
      LOG.warn("{} Nothing is lost: reading continues when they answer.", why);
    }
  }

  private void answered() {
    if (health.brokersAnswer()) {
      LOG.info("The brokers answer again.");
    }
  }

  private void report(Optional<RetentionCheck.Forgetful> found) {
    metrics.forgetful(found.map(settings -> settings.settings().size()).orElse(0));
    Optional<String> sentence = found.map(RetentionCheck.Forgetful::sentence);
    if (health.topicsForget(sentence)) {
      sentence.ifPresentOrElse(
          why -> LOG.warn("{}", why),
          () -> LOG.info("The topics keep their records for ever again."));
    }
  }

  private void measureLag(List<Position> stored, LogState log) {
    Map<TopicPartition, Position> byPartition = PositionCheck.byPartition(stored);
    Map<TopicPartition, Long> lag = new HashMap<>();
    log.partitions()
        .forEach(
            (partition, state) -> {
              Position position = byPartition.get(partition);
              if (position != null || ofAllMembers.isEmpty()) {
                long from = position == null ? state.start() : position.nextOffset();
                lag.put(partition, Math.max(0, state.end() - from));
              }
            });
    metrics.lag(lag);
    health.lag(lag);
  }

  private void measureGroup(List<OwnedPosition> stored, LogState log) {
    GroupReport group = GroupLag.of(stored, log);
    metrics.group(group);
    health.group(group);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
