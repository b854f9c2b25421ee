package io.runledger.fold.apply;

import io.runledger.config.FailPoint;
import io.runledger.fold.PoisonException;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.FencedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.fold.store.StoreFailure;
import io.runledger.schemas.event.MetricsLogged;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;

/**
 * Applies batches of records to a store, each in one transaction that holds the rows, the seen seq
 * numbers and the new positions, or none of them. Records that cannot be applied are quarantined.
 * Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnavailableException} when the store cannot be used now,
 * and {@link io.runledger.fold.projection.ProjectionDamagedException} when it is damaged; nothing
 * is changed then.
 */
public final class BatchFold {

  private final ProjectionStore store;
  private final String name;
  private final EventFold fold;

  /**
   * @param name how people call the store, for messages
   */
  public BatchFold(ProjectionStore store, String name) {
    this.store = store;
    this.name = name;
    this.fold = new EventFold(store);
  }

  /**
   * Applies a batch: all of it, or nothing.
   *
   * @throws FencedException when the stored positions are not those that the batch was read from,
   *     or belong to another owner; the batch must be dropped
   */
  public BatchResult apply(Batch batch) {
    try {
      return inTransaction(
          "apply a batch",
          () -> {
            fence(batch);
            return together(batch);
          });
    } catch (RefusedDataException one) {
      // Some record cannot be stored: apply them one by one, and quarantine just those.
      return inTransaction(
          "apply a batch record by record",
          () -> {
            fence(batch);
            return quarantining(batch, this::foldAlone);
          });
    }
  }

  /**
   * Applies one record that was quarantined before. What is noted of it is stored with it.
   *
   * @param applied notes that it could be applied
   * @param refused notes that it still cannot be applied, or that some of its rows cannot
   * @return what was noted
   */
  public <T> T applyAgain(
      IncomingRecord incoming, Supplier<T> applied, Function<PoisonException, T> refused) {
    return inTransaction(
        "retry a dead letter",
        () -> {
          fold.take(List.of(incoming));
          try {
            foldAlone(incoming);
          } catch (PoisonException e) {
            return refused.apply(e);
          }
          return applied.get();
        });
  }

  /**
   * Derives the rows of all runs once more, because a newer version derives them otherwise.
   *
   * @param derived notes that it was done, and is stored with it
   */
  public void deriveAll(Runnable derived) {
    inTransaction(
        "derive the rows of its runs",
        () -> {
          fold.deriveAll();
          derived.run();
          return fold;
        });
  }

  /**
   * Moves the positions first: a second writer loses here, before any work. Then, where there are
   * several, takes the runs, before anything of them is looked up in memory.
   */
  private void fence(Batch batch) {
    advance(batch);
    fold.take(batch.records());
  }

  private void advance(Batch batch) {
    for (Advance advance : batch.advances()) {
      if (!store.advance(advance)) {
        Position from = advance.from();
        throw new FencedException(
            "Another writer has advanced %s-%d in %s past offset %d, or claimed it; this one discards its batch."
                .formatted(from.topic(), from.partition(), name, from.nextOffset()));
      }
    }
  }

  /** Forgets what is in memory: another writer may have changed what it was read from. */
  public void forget() {
    fold.forget();
  }

  /** Evaluates rules on the batches that follow. */
  public void watch(AlertRules rules) {
    fold.watch(rules);
  }

  /** Evaluates the rules about values that do not come. */
  public void lookForSilence() {
    inTransaction(
        "look for runs without values",
        () -> {
          fold.lookForSilence();
          return fold;
        });
  }

  private <T> T inTransaction(String what, Supplier<T> work) {
    try {
      T result = store.inTransaction(what, work);
      fold.committed();
      return result;
    } catch (RuntimeException e) {
      fold.forget();
      throw e;
    }
  }

  /** All records together, which is fast but does not show which of them cannot be stored. */
  private BatchResult together(Batch batch) {
    BatchResult result =
        quarantining(
            batch,
            incoming -> {
              SpecificRecord event = event(incoming);
              return refusing(() -> fold.fold(incoming, event));
            });
    refusing(
        () -> {
          fold.flush();
          return result;
        });
    return result;
  }

  private BatchResult quarantining(Batch batch, Function<IncomingRecord, BatchResult> step) {
    BatchResult result = BatchResult.NOTHING;
    for (IncomingRecord incoming : batch.records()) {
      try {
        result = result.plus(step.apply(incoming));
        FailPoint.hit("mid-batch");
      } catch (PoisonException e) {
        String topicId = batch.stepOf(incoming.source()).from().topicId();
        boolean isNew = store.quarantine(incoming, topicId, e);
        result = result.plus(e.otherRows()).plus(new BatchResult(0, 0, 0, isNew ? 1 : 0));
      }
    }
    return result;
  }

  /** One record under its own savepoint; of a bad record of metrics each row that can be stored. */
  private BatchResult foldAlone(IncomingRecord incoming) {
    SpecificRecord event = event(incoming);
    try {
      return underSavepoint(incoming, event);
    } catch (RefusedDataException e) {
      if (event instanceof MetricsLogged metrics && metrics.getRows().size() > 1) {
        return new RowsApart(metrics, part -> underSavepoint(incoming, part)).fold();
      }
      throw e.poison();
    }
  }

  private BatchResult underSavepoint(IncomingRecord incoming, SpecificRecord event) {
    try {
      return store.underSavepoint(
          () ->
              refusing(
                  () -> {
                    BatchResult folded = fold.fold(incoming, event);
                    fold.flush();
                    return folded;
                  }));
    } catch (RefusedDataException | PoisonException e) {
      fold.forget();
      throw e;
    }
  }

  private static SpecificRecord event(IncomingRecord incoming) {
    if (incoming.decoded() instanceof Decoded.Malformed malformed) {
      throw new PoisonException(malformed.reason(), malformed.detail());
    }
    return ((Decoded.Event) incoming.decoded()).event();
  }

  /**
   * Says what a record is to blame for. Everything but the store's own trouble is: an exception
   * that was not anticipated must stop one record, not the service.
   */
  private static BatchResult refusing(Supplier<BatchResult> work) {
    try {
      return work.get();
    } catch (PoisonException | RefusedDataException | StoreFailure e) {
      throw e;
    } catch (RuntimeException e) {
      throw RefusedDataException.unfoldable(e);
    }
  }
}
