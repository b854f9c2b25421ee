package io.runledger.fold.store;

/** Takes the stored points of a series. */
public interface PointReader {

  /**
   * Takes one.
   *
   * @param step null when its log call named none
   * @param epoch null when its log call named none
   * @param value NaN included
   */
  void point(long seq, Long step, Double epoch, double value);
}
