package io.runledger.query.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StatisticsTest {

  /** Of the largest value: sums in another order round otherwise. */
  private static final double TOLERANCE = 1e-13;

  static Stream<String> table() throws IOException {
    try (InputStream table = StatisticsTest.class.getResourceAsStream("statistics.tsv")) {
      return new String(table.readAllBytes(), StandardCharsets.US_ASCII).lines().toList().stream();
    }
  }

  /** The table is made by {@code src/test/python/statistics_table.py}. */
  @ParameterizedTest
  @MethodSource("table")
  void theNumbersAreThoseOfNumpyAndScipy(String line) {
    List<String> cells = Arrays.asList(line.split("\t", -1));
    double[] values =
        Arrays.stream(cells.get(0).split(" "))
            .filter(value -> !value.isEmpty())
            .mapToDouble(Double::parseDouble)
            .toArray();

    Statistics found = Statistics.of(values);

    double size = Arrays.stream(values).map(Math::abs).max().orElse(0);
    assertThat(found.n()).isEqualTo(Long.parseLong(cells.get(1)));
    assertClose(found.mean(), cells.get(2), size);
    assertClose(found.std(), cells.get(3), size);
    assertClose(found.median(), cells.get(4), size);
    assertClose(found.min(), cells.get(5), 0);
    assertClose(found.max(), cells.get(6), 0);
    assertClose(found.low(), cells.get(7), size);
    assertClose(found.high(), cells.get(8), size);
  }

  private static void assertClose(OptionalDouble found, String expected, double size) {
    assertThat(found.isPresent()).isEqualTo(!expected.equals("-"));
    if (found.isPresent()) {
      // An interval of two values is some nine times as wide as they are apart.
      double near = size * TOLERANCE * 20 + (size == 0 ? 0 : 2 * Double.MIN_VALUE);
      assertThat(found.getAsDouble()).isCloseTo(Double.parseDouble(expected), within(near));
    }
  }

  @Test
  void theOrderOfTheValuesDoesNotMatterToTheMeanOfLargeOnes() {
    assertThat(Statistics.of(new double[] {1e16, 1, -1e16}).mean()).hasValue(1.0 / 3);
    assertThat(Statistics.of(new double[] {1, 1e16, -1e16}).mean()).hasValue(1.0 / 3);
  }

  @Test
  void theLargestNumbersHaveAMeanAndAMedian() {
    double most = Double.MAX_VALUE;

    Statistics found = Statistics.of(new double[] {most, most, most, most});

    assertThat(found.mean()).hasValue(most);
    assertThat(found.median()).hasValue(most);
    assertThat(found.std()).hasValue(0);
  }

  @Test
  void aMeanIsBetweenTheSmallestAndTheLargestAndInItsInterval() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      double[] values =
          random
              .doubles(1 + random.nextInt(20))
              .map(value -> (value - 0.5) * Math.pow(10, random.nextInt(600) - 300))
              .toArray();
      Statistics found = Statistics.of(values);
      double mean = found.mean().orElseThrow();
      assertThat(mean).isBetween(found.min().orElseThrow(), found.max().orElseThrow());
      assertThat(found.low().orElse(mean)).isLessThanOrEqualTo(mean);
      assertThat(found.high().orElse(mean)).isGreaterThanOrEqualTo(mean);
    }
  }
}
