package io.runledger.service.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** What the service is doing, since when, and whether that is well. Thread-safe. */
public final class ServiceHealth {

  /** Longer than any batch takes, and short enough to be noticed within the hour. */
  private static final Duration STALLED = Duration.ofSeconds(60);

  /** Records. */
  private static final long A_MOMENTS_WORK = 1_000;

  /** What the service is doing. */
  public enum State {
    /** Opening the database, joining the group, comparing positions with the log. */
    STARTING,
    /** In the group, but not all partitions were given to it; reading none of them. */
    WAITING,
    /** In a group that has more members than partitions; takes over when one of them leaves. */
    STANDBY,
    /** Reading and applying. */
    RUNNING,
    /** An outage: nothing is skipped, it tries again by itself. */
    PAUSED,
    /** Ended, on request or with a sentence. */
    STOPPED
  }

  /**
   * The health at one moment.
   *
   * @param healthy whether all is well
   * @param state what the service is doing
   * @param since when it began to do so
   * @param reasons sentences; why it is not healthy, or what it waits for
   * @param lag records not yet applied, by partition of this service; empty before the brokers
   *     first answered
   * @param group what all members of its group do; empty where one service reads all
   * @param lastApplied when rows were last committed
   * @param gaps ranges of the log that are missing and were accepted
   */
  public record Report(
      boolean healthy,
      State state,
      Instant since,
      List<String> reasons,
      Map<TopicPartition, Long> lag,
      Optional<GroupReport> group,
      Optional<Instant> lastApplied,
      long gaps) {

    public Report {
      reasons = List.copyOf(reasons);
      lag = Map.copyOf(lag);
    }

    /** Records not yet applied, by topic: of all members, where there are several. */
    public Map<String, Long> lagByTopic() {
      if (group.isPresent()) {
        return new TreeMap<>(group.get().lagByTopic());
      }
      Map<String, Long> byTopic = new TreeMap<>();
      lag.forEach((partition, behind) -> byTopic.merge(partition.topic(), behind, Long::sum));
      return byTopic;
    }
  }

  private final InstantSource clock;
  private State state = State.STARTING;
  private Instant since;
  private Optional<String> reason = Optional.empty();
  private Optional<String> brokerTrouble = Optional.empty();
  private Optional<String> writeAheadLogProblem = Optional.empty();
  private Optional<String> retentionTrouble = Optional.empty();
  private Optional<Instant> lastApplied = Optional.empty();
  private Map<TopicPartition, Long> lag = Map.of();
  private Optional<GroupReport> group = Optional.empty();

  /** Since when there have been partitions that nobody has. */
  private Optional<Instant> unreadSince = Optional.empty();

  private long gaps;

  /** Since when there has been something to apply and nothing was applied. */
  private Optional<Instant> idleWithLag = Optional.empty();

  public ServiceHealth(InstantSource clock) {
    this.clock = clock;
    this.since = clock.instant();
  }

  public synchronized void enter(State next) {
    enter(next, Optional.empty());
  }

  public synchronized void enter(State next, String why) {
    enter(next, Optional.of(why));
  }

  private void enter(State next, Optional<String> why) {
    if (state == State.STOPPED) {
      return;
    }
    if (state != next) {
      state = next;
      since = clock.instant();
    }
    reason = why;
  }

  public synchronized void gaps(long accepted) {
    gaps = accepted;
  }

  public synchronized void applied() {
    lastApplied = Optional.of(clock.instant());
    idleWithLag = Optional.empty();
  }

  public synchronized void lag(Map<TopicPartition, Long> byPartition) {
    lag = Map.copyOf(byPartition);
    if (lag.values().stream().allMatch(behind -> behind == 0)) {
      idleWithLag = Optional.empty();
    } else if (idleWithLag.isEmpty()) {
      idleWithLag = Optional.of(clock.instant());
    }
  }

  /** Takes over what all members of the group do. */
  public synchronized void group(GroupReport report) {
    group = Optional.of(report);
    if (report.unread().isEmpty()) {
      unreadSince = Optional.empty();
    } else if (unreadSince.isEmpty()) {
      unreadSince = Optional.of(clock.instant());
    }
  }

  /**
   * Takes over that the brokers do not answer.
   *
   * @return whether they did before
   */
  public synchronized boolean brokersUnavailable(String why) {
    boolean news = brokerTrouble.isEmpty();
    brokerTrouble = Optional.of(why);
    return news;
  }

  /**
   * Takes over that the brokers answer.
   *
   * @return whether they did not before
   */
  public synchronized boolean brokersAnswer() {
    boolean news = brokerTrouble.isPresent();
    brokerTrouble = Optional.empty();
    return news;
  }

  /**
   * Takes over what the topics' settings are.
   *
   * @param why a sentence about those that forget; empty when none does
   * @return whether it was otherwise before
   */
  public synchronized boolean topicsForget(Optional<String> why) {
    boolean news = !retentionTrouble.equals(why);
    retentionTrouble = why;
    return news;
  }

  public synchronized void writeAheadLogGrows(String why) {
    writeAheadLogProblem = Optional.of(why);
  }

  public synchronized void writeAheadLogIsFine() {
    writeAheadLogProblem = Optional.empty();
  }

  public synchronized boolean writeAheadLogGrew() {
    return writeAheadLogProblem.isPresent();
  }

  /**
   * Whether nearly all that was sent is applied, by all members where there are several: of a busy
   * service a moment's work is always missing.
   */
  public synchronized boolean isCaughtUp() {
    return state == State.RUNNING
        && brokerTrouble.isEmpty()
        && !lag.isEmpty()
        && behind() <= A_MOMENTS_WORK;
  }

  private long behind() {
    return group
        .map(GroupReport::lag)
        .orElseGet(() -> lag.values().stream().mapToLong(Long::longValue).sum());
  }

  /** The state now. */
  public synchronized State state() {
    return state;
  }

  /** The health now. */
  public synchronized Report report() {
    Instant now = clock.instant();
    List<String> troubles = new ArrayList<>();
    boolean notYetRunning = state == State.STARTING || state == State.WAITING;
    if (state == State.PAUSED || state == State.STOPPED) {
      troubles.add(reason.orElse("The service has " + state.name().toLowerCase(Locale.ROOT) + "."));
    } else if (notYetRunning && longAgo(since, now)) {
      troubles.add(reason.orElse("The service is still starting."));
    } else if (state == State.RUNNING && idleWithLag.filter(t -> longAgo(t, now)).isPresent()) {
      troubles.add(
          "Stalled: records are waiting, but nothing has been applied since "
              + idleWithLag.get()
              + "; check the service's log.");
    }
    if (unreadSince.filter(t -> longAgo(t, now)).isPresent()) {
      troubles.add(
          "Nobody reads the partitions with number %s since %s; start a service, or check the log of those that run."
              .formatted(
                  group.orElseThrow().unread().stream()
                      .map(String::valueOf)
                      .collect(Collectors.joining(", ")),
                  unreadSince.get()));
    }
    brokerTrouble.ifPresent(troubles::add);
    writeAheadLogProblem.ifPresent(troubles::add);
    retentionTrouble.ifPresent(troubles::add);
    boolean healthy = troubles.isEmpty();
    if (healthy) {
      reason.ifPresent(troubles::add);
    }
    return new Report(healthy, state, since, troubles, lag, group, lastApplied, gaps);
  }

  private static boolean longAgo(Instant then, Instant now) {
    return then.plus(STALLED).isBefore(now);
  }
}
