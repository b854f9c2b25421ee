package io.runledger.example.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkTest {

  private static final int HIDDEN = 7;

  @Test
  void theGradientIsTheSlopeOfTheLoss() {
    List<Image> images = DigitFile.shipped().images().subList(0, 20);
    double[] parameters = Network.untrained(HIDDEN, new SeededRandom(5)).parameters();
    double[] gradient = new double[parameters.length];

    double loss = new Network(HIDDEN, parameters).gradient(images, gradient);

    assertThat(loss).isEqualTo(new Network(HIDDEN, parameters).loss(images));
    for (int i = 0; i < parameters.length; i++) {
      double slope =
          (lossWith(images, parameters, i, 1e-6) - lossWith(images, parameters, i, -1e-6)) / 2e-6;
      assertThat(gradient[i]).as("parameter %d", i).isCloseTo(slope, within(1e-7));
    }
  }

  private static double lossWith(List<Image> images, double[] parameters, int index, double by) {
    double[] moved = parameters.clone();
    moved[index] += by;
    return new Network(HIDDEN, moved).loss(images);
  }

  @Test
  void aNetworkThatKnowsNothingLosesTheLogarithmOfTheClasses() {
    Network blank = new Network(HIDDEN, new double[Network.parameterCount(HIDDEN)]);

    assertThat(blank.loss(DigitFile.shipped().images())).isCloseTo(Math.log(10), within(1e-12));
  }

  @Test
  void hugeButFiniteLogitsDoNotOverflowTheLoss() {
    double[] parameters = new double[Network.parameterCount(1)];
    parameters[parameters.length - 1] = 1e300;
    Network sureOfNine = new Network(1, parameters);
    Image nine = new Image(new double[64], 9);
    Image eight = new Image(new double[64], 8);

    assertThat(sureOfNine.classify(nine)).isEqualTo(9);
    assertThat(sureOfNine.loss(List.of(nine))).isZero();
    assertThat(sureOfNine.loss(List.of(eight))).isEqualTo(1e300);
  }

  @Test
  void aLabelBeyondTheClassesBreaksTheLoss() {
    Network network = Network.untrained(HIDDEN, new SeededRandom(1));

    assertThatThrownBy(() -> network.loss(List.of(new Image(new double[64], 10))))
        .isInstanceOf(ArrayIndexOutOfBoundsException.class)
        .hasMessage("Index 10 out of bounds for length 10");
  }
}
