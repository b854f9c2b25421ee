package io.runledger.example.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Minibatch gradient descent on one network, an epoch at a time. It knows nothing of tracking: what
 * happens is reported to a {@link Listener}. Not for threads.
 *
 * <p>Equal hyperparameters and data give equal weights to the last bit, whether the training ran
 * through or continued from a checkpoint on the way.
 */
public final class Training {

  private final Hyperparameters hyperparameters;
  private final DigitFile data;
  private final Split split;
  private final Network network;
  private final SeededRandom random;
  private final double[] gradient;
  private final double elapsedBefore;
  private final long startedNanos = System.nanoTime();
  private int epochsDone;
  private long stepsDone;

  /** Hears what happens while it happens. */
  public interface Listener {

    /** Hears nothing. */
    Listener NONE =
        new Listener() {
          @Override
          public void batch(long step, int epoch, double loss) {}

          @Override
          public void epoch(EpochReport report) {}
        };

    /**
     * A minibatch was learned.
     *
     * @param step counts from 0 over the whole run
     * @param epoch counts from 1
     * @param loss of the batch before the weights moved, in nats
     */
    void batch(long step, int epoch, double loss);

    /** All training images were seen once more. */
    void epoch(EpochReport report);
  }

  /**
   * The state at the end of an epoch.
   *
   * @param step the epoch's last one
   * @param epoch counts from 1
   * @param elapsedSeconds time spent training, over all attempts
   * @param training on the images learned from
   * @param validation on the images held back
   */
  public record EpochReport(
      long step, int epoch, double elapsedSeconds, Evaluation training, Evaluation validation) {

    /** Whether the weights have left the numbers: no later epoch can bring them back. */
    public boolean diverged() {
      return Double.isNaN(training.loss());
    }
  }

  private Training(
      Hyperparameters hyperparameters,
      DigitFile data,
      Network network,
      SeededRandom random,
      double elapsedBefore) {
    this.hyperparameters = hyperparameters;
    this.data = data;
    this.split = Split.of(data.images(), hyperparameters.seed());
    this.network = network;
    this.random = random;
    this.gradient = new double[Network.parameterCount(hyperparameters.hidden())];
    this.elapsedBefore = elapsedBefore;
  }

  /** A training at its very start. */
  public static Training begin(Hyperparameters hyperparameters, DigitFile data) {
    SeededRandom random = new SeededRandom(hyperparameters.seed());
    Network network = Network.untrained(hyperparameters.hidden(), random);
    return new Training(hyperparameters, data, network, random, 0);
  }

  /**
   * A training that continues where the checkpoint was made.
   *
   * @throws IllegalArgumentException when the checkpoint is of another training or other data
   */
  public static Training resume(
      Hyperparameters hyperparameters, DigitFile data, Checkpoint checkpoint) {
    if (!hyperparameters.continues(checkpoint.hyperparameters())
        || !data.sha256().equals(checkpoint.dataSha256())) {
      throw new IllegalArgumentException(
          "The checkpoint is from a different training: it has %s on data %s, but this one has %s on data %s."
                  .formatted(
                      checkpoint.hyperparameters(),
                      checkpoint.dataSha256(),
                      hyperparameters,
                      data.sha256())
              + " Use the same options, or omit --resume to start over.");
    }
    Training training =
        new Training(
            hyperparameters,
            data,
            new Network(hyperparameters.hidden(), checkpoint.network().parameters()),
            new SeededRandom(checkpoint.randomState()),
            checkpoint.elapsedSeconds());
    training.epochsDone = checkpoint.epochsDone();
    training.stepsDone = checkpoint.stepsDone();
    return training;
  }

  public boolean hasMore() {
    return epochsDone < hyperparameters.epochs();
  }

  /** The number of the epoch that comes next; they count from 1. */
  public int nextEpoch() {
    return epochsDone + 1;
  }

  /** The number of the step that comes next; they count from 0. */
  long nextStep() {
    return stepsDone;
  }

  public Split split() {
    return split;
  }

  public Network network() {
    return network;
  }

  /** One pass over the images that the split holds for training. */
  public EpochReport epoch(Listener listener) {
    return epoch(split.training(), listener);
  }

  /** One pass over other images. */
  public EpochReport epoch(List<Image> images, Listener listener) {
    int[] order = random.permutation(images.size());
    for (int from = 0; from < order.length; from += hyperparameters.batchSize()) {
      int to = Math.min(order.length, from + hyperparameters.batchSize());
      List<Image> batch = new ArrayList<>(to - from);
      for (int i = from; i < to; i++) {
        batch.add(images.get(order[i]));
      }
      double loss = network.gradient(batch, gradient);
      network.descend(gradient, hyperparameters.learningRate());
      listener.batch(stepsDone, nextEpoch(), loss);
      stepsDone++;
    }
    epochsDone++;
    EpochReport report =
        new EpochReport(
            stepsDone - 1,
            epochsDone,
            elapsedSeconds(),
            Evaluation.of(network, images),
            Evaluation.of(network, split.validation()));
    listener.epoch(report);
    return report;
  }

  public Checkpoint checkpoint() {
    return new Checkpoint(
        hyperparameters,
        data.sha256(),
        epochsDone,
        stepsDone,
        elapsedSeconds(),
        random.state(),
        new Network(hyperparameters.hidden(), network.parameters()));
  }

  private double elapsedSeconds() {
    return elapsedBefore + (System.nanoTime() - startedNanos) / 1e9;
  }
}
