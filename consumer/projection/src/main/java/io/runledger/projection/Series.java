package io.runledger.projection;

/**
 * The summary of one metric of one writer. Merging points in any order gives the same summary: ties
 * go to the lowest seq, the last point is the one of the highest seq. NaN has no part in minimum
 * and maximum. Not thread-safe.
 */
final class Series {

  /** A point that the summary names; seq is -1 when there is none yet. */
  static final class Mark {
    double value = Double.NaN;
    long seq = -1;
    Long step;
    Long epoch;

    void set(double newValue, long newSeq, Long newStep, Long newEpoch) {
      value = newValue;
      seq = newSeq;
      step = newStep;
      epoch = newEpoch;
    }
  }

  final long id;
  final String name;
  boolean stored;
  boolean dirty;
  long count;
  long nanCount;
  final Mark min = new Mark();
  final Mark max = new Mark();
  final Mark last = new Mark();
  Long highestStep;
  Long highestEpoch;

  Series(long id, String name) {
    this.id = id;
    this.name = name;
  }

  /** Takes a point in; it must be one that was really inserted. */
  void add(long seq, Long step, Long epoch, double value) {
    dirty = true;
    count++;
    if (Double.isNaN(value)) {
      nanCount++;
    } else {
      if (min.seq < 0 || value < min.value || (value == min.value && seq < min.seq)) {
        min.set(value, seq, step, epoch);
      }
      if (max.seq < 0 || value > max.value || (value == max.value && seq < max.seq)) {
        max.set(value, seq, step, epoch);
      }
    }
    if (seq > last.seq) {
      last.set(value, seq, step, epoch);
    }
    highestStep = higher(highestStep, step);
    highestEpoch = higher(highestEpoch, epoch);
  }

  private static Long higher(Long known, Long candidate) {
    if (known == null || candidate == null) {
      return known == null ? candidate : known;
    }
    return Math.max(known, candidate);
  }
}
