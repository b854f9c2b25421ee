package io.runledger.fold;

/** A point that a summary names, or none. Belongs to one {@link Series}; not thread-safe. */
public final class Mark {

  private double value = Double.NaN;
  private long seq = -1;
  private Long step;
  private Double epoch;

  /** No point. */
  public static Mark none() {
    return new Mark();
  }

  /**
   * A point as it was stored.
   *
   * @param seq its number in the stream, not negative
   * @param step its step, null when the call named none
   * @param epoch its epoch, null when the call named none
   */
  public static Mark of(double value, long seq, Long step, Double epoch) {
    Mark mark = new Mark();
    mark.set(value, seq, step, epoch);
    return mark;
  }

  /** Whether there is a point. */
  public boolean isSet() {
    return seq >= 0;
  }

  /** The value of the point; NaN when there is none. */
  public double value() {
    return value;
  }

  /** Its number in the stream; -1 when there is none. */
  public long seq() {
    return seq;
  }

  /** Its step, null when it has none. */
  public Long step() {
    return step;
  }

  /** Its epoch, null when it has none. */
  public Double epoch() {
    return epoch;
  }

  void set(double newValue, long newSeq, Long newStep, Double newEpoch) {
    value = newValue;
    seq = newSeq;
    step = newStep;
    epoch = newEpoch;
  }

  void clear() {
    set(Double.NaN, -1, null, null);
  }
}
