package io.runledger.fold.run;

import java.util.Comparator;

/**
 * The newest sign of life of an attempt.
 *
 * @param atMicros when, in microseconds since 1970 by the job's clock
 * @param intervalSeconds after how many seconds the next one is due
 */
public record LastHeartbeat(long atMicros, int intervalSeconds)
    implements Comparable<LastHeartbeat> {

  private static final Comparator<LastHeartbeat> ORDER =
      Comparator.comparingLong(LastHeartbeat::atMicros)
          .thenComparingInt(LastHeartbeat::intervalSeconds);

  @Override
  public int compareTo(LastHeartbeat other) {
    return ORDER.compare(this, other);
  }
}
