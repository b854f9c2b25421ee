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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
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

  /**
   * The same before another member takes over: as long as a receiver may take, but seldom needed.
   */
  private static final Duration HAND_OVER = Duration.ofSeconds(10);

  /** A clock that is set, or what another generation brought, is noticed after it. */
  private static final Duration ALONE_LOOKS = Duration.ofMinutes(1);

  /** What other services found is noticed after it. */
  private static final Duration OTHERS_NOTICED = Duration.ofSeconds(2);

  private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

  private final LiveProjection projection;
  private final Optional<Duration> shortestSilence;
  private final AlertCounter counter;
  private final InstantSource clock;
  private final List<Target> targets;
  private final Deliverer.Turn turn;

  /** Those at work; several threads wake them. */
  private final List<Deliverer> deliverers = new CopyOnWriteArrayList<>();

  private final List<Thread> threads = new ArrayList<>();
  private Optional<Instant> seesAllSince = Optional.empty();
  private Instant nextLook = Instant.MIN;
  private Instant nextWarning = Instant.MIN;

  private AlertService(
      AlertFile file,
      LiveProjection projection,
      AlertCounter counter,
      Deliverer.Turn turn,
      InstantSource clock) {
    this.targets = file.targets();
    this.turn = turn;
    this.projection = projection;
    this.counter = counter;
    this.clock = clock;
    this.shortestSilence =
        file.rules().stream()
            .map(AlertRule::condition)
            .filter(NoValue.class::isInstance)
            .map(condition -> ((NoValue) condition).duration())
            .min(Duration::compareTo);
  }

  /** The same service, for those that have no rules: nothing is evaluated. */
  public static Optional<AlertService> start(
      Optional<AlertFile> file,
      Configuration configuration,
      LiveProjection projection,
      AlertCounter counter,
      InstantSource clock) {
    return file.map(rules -> start(rules, maxAge(configuration), projection, counter, clock));
  }

  /**
   * One of several that write the same database: evaluates the rules on what it applies itself, and
   * delivers what all of them find between {@link #begin} and the end of its turn.
   *
   * @param isOurTurn whether the database says that this one delivers; asked before each delivery
   */
  public static Optional<AlertService> ofSeveral(
      Optional<AlertFile> file,
      Configuration configuration,
      LiveProjection projection,
      AlertCounter counter,
      BooleanSupplier isOurTurn,
      InstantSource clock) {
    return file.map(
        rules -> ofSeveral(rules, maxAge(configuration), projection, counter, isOurTurn, clock));
  }

  static AlertService ofSeveral(
      AlertFile file,
      Duration maxAge,
      LiveProjection projection,
      AlertCounter counter,
      BooleanSupplier isOurTurn,
      InstantSource clock) {
    return watching(file, maxAge, projection, counter, turn(isOurTurn, OTHERS_NOTICED), clock);
  }

  static AlertService start(
      AlertFile file,
      Duration maxAge,
      LiveProjection projection,
      AlertCounter counter,
      InstantSource clock) {
    AlertService service =
        watching(file, maxAge, projection, counter, turn(() -> true, ALONE_LOOKS), clock);
    service.begin();
    return service;
  }

  private static AlertService watching(
      AlertFile file,
      Duration maxAge,
      LiveProjection projection,
      AlertCounter counter,
      Deliverer.Turn turn,
      InstantSource clock) {
    AlertService service = new AlertService(file, projection, counter, turn, clock);
    projection.watch(new AlertRules(file.rules(), service.names(), maxAge, clock, service));
    return service;
  }

  private static Duration maxAge(Configuration configuration) {
    return Duration.ofSeconds(configuration.number(Setting.ALERTS_MAX_AGE_SECONDS));
  }

  private static Deliverer.Turn turn(BooleanSupplier isOurs, Duration longestSleep) {
    return new Deliverer.Turn() {
      @Override
      public boolean isOurs() {
        return isOurs.getAsBoolean();
      }

      @Override
      public Duration longestSleep() {
        return longestSleep;
      }
    };
  }

  private List<String> names() {
    return targets.stream().map(Target::name).toList();
  }

  /** Begins to deliver, unless it has begun. */
  public void begin() {
    if (!deliverers.isEmpty()) {
      return;
    }
    projection.giveUpDeliveriesBut(names());
    for (Target target : targets) {
      Deliverer deliverer = new Deliverer(target, projection, counter, turn, clock);
      Thread thread = new Thread(deliverer, "runledger-alerts-" + target.name());
      thread.setDaemon(true);
      deliverers.add(deliverer);
      threads.add(thread);
      thread.start();
    }
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

  /** Ends the deliveries, those in hand at last; what waits stays in the database. */
  public void finish() {
    end(HAND_OVER);
  }

  /** Ends the deliveries at once: another service may have begun already. */
  public void abandon() {
    end(Duration.ZERO);
  }

  /** Ends the deliveries; what waits stays in the database. */
  @Override
  public void close() {
    end(LEAVE);
  }

  private void end(Duration patience) {
    deliverers.forEach(Deliverer::end);
    Instant end = clock.instant().plus(patience);
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
    deliverers.clear();
    threads.clear();
    seesAllSince = Optional.empty();
  }
}
