package io.runledger.fold.store;

import io.runledger.fold.PoisonException;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the fold keeps what it knows, in the fold's own words. A store decides nothing: it gives
 * back what it was given. All methods but the two that take work, here and in {@link #metrics},
 * {@link #runs} and {@link #alerts}, are called inside that work. Not thread-safe.
 *
 * <p>Every method throws {@link RefusedDataException} when it cannot hold what it was given, and
 * {@link StoreFailure} when it does not work now.
 */
public interface ProjectionStore {

  /**
   * Runs the work and keeps all that it stored, or nothing when it throws. When it throws, what the
   * caller has in memory of this store is no longer true.
   *
   * @param what the work in words, after "cannot"
   * @throws ProjectionUnavailableException when the store does not work now
   * @throws ProjectionDamagedException when it is damaged
   */
  <T> T inTransaction(String what, Supplier<T> work);

  /**
   * Runs a part of the work of a transaction and takes back what it stored when it throws {@link
   * RefusedDataException} or {@link PoisonException}; the transaction continues.
   */
  <T> T underSavepoint(Supplier<T> part);

  /**
   * Moves a position on, if it is still where the batch was read from and still ours.
   *
   * @return whether it was
   */
  boolean advance(Advance advance);

  /**
   * Quarantines a record with its bytes.
   *
   * @param topicId the id of the topic that it came from
   * @return false when it is there already
   */
  boolean quarantine(IncomingRecord incoming, String topicId, PoisonException why);

  /** Streams, series and points. */
  MetricStore metrics();

  /** Runs, and the facts that they follow from. */
  RunStore runs();

  /** What rules found. */
  AlertStore alerts();

  /** What keeps several writers off one run; empty where the store has one writer. */
  default Optional<RunGuard> guard() {
    return Optional.empty();
  }
}
