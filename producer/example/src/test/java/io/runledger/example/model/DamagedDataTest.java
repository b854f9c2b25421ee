package io.runledger.example.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedDataTest {

  @Test
  void onlyTheLabelInTheMiddleDiffers(@TempDir Path directory) throws Exception {
    List<Image> images = DigitFile.shipped().images().subList(0, 101);
    Path file = directory.resolve("damaged.csv");

    DamagedData.write(file, images);

    List<Image> damaged = DigitFile.read(file).images();
    assertThat(damaged).hasSize(101);
    for (int i = 0; i < 101; i++) {
      assertThat(damaged.get(i).pixels()).containsExactly(images.get(i).pixels());
      assertThat(damaged.get(i).label()).isEqualTo(i == 50 ? 10 : images.get(i).label());
    }
  }

  @Test
  void aTrainingThatMeetsItDies(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("damaged.csv");
    DamagedData.write(file, DigitFile.shipped().images());
    Training training = Training.begin(Hyperparameters.usual(0.2, 1), DigitFile.shipped());
    List<Image> damaged = DigitFile.read(file).images();

    assertThatThrownBy(() -> training.epoch(damaged, Training.Listener.NONE))
        .isInstanceOf(ArrayIndexOutOfBoundsException.class)
        .hasMessage("Index 10 out of bounds for length 10");
  }
}
