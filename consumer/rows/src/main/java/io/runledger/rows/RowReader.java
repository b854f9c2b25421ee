package io.runledger.rows;

import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.AcceptedHistoryGap;
import io.runledger.fold.projection.ProjectionReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads the tables of a database, as the statements of one connection. Not thread-safe. */
public abstract class RowReader implements ProjectionReader {

  private final Positions positions;
  private final WriterSchemaRows schemas;
  private final DeadLetterRows deadLetters;
  private final DeliveryRows deliveries;

  protected RowReader(Statements statements) {
    positions = new Positions(statements);
    schemas = new WriterSchemaRows(statements);
    deadLetters = new DeadLetterRows(statements);
    deliveries = new DeliveryRows(statements);
  }

  /**
   * Runs statements that together see one state.
   *
   * @param work throws what {@link Statements} throw
   * @throws io.runledger.fold.projection.ProjectionUnreadableException in place of that
   */
  protected abstract <T> T read(Supplier<T> work);

  @Override
  public List<Position> positions() {
    return read(positions::all);
  }

  @Override
  public Map<Integer, String> schemas() {
    return read(schemas::all);
  }

  @Override
  public List<AcceptedHistoryGap> gaps() {
    return read(positions::allGaps);
  }

  @Override
  public List<Dismissal> dismissals() {
    return read(deadLetters::dismissals);
  }

  @Override
  public List<CarriedFiring> firingsAfter(Optional<Firing> last, int limit) {
    return read(() -> deliveries.after(last, limit));
  }

  @Override
  public Optional<DeadLetter> deadLetterAfter(Optional<DeadLetter> last) {
    return read(() -> deadLetters.after(last));
  }

  @Override
  public Optional<DeadLetter> deadLetter(long id) {
    return read(() -> deadLetters.find(id));
  }

  @Override
  public List<Long> waitingDeadLetters() {
    return read(deadLetters::waiting);
  }
}
