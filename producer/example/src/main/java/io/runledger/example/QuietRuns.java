package io.runledger.example;

import io.runledger.client.Tracker;
import io.runledger.example.model.Evaluation;
import io.runledger.example.model.Hyperparameters;
import io.runledger.example.model.Training;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** The runs of the grid that end by themselves: one process, one tracker, one after the other. */
final class QuietRuns {

  private static final List<Long> SEEDS = List.of(1L, 2L, 3L);
  private static final List<Double> LEARNING_RATES = List.of(0.05, 0.2, 0.5);
  private static final double GOOD_ACCURACY = 0.93;
  private static final double GOOD_LOSS = 0.3;

  private final String experiment;
  private final Path directory;
  private final GridReport report;

  QuietRuns(String experiment, Path directory, GridReport report) {
    this.experiment = experiment;
    this.directory = directory;
    this.report = report;
  }

  void train(Tracker tracker) throws Exception {
    for (double learningRate : LEARNING_RATES) {
      for (long seed : SEEDS) {
        trainWell(tracker, learningRate, seed);
      }
    }
    diverge(tracker);
  }

  private void trainWell(Tracker tracker, double learningRate, long seed) throws Exception {
    Job job = job(learningRate, seed);
    Training.EpochReport last = job.run(tracker, line -> {}).last();
    Evaluation validation = last.validation();
    report.add(
        job.key(),
        "trained",
        validation.accuracy() >= GOOD_ACCURACY && validation.loss() < GOOD_LOSS,
        figures(last));
  }

  private void diverge(Tracker tracker) throws Exception {
    Job job = job(Hyperparameters.DIVERGING_LEARNING_RATE, 1);
    Training.EpochReport last = job.run(tracker, line -> {}).last();
    report.add(job.key(), "diverged", last.diverged(), figures(last));
  }

  private static String figures(Training.EpochReport last) {
    return String.format(
        Locale.ROOT,
        "epoch %d  val/loss %.4f  accuracy %.4f  f1 %.4f",
        last.epoch(),
        last.validation().loss(),
        last.validation().accuracy(),
        last.validation().macroF1());
  }

  private Job job(double learningRate, long seed) {
    Hyperparameters hyperparameters = Hyperparameters.usual(learningRate, seed);
    return new Job(
        experiment,
        hyperparameters,
        Job.directoryIn(directory, experiment, hyperparameters),
        Optional.empty(),
        false,
        OptionalInt.empty(),
        Duration.ZERO,
        1);
  }
}
