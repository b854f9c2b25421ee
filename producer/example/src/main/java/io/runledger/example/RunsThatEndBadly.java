package io.runledger.example;

import io.runledger.example.model.DigitFile;
import io.runledger.example.model.Hyperparameters;
import io.runledger.example.model.ModelFile;
import io.runledger.example.model.Network;
import io.runledger.example.model.Training;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** The runs of the grid that take their process with them, each in its own process. */
final class RunsThatEndBadly {

  private static final double LEARNING_RATE = 0.2;
  private static final long SEED_OF_THE_FAILING = 4;
  private static final long SEED_OF_THE_KILLED = 5;

  private static final int FAILING_EPOCH = 6;
  private static final String FAILURE =
      "ArrayIndexOutOfBoundsException: Index 10 out of bounds for length 10";

  private static final int LAST_EPOCH_OF_THE_KILLED = 7;

  /** Slow enough for the kill to fall inside the epoch after that one, however busy the machine. */
  private static final int SLOW_MILLIS = 120_000;

  private final String experiment;
  private final Path directory;
  private final GridReport report;

  RunsThatEndBadly(String experiment, Path directory, GridReport report) {
    this.experiment = experiment;
    this.directory = directory;
    this.report = report;
  }

  void train() throws IOException, InterruptedException {
    failWithAnException();
    killAndResume();
  }

  private void failWithAnException() throws IOException, InterruptedException {
    Hyperparameters hyperparameters = Hyperparameters.usual(LEARNING_RATE, SEED_OF_THE_FAILING);
    Path errors = freshErrorFile(hyperparameters);

    ChildTraining.End end =
        child(hyperparameters, errors, "--fail-at-epoch", Integer.toString(FAILING_EPOCH)).run();

    boolean asDesigned =
        end.exitCode() == CommandLine.ExitCode.SOFTWARE && end.errors().contains(FAILURE);
    report.add(
        key(hyperparameters),
        "failed",
        asDesigned,
        "in epoch %d, exit code %d: %s"
            .formatted(FAILING_EPOCH, end.exitCode(), asDesigned ? FAILURE : "see " + errors));
  }

  private void killAndResume() throws IOException, InterruptedException {
    Hyperparameters hyperparameters = Hyperparameters.usual(LEARNING_RATE, SEED_OF_THE_KILLED);
    Path errors = freshErrorFile(hyperparameters);

    ChildTraining.End killed =
        child(
                hyperparameters,
                errors,
                "--slow=" + SLOW_MILLIS,
                "--slow-from=" + (LAST_EPOCH_OF_THE_KILLED + 1))
            .runUntil(line -> line.startsWith("epoch " + LAST_EPOCH_OF_THE_KILLED + "/"));
    ChildTraining.End resumed = child(hyperparameters, errors, "--resume").run();

    boolean asDesigned =
        killed.exitCode() == ChildTraining.EXIT_KILLED
            && resumed.exitCode() == CommandLine.ExitCode.OK
            && resumed.lines().stream()
                .anyMatch(
                    line -> line.startsWith("resuming after epoch " + LAST_EPOCH_OF_THE_KILLED))
            && endedLikeAnUninterruptedOne(hyperparameters);
    report.add(
        key(hyperparameters),
        "killed and resumed",
        asDesigned,
        asDesigned
            ? "after epoch %d; same weights as without the kill".formatted(LAST_EPOCH_OF_THE_KILLED)
            : "exit codes %d, then %d, see %s"
                .formatted(killed.exitCode(), resumed.exitCode(), errors));
  }

  private boolean endedLikeAnUninterruptedOne(Hyperparameters hyperparameters) throws IOException {
    Training uninterrupted = Training.begin(hyperparameters, DigitFile.shipped());
    while (uninterrupted.hasMore()) {
      uninterrupted.epoch(Training.Listener.NONE);
    }
    Network resumed = ModelFile.read(jobDirectory(hyperparameters).resolve(Job.MODEL_FILE));
    return Arrays.equals(resumed.parameters(), uninterrupted.network().parameters());
  }

  private ChildTraining child(Hyperparameters hyperparameters, Path errors, String... further) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--experiment=" + experiment,
                "--learning-rate=" + hyperparameters.learningRate(),
                "--seed=" + hyperparameters.seed(),
                "--epochs=" + hyperparameters.epochs(),
                "--batch-size=" + hyperparameters.batchSize(),
                "--hidden=" + hyperparameters.hidden(),
                "--out=" + jobDirectory(hyperparameters)));
    arguments.addAll(List.of(further));
    return new ChildTraining(arguments, errors);
  }

  private Path freshErrorFile(Hyperparameters hyperparameters) throws IOException {
    Path file = jobDirectory(hyperparameters).resolve("stderr.txt");
    Files.deleteIfExists(file);
    return file;
  }

  private Path jobDirectory(Hyperparameters hyperparameters) {
    return Job.directoryIn(directory, experiment, hyperparameters);
  }

  private RunKey key(Hyperparameters hyperparameters) {
    return Job.key(experiment, hyperparameters);
  }
}
