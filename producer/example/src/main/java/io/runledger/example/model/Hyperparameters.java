package io.runledger.example.model;

/**
 * The hyperparameters of a training.
 *
 * @param learningRate step width of the descent, above 0
 * @param seed decides the split, the first weights and the order of the images
 * @param epochs passes over the training images, at least 1
 * @param batchSize images a step, at least 1
 * @param hidden units of the hidden layer, at least 1
 */
public record Hyperparameters(
    double learningRate, long seed, int epochs, int batchSize, int hidden) {

  /** A learning rate so large that the weights outgrow a double within some epochs. */
  public static final double DIVERGING_LEARNING_RATE = 30;

  public Hyperparameters {
    // Written so that NaN is refused too.
    if (!(learningRate > 0)) {
      throw new IllegalArgumentException("--learning-rate must be above 0, not " + learningRate);
    }
    requireAtLeastOne("--epochs", epochs);
    requireAtLeastOne("--batch-size", batchSize);
    requireAtLeastOne("--hidden", hidden);
  }

  /** Twenty epochs in batches of 32 with 32 hidden units: what the options' defaults are too. */
  public static Hyperparameters usual(double learningRate, long seed) {
    return new Hyperparameters(learningRate, seed, 20, 32, 32);
  }

  private static void requireAtLeastOne(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " must be at least 1, not " + value);
    }
  }

  /** Whether a training with these may continue from a checkpoint of one with those. */
  boolean continues(Hyperparameters other) {
    return Double.compare(learningRate, other.learningRate) == 0
        && seed == other.seed
        && batchSize == other.batchSize
        && hidden == other.hidden;
  }
}
