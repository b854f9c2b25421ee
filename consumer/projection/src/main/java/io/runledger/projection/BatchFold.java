package io.runledger.projection;

import io.runledger.config.FailPoint;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.avro.specific.SpecificRecord;

/**
 * Folds the records of a batch into rows and puts those aside that cannot be folded. Works inside
 * the caller's transaction. Not thread-safe.
 */
final class BatchFold {

  private final Connection connection;
  private final Fold fold;
  private final DeadLetterRows deadLetters;
  private final ForeignObjects foreign;

  BatchFold(Connection connection, Fold fold, DeadLetterRows deadLetters, ForeignObjects foreign) {
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
  BatchResult together(Batch batch) throws SQLException {
    BatchResult result = fold(batch, this::foldOne);
    refusing(
        () -> {
          fold.flush();
          return Fold.NOTHING;
        });
    return result;
  }

  /**
   * Folds each record under a savepoint of its own, so that a bad one can be taken back alone; of a
   * bad record of metrics each row that can be stored is.
   */
  BatchResult oneByOne(Batch batch) throws SQLException {
    return fold(batch, this::foldAlone);
  }

  /**
   * Folds one record by itself.
   *
   * @throws PoisonException when it cannot be applied, or some of its rows cannot
   */
  void alone(IncomingRecord incoming) throws SQLException {
    foldAlone(incoming);
  }

  private interface Step {
    Fold.Counts fold(IncomingRecord incoming) throws SQLException;
  }

  private BatchResult fold(Batch batch, Step step) throws SQLException {
    long applied = 0;
    long points = 0;
    long duplicates = 0;
    long putAside = 0;
    for (IncomingRecord incoming : batch.records()) {
      try {
        Fold.Counts counts = step.fold(incoming);
        applied += counts.applied();
        points += counts.points();
        duplicates += counts.duplicates();
        FailPoint.hit("mid-batch");
      } catch (PoisonException e) {
        applied += e.otherRows().applied();
        points += e.otherRows().points();
        duplicates += e.otherRows().duplicates();
        String topicId = batch.stepOf(incoming.source()).from().topicId();
        putAside += deadLetters.put(incoming, topicId, e);
      }
    }
    return new BatchResult(applied, points, duplicates, putAside);
  }

  private Fold.Counts foldOne(IncomingRecord incoming) throws SQLException {
    SpecificRecord event = event(incoming);
    return refusing(() -> fold.fold(incoming, event));
  }

  private Fold.Counts foldAlone(IncomingRecord incoming) throws SQLException {
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

  private Fold.Counts underSavepoint(IncomingRecord incoming, SpecificRecord event)
      throws SQLException {
    Database.execute(connection, "SAVEPOINT one_record");
    try {
      Fold.Counts counts =
          refusing(
              () -> {
                Fold.Counts folded = fold.fold(incoming, event);
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
  private static Fold.Counts refusing(Transactions.Work<Fold.Counts> work) throws SQLException {
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
