package io.runledger.service.alert;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.fold.alert.AlertListener;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.Condition.NoValue;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.AlertCounter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alerts of one service: has rules evaluated on what is applied, and brings what they find to
 * people on threads of its own, which nothing that is applied waits for.
 */
public final class AlertService implements AlertListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AlertService.class);

  /** Between two looks for runs without values; shorter where a rule waits for seconds alone. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

  /**
   * After a start or an outage: jobs need as long to send what waited in their spools, and nobody
   * is to hear that it did not come.
   */
  private static final Duration GRACE = Duration.ofMinutes(1);

  /** A message in hand is delivered and recorded, or comes again after the next start. */
  private static final Duration LEAVE = Duration.ofSeconds(3);

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final LiveProjection projection;
  private final Optional<Duration> shortestSilence;
  private final AlertCounter counter;
  private final InstantSource clock;
  private final List<Deliverer> deliverers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private Optional<Instant> seesAllSince = Optional.empty();
  private Instant nextLook = Instant.MIN;
  private Instant nextWarning = Instant.MIN;

  private AlertService(
      AlertFile file, LiveProjection projection, AlertCounter counter, InstantSource clock) {
    this.projection = projection;
    this.counter = counter;
    this.clock = clock;
    this.shortestSilence =
        file.rules().stream()
            .map(AlertRule::condition)
            .filter(NoValue.class::isInstance)
            .map(condition -> ((NoValue) condition).duration())
            .min(Duration::compareTo);
    file.targets()
        .forEach(target -> deliverers.add(new Deliverer(target, projection, counter, clock)));
  }

  /** The same service, for those that have no rules: nothing is evaluated. */
  public static Optional<AlertService> start(
      Optional<AlertFile> file,
      Configuration configuration,
      LiveProjection projection,
      AlertCounter counter,
      InstantSource clock) {
    return file.map(
        rules ->
            start(
                rules,
                Duration.ofSeconds(configuration.number(Setting.ALERTS_MAX_AGE_SECONDS)),
                projection,
                counter,
                clock));
  }

  static AlertService start(
      AlertFile file,
      Duration maxAge,
      LiveProjection projection,
      AlertCounter counter,
      InstantSource clock) {
    AlertService service = new AlertService(file, projection, counter, clock);
    List<String> names = file.targets().stream().map(Target::name).toList();
    projection.giveUpDeliveriesBut(names);
    projection.watch(new AlertRules(file.rules(), names, maxAge, clock, service));
    for (int i = 0; i < names.size(); i++) {
      Thread thread = new Thread(service.deliverers.get(i), "runledger-alerts-" + names.get(i));
      thread.setDaemon(true);
      service.threads.add(thread);
      thread.start();
    }
    return service;
  }

  @Override
  public void fired(int fired) {
    counter.fired(fired);
    deliverers.forEach(Deliverer::wake);
  }

  @Override
  public void failed(String why) {
    if (!clock.instant().isBefore(nextWarning)) {
      nextWarning = clock.instant().plus(BETWEEN_WARNINGS);
      LOG.warn(
          "Rules of alerts could not be evaluated on a batch, whose rows are stored: {} This is a bug.",
          why);
    }
  }

  /**
   * Looks for runs that log no values, when it is due. Called by the thread that applies.
   *
   * @param seesAll whether all that was sent is applied, or nearly
   */
  public void look(boolean seesAll) {
    if (shortestSilence.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    if (!seesAll) {
      seesAllSince = Optional.empty();
      return;
    }
    if (seesAllSince.isEmpty()) {
      seesAllSince = Optional.of(now);
    }
    if (now.isBefore(seesAllSince.get().plus(atMost(GRACE))) || now.isBefore(nextLook)) {
      return;
    }
    nextLook = now.plus(atMost(BETWEEN_LOOKS));
    projection.lookForSilence();
  }

  private Duration atMost(Duration time) {
    Duration shortest = shortestSilence.orElseThrow();
    return shortest.compareTo(time) < 0 ? shortest : time;
  }

  /** Ends the deliveries; what waits stays in the database. */
  @Override
  public void close() {
    deliverers.forEach(Deliverer::end);
    Instant end = clock.instant().plus(LEAVE);
    try {
      for (Thread thread : threads) {
        thread.join(Math.max(1, Duration.between(clock.instant(), end).toMillis()));
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }
}
