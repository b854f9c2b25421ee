package io.runledger.service.live;

import io.runledger.service.group.DatabaseTag;
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
 * What must hold before the service joins its group: topics that never forget, and nobody in the
 * group who fills another database; where one service reads all, nobody else at all. A member that
 * was killed stays in the group until its session ends, so the others are given that long to leave.
 */
public final class Admission {

  private final String group;
  private final Supplier<List<String>> others;
  private final String refusal;
  private final RetentionCheck retention;
  private final Duration patience;
  private final InstantSource clock;
  private Optional<Instant> firstAsked = Optional.empty();

  private Admission(
      String group,
      Supplier<List<String>> others,
      String refusal,
      RetentionCheck retention,
      Duration patience,
      InstantSource clock) {
    this.group = group;
    this.others = others;
    this.refusal = refusal;
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
        group,
        () -> brokers.otherMembers(group, instanceId),
        "Consumer group %s has another live member (%s). One service reads all partitions of a group: stop the other one, or give this database its own group with group.id.",
        retention,
        patience,
        clock);
  }

  /**
   * Of a service that shares its group with others that fill the same database.
   *
   * @param database which one that is; where it is not known nobody is refused
   */
  public static Admission besideOthers(
      Brokers brokers,
      String group,
      Optional<DatabaseTag> database,
      RetentionCheck retention,
      Duration patience,
      InstantSource clock) {
    return new Admission(
        group,
        () -> database.map(tag -> brokers.membersOfAnother(tag, group)).orElse(List.of()),
        "Consumer group %s fills another database (%s), and would share its partitions with this one: give this database its own group with group.id, or stop the other service.",
        retention,
        patience,
        clock);
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
      throw new GroupInUseException(refusal.formatted(group, String.join(", ", found)));
    }
    return Optional.of(
        "Waiting for %s to leave consumer group %s.".formatted(String.join(", ", found), group));
  }
}
