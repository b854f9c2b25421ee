package io.runledger.example;

import io.runledger.client.RunHandle;
import io.runledger.client.RunOptions;
import io.runledger.client.Tracker;
import io.runledger.example.model.Checkpoint;
import io.runledger.example.model.DamagedData;
import io.runledger.example.model.DigitFile;
import io.runledger.example.model.Evaluation;
import io.runledger.example.model.Hyperparameters;
import io.runledger.example.model.Image;
import io.runledger.example.model.ModelFile;
import io.runledger.example.model.Network;
import io.runledger.example.model.Split;
import io.runledger.example.model.Training;
import io.runledger.schemas.RunKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * One tracked training: what it learns, what it reports to the tracker, which files it leaves.
 *
 * @param experiment first part of the run key
 * @param hyperparameters those of the training
 * @param directory where the checkpoint and the model go; made when missing
 * @param dataFile the data to use in place of the data set that ships
 * @param resume whether to continue from a checkpoint in the directory, if there is one
 * @param failAtEpoch the epoch for which the training images are read from a damaged file
 * @param slowDown how much longer an epoch takes than it needs
 * @param slowFromEpoch the first epoch that does
 */
record Job(
    String experiment,
    Hyperparameters hyperparameters,
    Path directory,
    Optional<Path> dataFile,
    boolean resume,
    OptionalInt failAtEpoch,
    Duration slowDown,
    int slowFromEpoch) {

  /** The trained network, in the job's directory; {@link ModelFile} says its format. */
  static final String MODEL_FILE = "model.csv";

  private static final String CHECKPOINT_FILE = "checkpoint.bin";
  private static final String DAMAGED_FILE = "damaged.csv";

  /**
   * How a job ended that was not stopped by an exception.
   *
   * @param last state of things at the end of the last epoch
   * @param network with its last weights
   */
  record Outcome(Training.EpochReport last, Network network) {}

  /** The job's directory when its files are to be below the given one. */
  static Path directoryIn(Path parent, String experiment, Hyperparameters hyperparameters) {
    return parent
        .resolve(experiment)
        .resolve("%s-seed%d".formatted(method(hyperparameters), hyperparameters.seed()));
  }

  private static String method(Hyperparameters hyperparameters) {
    return "mlp-lr" + hyperparameters.learningRate();
  }

  /** Names the run; the same job started again is a new attempt of the same run. */
  RunKey key() {
    return key(experiment, hyperparameters);
  }

  /** The key of the run of such a job. */
  static RunKey key(String experiment, Hyperparameters hyperparameters) {
    return RunKey.experiment(experiment)
        .dataset("digits")
        .method(method(hyperparameters))
        .seed(hyperparameters.seed());
  }

  private Path checkpointFile() {
    return directory.resolve(CHECKPOINT_FILE);
  }

  private Path modelFile() {
    return directory.resolve(MODEL_FILE);
  }

  /**
   * Trains to the end, or until the weights have left the numbers.
   *
   * @param lines hears one line an epoch
   * @throws Exception what the training threw; the tracker has recorded it as the run's failure
   */
  Outcome run(Tracker tracker, Consumer<String> lines) throws Exception {
    Files.createDirectories(directory);
    DigitFile data = dataFile.isPresent() ? DigitFile.read(dataFile.get()) : DigitFile.shipped();
    Optional<Checkpoint> checkpoint = checkpoint();
    Training training =
        checkpoint.isPresent()
            ? Training.resume(hyperparameters, data, checkpoint.get())
            : Training.begin(hyperparameters, data);
    if (!training.hasMore()) {
      throw new IllegalArgumentException(
          "The checkpoint in %s already covers all %d epochs; raise --epochs, or omit --resume."
              .formatted(directory, hyperparameters.epochs()));
    }
    checkpoint.ifPresent(
        from ->
            lines.accept(
                "resuming after epoch %d, at step %d"
                    .formatted(from.epochsDone(), from.stepsDone())));
    return tracker.withRun(options(data, training, checkpoint), run -> train(training, run, lines));
  }

  /**
   * The checkpoint to continue from; without one, what an earlier training left here is deleted.
   */
  private Optional<Checkpoint> checkpoint() throws IOException {
    Optional<Checkpoint> found = resume ? Checkpoint.read(checkpointFile()) : Optional.empty();
    if (found.isEmpty()) {
      Files.deleteIfExists(checkpointFile());
      Files.deleteIfExists(modelFile());
    }
    return found;
  }

  private RunOptions options(DigitFile data, Training training, Optional<Checkpoint> checkpoint) {
    RunOptions.Builder options =
        RunOptions.builder(key()).config(config(data, training.split())).tags(List.of("example"));
    checkpoint.ifPresent(from -> options.resumedFromStep(from.stepsDone()));
    return options.build();
  }

  private Map<String, Object> config(DigitFile data, Split split) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(
        "model",
        Map.of("type", "mlp", "hidden", hyperparameters.hidden(), "activation", "leaky_relu"));
    config.put(
        "optimizer",
        Map.of(
            "type", "sgd",
            "learning_rate", hyperparameters.learningRate(),
            "batch_size", hyperparameters.batchSize()));
    config.put(
        "data",
        Map.of(
            "name", data.name(),
            "sha256", data.sha256(),
            "training_images", split.training().size(),
            "validation_images", split.validation().size()));
    config.put("epochs", hyperparameters.epochs());
    config.put("seed", hyperparameters.seed());
    return config;
  }

  private Outcome train(Training training, RunHandle run, Consumer<String> lines)
      throws IOException {
    Training.Listener listener =
        new TrackedTraining(run, slowDown.dividedBy(steps(training)), slowFromEpoch);
    Training.EpochReport report;
    do {
      report = training.epoch(imagesOf(training), listener);
      if (!report.diverged()) {
        // After the metrics: what is logged before a kill is then never missing after a resume.
        training.checkpoint().write(checkpointFile());
      }
      lines.accept(line(report));
    } while (training.hasMore() && !report.diverged());
    conclude(run, training.network(), report);
    return new Outcome(report, training.network());
  }

  private List<Image> imagesOf(Training training) throws IOException {
    List<Image> images = training.split().training();
    if (failAtEpoch.isEmpty() || failAtEpoch.getAsInt() != training.nextEpoch()) {
      return images;
    }
    Path damaged = directory.resolve(DAMAGED_FILE);
    DamagedData.write(damaged, images);
    return DigitFile.read(damaged).images();
  }

  private int steps(Training training) {
    int batch = hyperparameters.batchSize();
    return (training.split().training().size() + batch - 1) / batch;
  }

  private String line(Training.EpochReport report) {
    return "epoch %d/%d  loss %.4f  val/loss %.4f  accuracy %.4f  f1 %.4f"
        .formatted(
            report.epoch(),
            hyperparameters.epochs(),
            report.training().loss(),
            report.validation().loss(),
            report.validation().accuracy(),
            report.validation().macroF1());
  }

  private void conclude(RunHandle run, Network network, Training.EpochReport last)
      throws IOException {
    Evaluation validation = last.validation();
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("epochs", last.epoch());
    results.put("diverged", last.diverged());
    results.put("loss", last.training().loss());
    results.put("val/loss", validation.loss());
    results.put("accuracy", validation.accuracy());
    results.put("f1", validation.macroF1());
    results.put("elapsed_seconds", last.elapsedSeconds());
    run.results(results);
    if (last.diverged()) {
      // Weights that are not numbers are no model; the run is tagged, and leaves no file.
      run.addTags("diverged");
      return;
    }
    ModelFile.write(modelFile(), network);
    run.logArtifact(
        "model", modelFile(), Map.of("format", "digits-model-csv-1", "hidden", network.hidden()));
    run.logArtifact("checkpoint", checkpointFile(), Map.of("epoch", last.epoch()));
  }
}
