package io.runledger.example;

import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import io.runledger.example.model.Hyperparameters;
import io.runledger.schemas.RunId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Trains a small network on handwritten digits and tracks it; {@code --help} lists the options.
 * Exits 0 when the training ended by itself (diverged or not), 1 when it threw, 2 on wrong options.
 */
@Command(
    name = "train-digits",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    description = "Train a small network on handwritten digits and track it with Runledger.")
public final class TrainDigits implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      defaultValue = "0.2",
      description = "Step size of the gradient descent; at 30 the training diverges to NaN.")
  private double learningRate;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the split, the first weights and the order of the images.")
  private long seed;

  @Option(names = "--epochs", defaultValue = "20", description = "Passes over the training images.")
  private int epochs;

  @Option(names = "--batch-size", defaultValue = "32", description = "Images per step.")
  private int batchSize;

  @Option(names = "--hidden", defaultValue = "32", description = "Units of the hidden layer.")
  private int hidden;

  @Option(
      names = "--experiment",
      defaultValue = "digits",
      description = "First part of the run key.")
  private String experiment;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Where model.csv and checkpoint.bin go. Default: example/EXPERIMENT/METHOD-seedSEED in the"
              + " data directory of the configuration.")
  private Optional<Path> out;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Learn from this file (64 grey values from 0 to 16 and a label per line, CSV, may be gzip)"
              + " instead of the bundled data set.")
  private Optional<Path> data;

  @Option(
      names = "--resume",
      description = "Continue from the checkpoint in the output directory, if there is one.")
  private boolean resume;

  @Option(
      names = "--fail-at-epoch",
      paramLabel = "N",
      description =
          "For epoch N, read the training images from a damaged file, in which one label is 10: the"
              + " training fails on it.")
  private Optional<Integer> failAtEpoch;

  @Option(
      names = "--slow",
      paramLabel = "MS",
      defaultValue = "0",
      description = "Make each epoch MS milliseconds longer, as a larger model would.")
  private long slowMillis;

  @Option(
      names = "--slow-from",
      paramLabel = "N",
      defaultValue = "1",
      description = "Apply --slow from epoch N on.")
  private int slowFromEpoch;

  /** Trains; see {@code --help}. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new TrainDigits()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter lines = spec.commandLine().getOut();
    Configuration configuration = TrackerSettings.ofEnvironment();
    Job job = job(configuration);
    lines.printf("run %s %s%n", RunId.of(job.key()), job.key().displayName());
    lines.flush();
    try (Tracker tracker = Tracker.open(configuration)) {
      job.run(
          tracker,
          line -> {
            lines.println(line);
            lines.flush();
          });
    }
    return CommandLine.ExitCode.OK;
  }

  private Job job(Configuration configuration) {
    try {
      Hyperparameters hyperparameters =
          new Hyperparameters(learningRate, seed, epochs, batchSize, hidden);
      Path directory =
          out.orElseGet(
              () ->
                  Job.directoryIn(
                      TrackerSettings.files(configuration), experiment, hyperparameters));
      return new Job(
          experiment,
          hyperparameters,
          directory,
          data,
          resume,
          failAtEpoch.map(OptionalInt::of).orElseGet(OptionalInt::empty),
          Duration.ofMillis(slowMillis),
          slowFromEpoch);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
