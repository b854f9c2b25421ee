package io.runledger.service.database;

import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.log.PositionCheck;
import io.runledger.service.log.WriterSchemas;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;

/**
 * The generation that the database's link points to, open for writing. After an error the file is
 * closed, never written again through the same connection, and reopened by {@link #reopen()}: only
 * what a fresh connection reads says how a failed commit ended. Thread-safe: what is asked while a
 * batch is applied waits for its end.
 */
public final class LiveProjection implements WriterSchemas.SchemaCache, AutoCloseable {

  /** Longer than a rebuild takes from copying the firings to its end. */
  private static final Duration CARRIED = Duration.ofDays(1);

  private final ProjectionLocation database;
  private final Function<ProjectionLocation, Projection> opening;
  private Optional<Projection> open;
  private Optional<AlertRules> rules = Optional.empty();

  private LiveProjection(
      ProjectionLocation database, Function<ProjectionLocation, Projection> opening) {
    this.database = database;
    this.opening = opening;
    this.open = Optional.of(opening.apply(database));
  }

  /** Opens the database, and takes the lock that makes this process its only writer. */
  public static LiveProjection open(ProjectionLocation database) {
    return new LiveProjection(database, ProjectionLocation::open);
  }

  /** Opens the database as one of several that write it, where several may; alone otherwise. */
  public static LiveProjection join(ProjectionLocation database) {
    return new LiveProjection(database, ProjectionLocation::join);
  }

  /** Whether a rebuild has put another generation in place of the open one. */
  public boolean isSuperseded() {
    return !ask(Projection::isCurrent);
  }

  /**
   * Makes sure that the newest generation is open. What rules found in the old one since the
   * rebuild took its firings over is taken over too.
   */
  public synchronized void reopen() {
    List<CarriedFiring> firings = List.of();
    if (open.isPresent() && isSuperseded()) {
      if (rules.isPresent()) {
        Instant since = rules.get().clock().instant().minus(CARRIED);
        firings = ask(projection -> projection.firingsSince(since));
      }
      close();
    }
    if (open.isEmpty()) {
      open = Optional.of(opening.apply(database));
      rules.ifPresent(open.get()::watch);
    }
    if (!firings.isEmpty()) {
      List<CarriedFiring> carried = firings;
      change(projection -> projection.carryFirings(carried));
    }
  }

  /** Evaluates rules on all that is applied from now on, in this generation and in later ones. */
  public synchronized void watch(AlertRules evaluated) {
    rules = Optional.of(evaluated);
    change(projection -> projection.watch(evaluated));
  }

  /** Evaluates the rules about values that do not come. */
  public void lookForSilence() {
    change(Projection::lookForSilence);
  }

  /** Firings that are due for one of those to whom they go. */
  public List<DueDelivery> dueDeliveries(String delivery, Instant now, int limit) {
    return ask(projection -> projection.dueDeliveries(delivery, now, limit));
  }

  /** When the next firing is due for one of those to whom they go. */
  public Optional<Instant> nextDelivery(String delivery) {
    return ask(projection -> projection.nextDelivery(delivery));
  }

  /** Records that a firing was delivered. */
  public void delivered(Firing firing, String delivery, Instant now) {
    change(projection -> projection.delivered(firing, delivery, now));
  }

  /** Records that a firing was not delivered, and when to try again. */
  public void notDelivered(Firing firing, String delivery, String why, Optional<Instant> nextTry) {
    change(projection -> projection.notDelivered(firing, delivery, why, nextTry));
  }

  /** Records that nobody waits for firings but those who have these names. */
  public void giveUpDeliveriesBut(List<String> deliveries) {
    change(projection -> projection.giveUpDeliveriesBut(deliveries));
  }

  /** How many deliveries wait. */
  public long pendingDeliveries() {
    return ask(Projection::pendingDeliveries);
  }

  public List<Position> positions() {
    return ask(Projection::positions);
  }

  /** The stored positions and whose they are. */
  public List<OwnedPosition> owners() {
    return ask(Projection::owners);
  }

  /**
   * Claims these partitions for {@code owner}, and returns their positions as they are stored from
   * then on: whoever had them may have moved them on before.
   */
  public List<Position> claim(String owner, List<Position> positions) {
    return ask(
        projection -> {
          projection.claim(owner, positions);
          Set<TopicPartition> claimed = PositionCheck.byPartition(positions).keySet();
          return projection.positions().stream()
              .filter(position -> claimed.contains(PositionCheck.partitionOf(position)))
              .toList();
        });
  }

  /** Gives partitions back, so that nobody has them. */
  public void release(List<Position> positions) {
    change(projection -> projection.release(positions));
  }

  /** Adds positions that came after the claim. */
  public void addPositions(List<Position> added) {
    change(projection -> projection.addPositions(added));
  }

  /** Notes that offsets are gone; moves no position. */
  public void recordGap(Position at, long from, long to, String reason) {
    change(projection -> projection.recordGap(at, from, to, reason));
  }

  /** What is written now, as people call it. */
  public String name() {
    return ask(Projection::name);
  }

  /** Length of the write-ahead log, in bytes. */
  public long writeAheadLogBytes() {
    return ask(Projection::writeAheadLogBytes);
  }

  /** Empties the write-ahead log unless a reader needs it. */
  public void emptyWriteAheadLogIfUnread() {
    change(Projection::emptyWriteAheadLogIfUnread);
  }

  public BatchResult apply(Batch batch) {
    return ask(projection -> projection.apply(batch));
  }

  /** How many gaps of the log were accepted. */
  public long gaps() {
    return ask(Projection::gaps);
  }

  public Optional<DeadLetter> deadLetter(long id) {
    return ask(projection -> projection.deadLetter(id));
  }

  public Optional<String> retry(DeadLetter letter, Decoded decoded, Instant now) {
    return ask(projection -> projection.retry(letter, decoded, now));
  }

  public boolean dismiss(long id, String reason, Instant now) {
    return ask(projection -> projection.dismiss(id, reason, now));
  }

  @Override
  public Optional<String> schema(int id) {
    return ask(projection -> projection.schema(id));
  }

  @Override
  public void remember(int id, String schema) {
    change(projection -> projection.rememberSchema(id, schema));
  }

  private void change(Consumer<Projection> change) {
    ask(
        projection -> {
          change.accept(projection);
          return projection;
        });
  }

  private synchronized <T> T ask(Function<Projection, T> question) {
    Projection projection =
        open.orElseThrow(
            () ->
                new ProjectionUnavailableException(
                    "The database %s was closed after an error; it is being reopened."
                        .formatted(database)));
    try {
      return question.apply(projection);
    } catch (ProjectionUnavailableException | ProjectionDamagedException e) {
      close();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    Optional<Projection> closing = open;
    open = Optional.empty();
    closing.ifPresent(Projection::close);
  }
}
