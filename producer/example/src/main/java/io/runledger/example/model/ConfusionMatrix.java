package io.runledger.example.model;

/** How often each digit was taken for each: counts by (truth, answer). Not for threads. */
final class ConfusionMatrix {

  private final long[][] counts;

  ConfusionMatrix(int classes) {
    counts = new long[classes][classes];
  }

  void add(int truth, int answer) {
    counts[truth][answer]++;
  }

  /** The share of right answers; NaN when there was none at all. */
  double accuracy() {
    long right = 0;
    long all = 0;
    for (int truth = 0; truth < counts.length; truth++) {
      right += counts[truth][truth];
      all += rowSum(truth);
    }
    return (double) right / all;
  }

  /**
   * The mean over the classes of F1 = 2 TP / (2 TP + FP + FN), each class counting the same. A
   * class that neither occurred nor was answered has no F1 and is left out.
   */
  double macroF1() {
    double sum = 0;
    int classes = 0;
    for (int k = 0; k < counts.length; k++) {
      // 2 TP + FP + FN is the class's row (TP + FN) plus its column (TP + FP).
      long rowAndColumn = rowSum(k) + columnSum(k);
      if (rowAndColumn > 0) {
        sum += 2.0 * counts[k][k] / rowAndColumn;
        classes++;
      }
    }
    return sum / classes;
  }

  private long rowSum(int truth) {
    long sum = 0;
    for (long count : counts[truth]) {
      sum += count;
    }
    return sum;
  }

  private long columnSum(int answer) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[answer];
    }
    return sum;
  }
}
