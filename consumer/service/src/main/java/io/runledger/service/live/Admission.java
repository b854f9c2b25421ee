package io.runledger.service.live;

import io.runledger.service.log.Brokers;
import io.runledger.service.log.RetentionCheck;
import io.runledger.service.stop.GroupInUseException;
import io.runledger.service.stop.RetentionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What must hold before the service joins its group: topics that never forget, and, where one
 * service reads all, nobody else in the group. A member that was killed stays in the group until
 * its session ends, so the others are given that long to leave.
 */
public final class Admission {

  private final String group;
  private final Supplier<List<String>> others;
  private final RetentionCheck retention;
  private final Duration patience;
  private final InstantSource clock;
  private Optional<Instant> firstAsked = Optional.empty();

  private Admission(
      String group,
      Supplier<List<String>> others,
      RetentionCheck retention,
      Duration patience,
      InstantSource clock) {
    this.group = group;
    this.others = others;
    this.retention = retention;
    this.patience = patience;
    this.clock = clock;
  }

  /** Of a service that is the only member of its group. */
  public static Admission alone(
      Brokers brokers,
      String group,
      String instanceId,
      RetentionCheck retention,
      Duration patience,
      InstantSource clock) {
    return new Admission(
        group, () -> brokers.otherMembers(group, instanceId), retention, patience, clock);
  }

  /** Of a service that shares its group with others like it. */
  public static Admission besideOthers(
      String group, RetentionCheck retention, InstantSource clock) {
    return new Admission(group, List::of, retention, Duration.ZERO, clock);
  }

  /**
   * Asks once.
   *
   * @return for what there is to wait; empty when the service may join
   * @throws RetentionException when a topic loses records and that was not accepted
   * @throws GroupInUseException when another member did not leave within its session
   */
  Optional<String> ask() {
    retention
        .ask()
        .ifPresent(
            found -> {
              throw new RetentionException(found.sentence());
            });
    List<String> found = others.get();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Instant since = firstAsked.orElseGet(clock::instant);
    firstAsked = Optional.of(since);
    if (clock.instant().isAfter(since.plus(patience))) {
      throw new GroupInUseException(
          "Consumer group %s has another live member (%s). One service reads all partitions of a group: stop the other one, or give this database its own group with group.id."
              .formatted(group, String.join(", ", found)));
    }
    return Optional.of(
        "Waiting for %s to leave consumer group %s.".formatted(String.join(", ", found), group));
  }
}
