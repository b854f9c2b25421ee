package io.runledger.fold.projection;

import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.batch.AcceptedGap;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.Position;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A projection opened for writing: applies batches of records, each in one transaction that holds
 * the rows, the seen seq numbers and the new positions, or none of them. Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnavailableException} when the store cannot be used now;
 * nothing is changed then, and the same call may be made again after closing and opening it. {@link
 * ProjectionDamagedException} says that this would not help.
 */
public interface Projection extends AutoCloseable {

  /** What is written, as people call it: a file, or a schema of a server. */
  String name();

  /** Whether what is written is what readers read; if not, close and open again. */
  boolean isCurrent();

  /** The stored positions, by topic and partition. */
  List<Position> positions();

  /** The stored positions and whose they are, by topic and partition. */
  List<OwnedPosition> owners();

  /**
   * Makes {@code owner} the one that may advance these positions, and no others; adds those that
   * are missing. A stored position keeps its offset. Whoever owned one of them before is fenced off
   * from it from now on, and nothing is known any more that was read before.
   *
   * @param owner the same in all claims through this projection
   */
  void claim(String owner, List<Position> positions);

  /**
   * Gives positions back: nobody owns them until somebody claims them. Those that somebody else has
   * claimed meanwhile stay theirs.
   */
  void release(List<Position> positions);

  /** Adds positions that came after the claim and have no equal yet, for the same owner. */
  void addPositions(List<Position> positions);

  /**
   * Applies a batch: all of it, or nothing.
   *
   * @throws FencedException when the stored positions are not those that the batch was read from,
   *     or belong to another owner; the batch must be dropped
   */
  BatchResult apply(Batch batch);

  /** The writer schema with this registry id, if an earlier record brought it. */
  Optional<String> schema(int id);

  /** Keeps a writer schema, so that a rebuild needs no registry for it. */
  void rememberSchema(int id, String schema);

  /**
   * Notes that offsets of a partition are gone and that an operator accepted it. Moves no position.
   *
   * @param at the partition and its topic id; its offset means nothing
   * @param fromOffset first offset that is missing
   * @param toOffset first offset after the gap
   */
  void recordGap(Position at, long fromOffset, long toOffset, String reason);

  /** Notes gaps and moves the positions of their partitions behind them: all of it, or nothing. */
  void acceptGaps(List<AcceptedGap> gaps);

  /** How many gaps were accepted. */
  long gaps();

  /** The dead letters, oldest first. */
  List<DeadLetter> deadLetters();

  /** One of them. */
  Optional<DeadLetter> deadLetter(long id);

  /**
   * Folds a dead letter that was decoded again. It stays one when it still cannot be applied.
   *
   * @param now when, for the trace
   * @return why it still cannot be applied, as a sentence; empty when it was
   */
  Optional<String> retry(DeadLetter letter, Decoded decoded, Instant now);

  /**
   * Records that an operator reviewed a waiting dead letter and dismissed it; its bytes stay.
   *
   * @return whether there was such a letter
   */
  boolean dismiss(long id, String reason, Instant now);

  /** Takes a dismissal over from the database that this one replaces, if the letter is here too. */
  void carryDismissal(Dismissal dismissal);

  /**
   * Evaluates rules on all that is applied from now on. Before, nothing is evaluated: neither a
   * rebuild nor a comparison fires anything.
   */
  void watch(AlertRules rules);

  /**
   * Evaluates the rules about values that do not come, over the runs that are running. Call it when
   * everything that was sent is applied.
   */
  void lookForSilence();

  /**
   * Firings that are due for one of those to whom they go, those that wait longest first.
   *
   * @param limit maximum number of firings
   */
  List<DueDelivery> dueDeliveries(String delivery, Instant now, int limit);

  /** When the next firing is due for one of those to whom they go; empty when none waits. */
  Optional<Instant> nextDelivery(String delivery);

  /** Records that a firing was delivered. */
  void delivered(Firing firing, String delivery, Instant now);

  /**
   * Records that a firing was not delivered.
   *
   * @param why a sentence
   * @param nextTry when to try again; empty for never
   */
  void notDelivered(Firing firing, String delivery, String why, Optional<Instant> nextTry);

  /** Records that nobody waits for firings but those who have these names. */
  void giveUpDeliveriesBut(List<String> deliveries);

  /** How many deliveries wait. */
  long pendingDeliveries();

  /** The firings that came, ended or were delivered since then. */
  List<CarriedFiring> firingsSince(Instant since);

  /** Takes firings over from the database that this one replaces. */
  void carryFirings(List<CarriedFiring> firings);

  /**
   * Finishes filling a projection that has no readers yet: gathers statistics, checks it and makes
   * it one that readers and the live writer can open. Close and publish it afterwards.
   *
   * @throws ProjectionUnavailableException when the check finds damage
   */
  void finish();

  /** Length of the write-ahead log, in bytes: it grows while a reader needs an old state. */
  long writeAheadLogBytes();

  /** Empties the write-ahead log and cuts it, if no reader needs it; waits for none. */
  void emptyWriteAheadLogIfUnread();

  /** Closes it and gives back the right to write it. */
  @Override
  void close();
}
