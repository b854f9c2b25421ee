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
 * @param bytes size of the database
 */
public record LedgerState(
    SortedMap<String, String> info,
    Map<String, Long> runs,
    Map<String, Long> deadLetters,
    long missingEvents,
    long lostRanges,
    List<Position> positions,
    long bytes) {

  /**
   * Where reading a partition resumes.
   *
   * @param nextOffset the first offset that is not applied yet
   */
  public record Position(String topic, int partition, long nextOffset) {}
}
