package io.runledger.service.log;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.service.stop.LogUnreadableException;
import io.runledger.service.stop.PositionException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * The log of a database for commands that a user waits for: the four topics, or the files of a
 * spool, each of which is a partition that begins at 0 and whose offsets are its bytes.
 */
public interface WholeLog {

  /**
   * Refuses a database that was filled from another log, and so is another ledger.
   *
   * @throws PositionException naming both
   */
  void requireOwn(ProjectionLocation database, List<Position> stored);

  /**
   * The log as it is now.
   *
   * @throws LogUnreadableException when that cannot be found out
   */
  LogState inspect();

  /**
   * Reads it outside of any group, for the caller to close.
   *
   * @param from where each partition begins
   * @param ends where each of them ends
   * @param schemas writer schemas that are known already, by registry id
   */
  LogReader reader(
      List<Position> from, Map<TopicPartition, Long> ends, Map<Integer, String> schemas);
}
