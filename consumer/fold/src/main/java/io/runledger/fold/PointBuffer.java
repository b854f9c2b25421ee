package io.runledger.fold;

import io.runledger.schemas.event.MetricRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Points that wait to be stored: the hottest path of all. They are given series by series, so that
 * rows that are neighbours in a table are written one after the other. Not thread-safe.
 */
public final class PointBuffer {

  /** Maximum number of waiting points, 28 bytes each besides their log calls. */
  private static final int CAPACITY = 1 << 18;

  /** The points that wait, those of a series together and in the order in which they came. */
  public final class BySeries {

    private final int[] order;

    private BySeries(int[] order) {
      this.order = order;
    }

    public int size() {
      return order.length;
    }

    /** The series of the point at this place, from 0. */
    public long seriesId(int place) {
      return series[order[place]].id();
    }

    /** Its number in the stream. */
    public long seq(int place) {
      return seqs[order[place]];
    }

    /** The log call that it is of: its time, step and elapsed seconds. */
    public MetricRow call(int place) {
      return calls[order[place]];
    }

    /** Its epoch, null when it has none. */
    public Double epoch(int place) {
      return epochOf(call(place));
    }

    /** Its value, NaN included. */
    public double value(int place) {
      return values[order[place]];
    }
  }

  private final List<Series> waitingSeries = new ArrayList<>();
  private Series[] series = new Series[1_024];
  private long[] seqs = new long[1_024];
  private MetricRow[] calls = new MetricRow[1_024];
  private double[] values = new double[1_024];
  private int waiting;

  /** The epoch of a log call. One that is not a number costs itself alone; its points stay. */
  public static Double epochOf(MetricRow call) {
    Double epoch = call.getEpoch();
    return epoch != null && Double.isFinite(epoch) ? epoch : null;
  }

  /** Whether it must be emptied before another point comes. */
  public boolean isFull() {
    return waiting == CAPACITY;
  }

  /** Adds a point; it must not be full. */
  public void add(Series of, long seq, MetricRow call, double value) {
    if (waiting == seqs.length) {
      int length = 2 * waiting;
      series = Arrays.copyOf(series, length);
      seqs = Arrays.copyOf(seqs, length);
      calls = Arrays.copyOf(calls, length);
      values = Arrays.copyOf(values, length);
    }
    if (of.waitingPoints == 0) {
      waitingSeries.add(of);
    }
    of.waitingPoints++;
    series[waiting] = of;
    seqs[waiting] = seq;
    calls[waiting] = call;
    values[waiting] = value;
    waiting++;
  }

  /** The points that wait; valid until the next one is added. */
  public BySeries bySeries() {
    waitingSeries.sort(Comparator.comparingLong(Series::id));
    int[] next = new int[waitingSeries.size()];
    int places = 0;
    for (int i = 0; i < next.length; i++) {
      Series one = waitingSeries.get(i);
      one.place = i;
      next[i] = places;
      places += one.waitingPoints;
    }
    int[] order = new int[waiting];
    for (int i = 0; i < waiting; i++) {
      order[next[series[i].place]++] = i;
    }
    return new BySeries(order);
  }

  /** Forgets the points that wait. */
  public void clear() {
    waitingSeries.forEach(one -> one.waitingPoints = 0);
    waitingSeries.clear();
    Arrays.fill(series, 0, waiting, null);
    Arrays.fill(calls, 0, waiting, null);
    waiting = 0;
  }
}
