package io.runledger.query.groups;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Finite numbers in a few. What overflows is infinite.
 *
 * @param n how many there are
 * @param mean their arithmetic mean; empty when there is none
 * @param std the standard deviation of the sample, with n - 1; empty for fewer than two
 * @param median the middle one, or the mean of the two in the middle; empty when there is none
 * @param min the smallest; empty when there is none
 * @param max the largest; empty when there is none
 * @param low where the 95 % confidence interval of the mean begins; empty for fewer than two
 * @param high where it ends
 */
public record Statistics(
    long n,
    OptionalDouble mean,
    OptionalDouble std,
    OptionalDouble median,
    OptionalDouble min,
    OptionalDouble max,
    OptionalDouble low,
    OptionalDouble high) {

  private static final OptionalDouble NONE = OptionalDouble.empty();

  /** What a two-sided interval of 95 % leaves out on each side. */
  private static final double TAIL = 0.025;

  /**
   * Sums up; the order of the values does not matter.
   *
   * <p>The mean is a compensated sum, divided (A. Neumaier, "Rundungsfehleranalyse einiger
   * Verfahren zur Summation endlicher Summen", ZAMM 54, 1974). The variance is the corrected
   * two-pass algorithm, (sum d^2 - (sum d)^2 / n) / (n - 1) with d = x - mean (T. F. Chan, G. H.
   * Golub, R. J. LeVeque, "Algorithms for Computing the Sample Variance", The American Statistician
   * 37, 1983, equation 1.7). Both are of the values divided by a power of two near the largest,
   * which rounds nothing and keeps squares in range. The median is that of R. J. Hyndman and Y.
   * Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996, as numpy
   * has it. The interval is that of {@link #margin}.
   *
   * @param values finite numbers
   */
  public static Statistics of(double[] values) {
    int n = values.length;
    if (n == 0) {
      return new Statistics(0, NONE, NONE, NONE, NONE, NONE, NONE, NONE);
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int exponent = Math.getExponent(Math.max(Math.abs(sorted[0]), Math.abs(sorted[n - 1])));
    double[] scaled = Arrays.stream(sorted).map(value -> Math.scalb(value, -exponent)).toArray();
    double scaledMean = sum(scaled) / n;
    double mean = Math.scalb(scaledMean, exponent);
    OptionalDouble min = OptionalDouble.of(sorted[0]);
    OptionalDouble max = OptionalDouble.of(sorted[n - 1]);
    OptionalDouble median = OptionalDouble.of(middle(sorted[(n - 1) / 2], sorted[n / 2]));
    if (n == 1) {
      return new Statistics(1, OptionalDouble.of(mean), NONE, median, min, max, NONE, NONE);
    }
    double scaledStd = scaledDeviation(scaled, scaledMean);
    double margin = margin(n, scaledStd);
    return new Statistics(
        n,
        OptionalDouble.of(mean),
        OptionalDouble.of(Math.scalb(scaledStd, exponent)),
        median,
        min,
        max,
        OptionalDouble.of(Math.scalb(scaledMean - margin, exponent)),
        OptionalDouble.of(Math.scalb(scaledMean + margin, exponent)));
  }

  private static double sum(double[] values) {
    double sum = 0;
    double lost = 0;
    for (double value : values) {
      double next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    }
    return sum + lost;
  }

  private static double scaledDeviation(double[] values, double mean) {
    double squares = 0;
    double rest = 0;
    for (double value : values) {
      double difference = value - mean;
      squares += difference * difference;
      rest += difference;
    }
    double variance = (squares - rest * rest / values.length) / (values.length - 1);
    return Math.sqrt(Math.max(0, variance));
  }

  private static double middle(double lower, double higher) {
    double mean = (lower + higher) / 2;
    return Double.isFinite(mean) ? mean : lower / 2 + higher / 2;
  }

  /**
   * Half the width of the 95 % confidence interval of a mean by Student's t: t(0.975, n - 1) std /
   * sqrt(n) (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2, "Confidence Limits for the
   * Mean"). It holds where the values are a sample of a normal distribution.
   *
   * @param n how many values; at least 2
   * @param std their standard deviation, with n - 1
   */
  public static double margin(long n, double std) {
    return std == 0
        ? 0
        : TDistribution.of(n - 1.0).inverseSurvivalProbability(TAIL) * std / Math.sqrt((double) n);
  }
}
