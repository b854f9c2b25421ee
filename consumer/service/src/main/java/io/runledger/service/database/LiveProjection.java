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
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.log.WriterSchemas;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

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
  private Optional<Projection> open;
  private Optional<AlertRules> rules = Optional.empty();

  private LiveProjection(ProjectionLocation database, Projection open) {
    this.database = database;
    this.open = Optional.of(open);
  }

  /** Opens the database, and takes the lock that makes this process its writer. */
  public static LiveProjection open(ProjectionLocation database) {
    return new LiveProjection(database, database.open());
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
      open = Optional.of(database.open());
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

  /** Claims all partitions for {@code owner} and returns their current positions. */
  public List<Position> claim(String owner, List<Position> initial) {
    return ask(
        projection -> {
          projection.claim(owner, initial);
          return projection.positions();
        });
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
