package io.runledger.example.model;

import java.util.Arrays;
import java.util.List;

/**
 * A perceptron with one hidden layer: 64 pixels, leaky rectifiers, softmax over ten digits, and the
 * cross-entropy as its loss. Not for threads.
 *
 * <p>The parameters are one array: hidden weights (a row of 64 a unit), hidden biases, output
 * weights (a row of one a hidden unit a digit), output biases. {@code StrictMath}, because its
 * results are the same to the last bit on every machine.
 */
public final class Network {

  /** Digits that the network tells apart. */
  static final int CLASSES = 10;

  /** A unit whose rectifier is off keeps learning a little; without that, large steps kill it. */
  private static final double LEAK = 0.01;

  private final int hidden;
  private final double[] parameters;
  private final int hiddenBias;
  private final int outputWeights;
  private final int outputBias;

  // The work space of one image.
  private final double[] activations;
  private final double[] logits = new double[CLASSES];

  /** Takes a copy of the parameters. */
  Network(int hidden, double[] parameters) {
    if (parameters.length != parameterCount(hidden)) {
      throw new IllegalArgumentException(
          "A network of %d hidden units has %d parameters, not %d."
              .formatted(hidden, parameterCount(hidden), parameters.length));
    }
    this.hidden = hidden;
    this.parameters = parameters.clone();
    hiddenBias = hidden * Image.PIXELS;
    outputWeights = hiddenBias + hidden;
    outputBias = outputWeights + CLASSES * hidden;
    activations = new double[hidden];
  }

  /** A network that has learned nothing: uniform weights (He 2015 for the variance), no bias. */
  static Network untrained(int hidden, SeededRandom random) {
    double[] parameters = new double[parameterCount(hidden)];
    int hiddenWeights = hidden * Image.PIXELS;
    fill(parameters, 0, hiddenWeights, Math.sqrt(6.0 / Image.PIXELS), random);
    int outputs = hiddenWeights + hidden;
    fill(parameters, outputs, outputs + CLASSES * hidden, Math.sqrt(6.0 / hidden), random);
    return new Network(hidden, parameters);
  }

  private static void fill(double[] values, int from, int to, double bound, SeededRandom random) {
    for (int i = from; i < to; i++) {
      values[i] = random.nextSigned(bound);
    }
  }

  static int parameterCount(int hidden) {
    return hidden * Image.PIXELS + hidden + CLASSES * hidden + CLASSES;
  }

  public int hidden() {
    return hidden;
  }

  /** A copy of the parameters. */
  public double[] parameters() {
    return parameters.clone();
  }

  /** The digit that the network sees in the image. */
  int classify(Image image) {
    forward(image);
    int best = 0;
    for (int k = 1; k < CLASSES; k++) {
      if (logits[k] > logits[best]) {
        best = k;
      }
    }
    return best;
  }

  /** Mean cross-entropy over the images, in nats. */
  double loss(List<Image> images) {
    double sum = 0;
    for (Image image : images) {
      forward(image);
      sum += logOfSum() - logits[image.label()];
    }
    return sum / images.size();
  }

  /**
   * Writes the gradient of the mean loss over the images, and returns that loss.
   *
   * @param gradient as long as the parameters; what it held is overwritten
   */
  double gradient(List<Image> images, double[] gradient) {
    Arrays.fill(gradient, 0);
    double sum = 0;
    for (Image image : images) {
      forward(image);
      double logOfSum = logOfSum();
      sum += logOfSum - logits[image.label()];
      backward(image, logOfSum, 1.0 / images.size(), gradient);
    }
    return sum / images.size();
  }

  /** One step against the gradient. */
  void descend(double[] gradient, double learningRate) {
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] -= learningRate * gradient[i];
    }
  }

  private void forward(Image image) {
    double[] pixels = image.pixels();
    for (int j = 0; j < hidden; j++) {
      double sum = parameters[hiddenBias + j];
      int row = j * Image.PIXELS;
      for (int i = 0; i < Image.PIXELS; i++) {
        sum += parameters[row + i] * pixels[i];
      }
      activations[j] = sum > 0 ? sum : LEAK * sum;
    }
    for (int k = 0; k < CLASSES; k++) {
      double sum = parameters[outputBias + k];
      int row = outputWeights + k * hidden;
      for (int j = 0; j < hidden; j++) {
        sum += parameters[row + j] * activations[j];
      }
      logits[k] = sum;
    }
  }

  /** log(sum(exp(logits))), without overflow as long as the logits are finite. */
  private double logOfSum() {
    double max = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (double logit : logits) {
      sum += StrictMath.exp(logit - max);
    }
    return max + StrictMath.log(sum);
  }

  private void backward(Image image, double logOfSum, double weight, double[] gradient) {
    double[] pixels = image.pixels();
    double[] errors = new double[CLASSES];
    for (int k = 0; k < CLASSES; k++) {
      double wanted = k == image.label() ? 1 : 0;
      errors[k] = weight * (StrictMath.exp(logits[k] - logOfSum) - wanted);
      gradient[outputBias + k] += errors[k];
    }
    for (int j = 0; j < hidden; j++) {
      double back = 0;
      for (int k = 0; k < CLASSES; k++) {
        int at = outputWeights + k * hidden + j;
        gradient[at] += errors[k] * activations[j];
        back += errors[k] * parameters[at];
      }
      // The leaky rectifier keeps the sign, so the activation tells which slope was taken.
      back *= activations[j] > 0 ? 1 : LEAK;
      gradient[hiddenBias + j] += back;
      int row = j * Image.PIXELS;
      for (int i = 0; i < Image.PIXELS; i++) {
        gradient[row + i] += back * pixels[i];
      }
    }
  }
}
