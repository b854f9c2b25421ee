package io.runledger.example.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {

  private static final DigitFile DATA = DigitFile.shipped();

  /** Steps of an epoch: 1,438 training images in batches of 32. */
  private static final int STEPS = 45;

  /** Keeps what it was told. */
  private static final class Heard implements Training.Listener {
    final List<Long> steps = new ArrayList<>();
    final List<Double> batchLosses = new ArrayList<>();
    final List<Training.EpochReport> epochs = new ArrayList<>();

    @Override
    public void batch(long step, int epoch, double loss) {
      steps.add(step);
      batchLosses.add(loss);
    }

    @Override
    public void epoch(Training.EpochReport report) {
      epochs.add(report);
    }

    Training.EpochReport last() {
      return epochs.get(epochs.size() - 1);
    }
  }

  @Test
  void aGoodLearningRateReadsNearlyAllDigits() {
    Heard record = trained(new Hyperparameters(0.2, 1, 20, 32, 32));

    assertThat(record.last().validation().accuracy()).isGreaterThanOrEqualTo(0.93);
    assertThat(record.last().validation().macroF1()).isGreaterThanOrEqualTo(0.93);
    assertThat(record.last().validation().loss()).isLessThan(0.3);
    assertThat(record.epochs.get(0).training().loss())
        .isGreaterThan(4 * record.last().training().loss());
  }

  @Test
  void theGridsLargeLearningRateReallyDiverges() {
    Heard record =
        trained(new Hyperparameters(Hyperparameters.DIVERGING_LEARNING_RATE, 1, 20, 32, 32));

    assertThat(record.epochs.get(0).training().loss()).isFinite().isGreaterThan(1e10);
    assertThat(record.last().diverged()).isTrue();
    assertThat(record.last().validation().loss()).isNaN();
    assertThat(record.batchLosses.get(record.batchLosses.size() - 1)).isNaN();
  }

  @Test
  void stepsCountFromZeroAndEpochsFromOne() {
    Heard record = trained(new Hyperparameters(0.2, 1, 2, 32, 8));

    assertThat(record.steps).hasSize(2 * STEPS).startsWith(0L, 1L).endsWith(2L * STEPS - 1);
    assertThat(record.epochs).extracting(Training.EpochReport::epoch).containsExactly(1, 2);
    assertThat(record.epochs)
        .extracting(Training.EpochReport::step)
        .containsExactly(STEPS - 1L, 2L * STEPS - 1);
  }

  @Test
  void aResumedTrainingEndsWithTheWeightsOfAnUninterruptedOne(@TempDir Path directory)
      throws Exception {
    Hyperparameters options = new Hyperparameters(0.2, 3, 5, 32, 16);
    Path file = directory.resolve("checkpoint.bin");
    Training whole = Training.begin(options, DATA);
    Heard wholeRecord = new Heard();
    run(whole, wholeRecord);

    Training first = Training.begin(options, DATA);
    first.epoch(new Heard());
    first.epoch(new Heard());
    first.checkpoint().write(file);
    // What the killed process still did after its last checkpoint leaves no trace.
    first.epoch(new Heard());
    Training second = Training.resume(options, DATA, Checkpoint.read(file).orElseThrow());
    assertThat(second.nextStep()).isEqualTo(2L * STEPS);
    assertThat(second.nextEpoch()).isEqualTo(3);
    Heard secondRecord = new Heard();
    run(second, secondRecord);

    assertThat(second.network().parameters()).containsExactly(whole.network().parameters());
    assertThat(secondRecord.batchLosses)
        .isEqualTo(wholeRecord.batchLosses.subList(2 * STEPS, 5 * STEPS));
    assertThat(second.checkpoint().randomState()).isEqualTo(whole.checkpoint().randomState());
    assertThat(secondRecord.epochs.get(0).elapsedSeconds())
        .isGreaterThan(Checkpoint.read(file).orElseThrow().elapsedSeconds());
  }

  @Test
  void aCheckpointOfAnotherTrainingIsRefused() {
    Checkpoint checkpoint =
        Training.begin(new Hyperparameters(0.2, 3, 5, 32, 16), DATA).checkpoint();

    assertThatThrownBy(
            () -> Training.resume(new Hyperparameters(0.1, 3, 5, 32, 16), DATA, checkpoint))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("learningRate=0.2")
        .hasMessageContaining("learningRate=0.1");
  }

  @Test
  void aTrainingMayBeResumedForMoreEpochs() {
    Checkpoint checkpoint =
        Training.begin(new Hyperparameters(0.2, 3, 5, 32, 16), DATA).checkpoint();

    Training longer = Training.resume(new Hyperparameters(0.2, 3, 9, 32, 16), DATA, checkpoint);

    assertThat(longer.hasMore()).isTrue();
  }

  @Test
  void aTornOrFlippedCheckpointIsNotTakenForOne(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("checkpoint.bin");
    Training.begin(new Hyperparameters(0.2, 3, 5, 32, 16), DATA).checkpoint().write(file);
    byte[] whole = Files.readAllBytes(file);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;

    Files.write(file, flipped);
    assertThatThrownBy(() -> Checkpoint.read(file))
        .hasMessageContaining("not a complete checkpoint");
    Files.write(file, Arrays.copyOf(whole, whole.length - 9));
    assertThatThrownBy(() -> Checkpoint.read(file))
        .hasMessageContaining("not a complete checkpoint");
    Files.delete(file);
    assertThat(Checkpoint.read(file)).isEmpty();
  }

  @Test
  void theModelFileReadsBackToTheLastBit(@TempDir Path directory) throws Exception {
    Training training = Training.begin(new Hyperparameters(0.2, 3, 1, 32, 5), DATA);
    training.epoch(new Heard());
    Path file = directory.resolve("model.csv");

    ModelFile.write(file, training.network());

    assertThat(Files.readAllLines(file)).hasSize(1 + 5 + 10);
    assertThat(ModelFile.read(file).parameters()).containsExactly(training.network().parameters());
    assertThat(directory).isDirectoryNotContaining(found -> !found.equals(file));
  }

  private static Heard trained(Hyperparameters options) {
    Heard record = new Heard();
    run(Training.begin(options, DATA), record);
    return record;
  }

  private static void run(Training training, Heard record) {
    while (training.hasMore()) {
      training.epoch(record);
    }
  }
}
