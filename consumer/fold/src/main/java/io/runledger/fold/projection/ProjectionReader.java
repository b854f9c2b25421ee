package io.runledger.fold.projection;

import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A projection opened for reading only, alongside its writer. Each call sees its own consistent
 * state. Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnreadableException} when the store does not give what is
 * asked, with the reason.
 */
public interface ProjectionReader extends AutoCloseable {

  /** The number of the newest migration that its tables have seen. */
  int schemaVersion();

  /** How far it was filled, by topic and partition. */
  List<Position> positions();

  /** Writer schemas by registry id. */
  Map<Integer, String> schemas();

  /** Missing history that an operator accepted. */
  List<AcceptedHistoryGap> gaps();

  /** What operators dismissed. */
  List<Dismissal> dismissals();

  /**
   * The firings of rules that follow another one by rule, run and cause; none where the tables are
   * older than rules.
   *
   * @param last the one before; empty for the first
   * @param limit maximum number of firings
   */
  List<CarriedFiring> firingsAfter(Optional<Firing> last, int limit);

  /**
   * The dead letter that follows another one by topic, partition, topic id and offset: however many
   * there are, one is in memory at a time, and no state is held between two calls.
   *
   * @param last the one before; empty for the first
   */
  Optional<DeadLetter> deadLetterAfter(Optional<DeadLetter> last);

  /** One dead letter. */
  Optional<DeadLetter> deadLetter(long id);

  /** The numbers of the dead letters that wait, in the order of {@link #deadLetterAfter}. */
  List<Long> waitingDeadLetters();

  @Override
  void close();
}
