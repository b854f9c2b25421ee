package io.runledger.example.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitFileTest {

  private static final String BLANK = String.join(",", Collections.nCopies(64, "0"));

  @Test
  void theShippedDataSetIsTheOneThatTheNoticeNames() {
    DigitFile shipped = DigitFile.shipped();

    assertThat(shipped.sha256())
        .isEqualTo("09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22");
    assertThat(shipped.images()).hasSize(1797);
  }

  @Test
  void theShippedDataSetHasTheClassCountsThatUciPublishes() {
    long[] counts = new long[10];
    for (Image image : DigitFile.shipped().images()) {
      counts[image.label()]++;
    }

    assertThat(counts).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
  }

  @Test
  void greyValuesAreScaledToOne() {
    double[] greys =
        DigitFile.shipped().images().stream()
            .flatMapToDouble(image -> Arrays.stream(image.pixels()))
            .distinct()
            .sorted()
            .toArray();

    assertThat(greys).hasSize(17).startsWith(0.0, 0.0625).endsWith(1.0);
  }

  @Test
  void aPlainFileReadsLikeAPackedOne(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("two.csv"), BLANK + ",7\n" + BLANK + ",3\n");

    DigitFile read = DigitFile.read(file);

    assertThat(read.name()).isEqualTo("two.csv");
    assertThat(read.images()).extracting(Image::label).containsExactly(7, 3);
  }

  @Test
  void aDamagedLineIsNamed(@TempDir Path directory) throws Exception {
    Path shortLine = Files.writeString(directory.resolve("short.csv"), BLANK + ",7\n1,2,3\n");
    Path words = Files.writeString(directory.resolve("words.csv"), BLANK + ",seven\n");

    assertThatThrownBy(() -> DigitFile.read(shortLine))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Line 2 of short.csv has 3 fields");
    assertThatThrownBy(() -> DigitFile.read(words))
        .hasMessageContaining("Line 1 of words.csv")
        .hasCauseInstanceOf(NumberFormatException.class);
  }

  @Test
  void theSplitIsDecidedByTheSeedAndSharesNoImage() {
    List<Image> images = DigitFile.shipped().images();

    Split one = Split.of(images, 1);
    Split again = Split.of(images, 1);
    Split other = Split.of(images, 2);

    assertThat(one).isEqualTo(again).isNotEqualTo(other);
    assertThat(one.training()).hasSize(1438);
    assertThat(one.validation()).hasSize(359);
    Set<Image> all = new HashSet<>(one.training());
    all.addAll(one.validation());
    assertThat(all).hasSize(1797);
  }
}
