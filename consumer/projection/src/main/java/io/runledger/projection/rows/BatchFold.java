package io.runledger.projection.rows;

import io.runledger.config.FailPoint;
import io.runledger.fold.PoisonException;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.projection.file.Database;
import io.runledger.projection.file.ForeignObjects;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.avro.specific.SpecificRecord;

/**
 * Folds the records of a batch into rows and puts those aside that cannot be folded. Works inside
 * the caller's transaction. Not thread-safe.
 */
public final class BatchFold {

  private final Connection connection;
  private final Fold fold;
  private final DeadLetterRows deadLetters;
  private final ForeignObjects foreign;

  public BatchFold(
      Connection connection, Fold fold, DeadLetterRows deadLetters, ForeignObjects foreign) {
    this.connection = connection;
    this.foreign = foreign;
    this.fold = fold;
    this.deadLetters = deadLetters;
  }

  /**
   * Folds all records together, which is fast.
   *
   * @throws RefusedDataException when some record cannot be stored; nothing tells which one
   */
  public BatchResult together(Batch batch) throws SQLException {
    BatchResult result = fold(batch, this::foldOne);
    refusing(
        () -> {
          fold.flush();
          return BatchResult.NOTHING;
        });
    return result;
  }

  /**
   * Folds each record under a savepoint of its own, so that a bad one can be taken back alone; of a
   * bad record of metrics each row that can be stored is.
   */
  public BatchResult oneByOne(Batch batch) throws SQLException {
    return fold(batch, this::foldAlone);
  }

  /**
   * Folds one record by itself.
   *
   * @throws PoisonException when it cannot be applied, or some of its rows cannot
   */
  public void alone(IncomingRecord incoming) throws SQLException {
    foldAlone(incoming);
  }

  private interface Step {
    BatchResult fold(IncomingRecord incoming) throws SQLException;
  }

  private BatchResult fold(Batch batch, Step step) throws SQLException {
    BatchResult result = BatchResult.NOTHING;
    for (IncomingRecord incoming : batch.records()) {
      try {
        result = result.plus(step.fold(incoming));
        FailPoint.hit("mid-batch");
      } catch (PoisonException e) {
        String topicId = batch.stepOf(incoming.source()).from().topicId();
        long letters = deadLetters.put(incoming, topicId, e);
        result = result.plus(e.otherRows()).plus(new BatchResult(0, 0, 0, letters));
      }
    }
    return result;
  }

  private BatchResult foldOne(IncomingRecord incoming) throws SQLException {
    SpecificRecord event = event(incoming);
    return refusing(() -> fold.fold(incoming, event));
  }

  private BatchResult foldAlone(IncomingRecord incoming) throws SQLException {
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

  private BatchResult underSavepoint(IncomingRecord incoming, SpecificRecord event)
      throws SQLException {
    Database.execute(connection, "SAVEPOINT one_record");
    try {
      BatchResult counts =
          refusing(
              () -> {
                BatchResult folded = fold.fold(incoming, event);
                fold.flush();
                return folded;
              });
      Database.execute(connection, "RELEASE one_record");
      return counts;
    } catch (RefusedDataException e) {
      takeBack();
      if (e.getCause() instanceof SQLException refusal && Transactions.isConstraint(refusal)) {
        foreign.refuseChangedTables(refusal);
      }
      throw e;
    } catch (PoisonException e) {
      takeBack();
      throw e;
    }
  }

  private void takeBack() throws SQLException {
    Database.execute(connection, "ROLLBACK TO one_record");
    Database.execute(connection, "RELEASE one_record");
    fold.forget();
  }

  private static SpecificRecord event(IncomingRecord incoming) {
    if (incoming.decoded() instanceof Decoded.Malformed malformed) {
      throw new PoisonException(malformed.reason(), malformed.detail());
    }
    return ((Decoded.Event) incoming.decoded()).event();
  }

  /**
   * Tells what a record is to blame for. Everything but the database's own trouble is: an exception
   * that nobody thought of must stop one record, not the service.
   */
  private static BatchResult refusing(Transactions.Work<BatchResult> work) throws SQLException {
    try {
      return work.run();
    } catch (SQLException e) {
      if (Transactions.isAboutTheData(e)) {
        throw new RefusedDataException(e);
      }
      throw e;
    } catch (PoisonException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new RefusedDataException(e);
    }
  }
}
