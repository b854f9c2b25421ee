package io.runledger.fold;

/**
 * What a run's metric amounts to over all its series. Series come by attempt and writer, oldest
 * first; of equal values the first stays. Not thread-safe.
 */
public final class MetricSummary {

  private long count;
  private long nanCount;
  private Mark min = Mark.none();
  private Mark max = Mark.none();
  private Mark last = Mark.none();
  private Double highestEpoch;

  /** Takes the next series in. */
  public void merge(Series series) {
    Series.Extent extent = series.extent();
    if (extent.count() == 0) {
      return;
    }
    count += extent.count();
    nanCount += extent.nanCount();
    if (series.min().isSet() && (!min.isSet() || series.min().value() < min.value())) {
      min = series.min();
    }
    if (series.max().isSet() && (!max.isSet() || series.max().value() > max.value())) {
      max = series.max();
    }
    last = series.last();
    highestEpoch = Series.higher(highestEpoch, extent.highestEpoch());
  }

  /** The points that stand; 0 when none does, and then there is no summary. */
  public long count() {
    return count;
  }

  /** Of the points that stand, those whose value is NaN. */
  public long nanCount() {
    return nanCount;
  }

  public Mark min() {
    return min;
  }

  public Mark max() {
    return max;
  }

  public Mark last() {
    return last;
  }

  /** The highest epoch of the points that stand, null when none has one. */
  public Double highestEpoch() {
    return highestEpoch;
  }
}
