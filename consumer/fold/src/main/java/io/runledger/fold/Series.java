package io.runledger.fold;

/**
 * The points of one metric of one writer, summed up over those that stand. Taking points in any
 * order gives the same summary: ties go to the lowest seq, the last point is the one of the highest
 * seq. NaN has no part in minimum and maximum; zero and minus zero are equal. Not thread-safe.
 */
public final class Series {

  private final long id;
  private final String name;
  private boolean stored;
  private boolean changed;
  private long points;
  private Long highestStep;
  private long count;
  private long nanCount;
  private final Mark min;
  private final Mark max;
  private final Mark last;
  private Double highestEpoch;

  /** Points of it that wait in a {@link PointBuffer}, and its place among the series there. */
  int waitingPoints;

  int place;

  /** A series that has no point yet and that the store has never seen. */
  public Series(long id, String name) {
    this(id, name, Mark.none(), Mark.none(), Mark.none());
  }

  private Series(long id, String name, Mark min, Mark max, Mark last) {
    this.id = id;
    this.name = name;
    this.min = min;
    this.max = max;
    this.last = last;
  }

  /**
   * How many points a series has.
   *
   * @param points all of them, superseded or not
   * @param highestStep the highest step of all of them, null when none has a step
   * @param count those that stand
   * @param nanCount of those that stand, the ones whose value is NaN
   * @param highestEpoch the highest epoch of those that stand, null when none has one
   */
  public record Extent(
      long points, Long highestStep, long count, long nanCount, Double highestEpoch) {}

  /** A series as the store has it. */
  public static Series stored(long id, String name, Extent extent, Mark min, Mark max, Mark last) {
    Series series = new Series(id, name, min, max, last);
    series.stored = true;
    series.points = extent.points();
    series.highestStep = extent.highestStep();
    series.count = extent.count();
    series.nanCount = extent.nanCount();
    series.highestEpoch = extent.highestEpoch();
    return series;
  }

  /** The key of the series and its points inside one store; not to be exposed outside. */
  public long id() {
    return id;
  }

  /** The name of the metric. */
  public String name() {
    return name;
  }

  public Extent extent() {
    return new Extent(points, highestStep, count, nanCount, highestEpoch);
  }

  /** The lowest value that stands. */
  public Mark min() {
    return min;
  }

  /** The highest value that stands. */
  public Mark max() {
    return max;
  }

  /** The valid point with the highest seq. */
  public Mark last() {
    return last;
  }

  /** Whether the store has a row of it. */
  public boolean isStored() {
    return stored;
  }

  /** Whether it differs from what the store has. */
  public boolean isChanged() {
    return changed;
  }

  /** Notes that the store has it as it is. */
  public void markStored() {
    stored = true;
    changed = false;
  }

  /**
   * Takes a point in; it must be one that was really inserted.
   *
   * @param cut step from which on the attempt's points are superseded, null when none are
   */
  public void add(long seq, Long step, Double epoch, double value, Long cut) {
    changed = true;
    points++;
    highestStep = higher(highestStep, step);
    if (cut != null && step != null && step >= cut) {
      return;
    }
    count++;
    if (Double.isNaN(value)) {
      nanCount++;
    } else {
      if (!min.isSet() || value < min.value() || (value == min.value() && seq < min.seq())) {
        min.set(value, seq, step, epoch);
      }
      if (!max.isSet() || value > max.value() || (value == max.value() && seq < max.seq())) {
        max.set(value, seq, step, epoch);
      }
    }
    if (seq > last.seq()) {
      last.set(value, seq, step, epoch);
    }
    highestEpoch = higher(highestEpoch, epoch);
  }

  /** Forgets all points, to take them in once more. */
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

  private static Long higher(Long known, Long candidate) {
    if (known == null || candidate == null) {
      return known == null ? candidate : known;
    }
    return Math.max(known, candidate);
  }

  static Double higher(Double known, Double candidate) {
    if (known == null || candidate == null) {
      return known == null ? candidate : known;
    }
    return Math.max(known, candidate);
  }
}
