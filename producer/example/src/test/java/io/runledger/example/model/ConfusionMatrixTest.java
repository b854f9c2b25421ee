package io.runledger.example.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

  @Test
  void f1IsTheMeanOverTheClasses() {
    // truth 0: 5 right, 1 taken for 1; truth 1: 2 right, 1 taken for 0, 1 for 2; truth 2: 3 right
    ConfusionMatrix matrix = matrix(new int[][] {{5, 1, 0}, {1, 2, 1}, {0, 0, 3}});

    assertThat(matrix.accuracy()).isCloseTo(10.0 / 13, within(1e-15));
    double f1OfZero = 2 * 5 / (2.0 * 5 + 1 + 1);
    double f1OfOne = 2 * 2 / (2.0 * 2 + 1 + 2);
    double f1OfTwo = 2 * 3 / (2.0 * 3 + 1 + 0);
    assertThat(matrix.macroF1())
        .isCloseTo((f1OfZero + f1OfOne + f1OfTwo) / 3, within(1e-15))
        .isCloseTo(0.753968253968254, within(1e-15));
  }

  @Test
  void aClassThatIsNeverRightCountsAsZero() {
    ConfusionMatrix matrix = matrix(new int[][] {{4, 0}, {4, 0}});

    assertThat(matrix.macroF1()).isCloseTo((2 * 4 / (2.0 * 4 + 4) + 0) / 2, within(1e-15));
  }

  @Test
  void aClassThatNeitherOccursNorIsAnsweredIsLeftOut() {
    ConfusionMatrix matrix = matrix(new int[][] {{2, 0, 0}, {0, 2, 0}, {0, 0, 0}});

    assertThat(matrix.macroF1()).isEqualTo(1);
  }

  private static ConfusionMatrix matrix(int[][] counts) {
    ConfusionMatrix matrix = new ConfusionMatrix(counts.length);
    for (int truth = 0; truth < counts.length; truth++) {
      for (int answer = 0; answer < counts.length; answer++) {
        for (int i = 0; i < counts[truth][answer]; i++) {
          matrix.add(truth, answer);
        }
      }
    }
    return matrix;
  }
}
