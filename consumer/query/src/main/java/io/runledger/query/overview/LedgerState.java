package io.runledger.query.overview;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * How the ledger does, as far as the database says.
 *
 * @param info what the database says of itself: generation, versions
 * @param runs how many runs have each status
 * @param deadLetters how many dead letters are in each state
 * @param missingEvents how many events are known to exist and have not come
 * @param lostRanges how many ranges of offsets were accepted as lost
 * @param positions where reading resumes
 * @param events how many events have been applied
 * @param bytes size of the database
 */
public record LedgerState(
    SortedMap<String, String> info,
    Map<String, Long> runs,
    Map<String, Long> deadLetters,
    long missingEvents,
    long lostRanges,
    List<Position> positions,
    long events,
    long bytes) {

  /**
   * Where reading a partition, or a file of a spool, resumes.
   *
   * @param topic the topic, or the file within its spool
   * @param isFile whether it is a file, whose offsets are bytes
   * @param nextOffset the first offset that is not applied yet
   */
  public record Position(String topic, int partition, boolean isFile, long nextOffset) {}
}
