package io.runledger.fold;

/**
 * The points of one metric of one writer, summed up over those that stand. Taking points in any
 * order gives the same summary: ties go to the lowest seq, the last point is the one of the highest
 * seq. NaN has no part in minimum and maximum; zero and minus zero are equal. Not thread-safe.
 */
public final class Series {

  /** A point that the summary names; seq is -1 when there is none yet. */
  public static final class Mark {
    public double value = Double.NaN;
    public long seq = -1;
    public Long step;
    public Double epoch;

    public void set(double newValue, long newSeq, Long newStep, Double newEpoch) {
      value = newValue;
      seq = newSeq;
      step = newStep;
      epoch = newEpoch;
    }

    private void clear() {
      set(Double.NaN, -1, null, null);
    }
  }

  public final long id;
  public final String name;
  public boolean stored;
  public boolean dirty;

  /** Points of it that the store has not written yet. */
  public int waitingPoints;

  public long points;
  public Long highestStep;
  public long count;
  public long nanCount;
  public final Mark min = new Mark();
  public final Mark max = new Mark();
  public final Mark last = new Mark();
  public Double highestEpoch;

  public Series(long id, String name) {
    this.id = id;
    this.name = name;
  }

  /**
   * Takes a point in; it must be one that was really inserted.
   *
   * @param cut step from which on the attempt's points are superseded, null when none are
   */
  public void add(long seq, Long step, Double epoch, double value, Long cut) {
    dirty = true;
    points++;
    highestStep = higher(highestStep, step);
    if (cut != null && step != null && step >= cut) {
      return;
    }
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
    highestEpoch = higher(highestEpoch, epoch);
  }

  /** Forgets all points, to take them in anew. */
  public void clear() {
    points = 0;
    highestStep = null;
    count = 0;
    nanCount = 0;
    min.clear();
    max.clear();
    last.clear();
    highestEpoch = null;
  }

  /** Whether a cut leaves some of the points out. */
  public boolean isCutBy(Long cut) {
    return cut != null && highestStep != null && highestStep >= cut;
  }

  public static Long higher(Long known, Long candidate) {
    if (known == null || candidate == null) {
      return known == null ? candidate : known;
    }
    return Math.max(known, candidate);
  }

  public static Double higher(Double known, Double candidate) {
    if (known == null || candidate == null) {
      return known == null ? candidate : known;
    }
    return Math.max(known, candidate);
  }
}
