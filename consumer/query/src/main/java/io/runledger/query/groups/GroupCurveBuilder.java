package io.runledger.query.groups;

import io.runledger.query.filter.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Takes the curves of a group's runs, one after the other, and keeps sums of each bucket alone.
 *
 * <p>Mean and deviation are updated by each value as in B. P. Welford, "Note on a Method for
 * Calculating Corrected Sums of Squares and Products", Technometrics 4, 1962.
 */
public final class GroupCurveBuilder {

  private final BucketGrid grid;
  private final double[] x;
  private final long[] n;
  private final long[] notFinite;
  private final double[] mean;
  private final double[] squares;
  private final double[] min;
  private final double[] max;
  private long runs;

  public GroupCurveBuilder(BucketGrid grid) {
    this.grid = grid;
    int size = grid.buckets();
    x = new double[size];
    n = new long[size];
    notFinite = new long[size];
    mean = new double[size];
    squares = new double[size];
    min = new double[size];
    max = new double[size];
    Arrays.fill(x, Double.NaN);
  }

  /** Adds a run that is read to its end; one without a point is left out. */
  public void add(RunCurve run) {
    int first = run.firstBucket();
    if (first < 0) {
      return;
    }
    runs++;
    double value = Double.NaN;
    for (int bucket = first; bucket <= run.lastBucket(); bucket++) {
      if (run.hasPoint(bucket)) {
        value = run.value(bucket);
        // Math.max of NaN is NaN.
        x[bucket] = Double.isNaN(x[bucket]) ? run.x(bucket) : Math.max(x[bucket], run.x(bucket));
      }
      add(bucket, value);
    }
  }

  private void add(int bucket, double value) {
    if (!Double.isFinite(value)) {
      notFinite[bucket]++;
      return;
    }
    n[bucket]++;
    min[bucket] = n[bucket] == 1 ? value : Math.min(min[bucket], value);
    max[bucket] = n[bucket] == 1 ? value : Math.max(max[bucket], value);
    double before = value - mean[bucket];
    mean[bucket] += before / n[bucket];
    squares[bucket] += before * (value - mean[bucket]);
  }

  public GroupCurve curve(List<Optional<Value>> key) {
    List<GroupCurve.Place> places = new ArrayList<>();
    for (int bucket = 0; bucket < grid.buckets(); bucket++) {
      if (!Double.isNaN(x[bucket])) {
        places.add(place(bucket));
      }
    }
    return new GroupCurve(key, runs, places);
  }

  private GroupCurve.Place place(int bucket) {
    long count = n[bucket];
    if (count == 0) {
      double none = Double.NaN;
      return new GroupCurve.Place(
          x[bucket], 0, notFinite[bucket], none, none, none, none, none, none);
    }
    double std = count < 2 ? Double.NaN : Math.sqrt(Math.max(0, squares[bucket] / (count - 1)));
    double margin = count < 2 ? Double.NaN : Statistics.margin(count, std);
    return new GroupCurve.Place(
        x[bucket],
        count,
        notFinite[bucket],
        mean[bucket],
        std,
        mean[bucket] - margin,
        mean[bucket] + margin,
        min[bucket],
        max[bucket]);
  }
}
