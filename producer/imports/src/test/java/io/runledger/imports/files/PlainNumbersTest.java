package io.runledger.imports.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers and times as others print them, and floats as they were meant. */
class PlainNumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1", "0.333333, 0.333333", "3.14159274, 3.1415927", "1e-7, 1e-7", "-2.5e-5, -2.5e-5",
    "123456.7, 123456.7", "16777216, 16777216", "0, 0", "1e20, 1.0E20", "0.002, 0.002"
  })
  void aFloatIsItsShortestDecimal(float value, String decimal) {
    double shortest = PlainNumbers.shortest(value);

    assertThat((float) shortest).isEqualTo(value);
    assertThat(new BigDecimal(Double.toString(shortest)))
        .isEqualByComparingTo(new BigDecimal(decimal));
  }

  @Test
  void noFloatChangesItsValue() {
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      float back = (float) PlainNumbers.shortest(value);

      assertThat(Float.floatToIntBits(back)).isEqualTo(Float.floatToIntBits(value));
    }
  }

  @Test
  void decimalsOfSixDigitsComeBackAsTheyWere() {
    Random random = new Random(8);
    for (int i = 0; i < 100_000; i++) {
      double decimal =
          BigDecimal.valueOf(1 + random.nextInt(999_999), random.nextInt(12)).doubleValue();

      assertThat(PlainNumbers.shortest((float) decimal)).isEqualTo(decimal);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "nan, NaN",
    "-inf, -Infinity",
    "Infinity, Infinity",
    " 1e-3 , 0.001",
    ".5, 0.5",
    "-4, -4"
  })
  void aNumberIsReadAsPythonPrintsIt(String text, double value) {
    assertThat(PlainNumbers.number(text).stream().boxed()).containsExactly(value);
  }

  @ParameterizedTest
  @CsvSource({"x", "0x10", "1_000", "''", "1e", "--1", "1e9999", "1e999"})
  void whatIsNoNumberIsNone(String text) {
    assertThat(PlainNumbers.number(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "1763917445.25, 2025-11-23T17:04:05.250Z",
    "1763917445250, 2025-11-23T17:04:05.250Z",
    "2025-11-23T17:04:05.25, 2025-11-23T17:04:05.250Z",
    "2025-11-23 18:04:05.250000+01:00, 2025-11-23T17:04:05.250Z"
  })
  void aTimeIsReadInAnyForm(String text, Instant time) {
    assertThat(PlainNumbers.instant(text)).hasValue(time);
  }

  @Test
  void aTimeOutOfAllTimesIsNone() {
    assertThat(PlainNumbers.instant("-1")).isEmpty();
    assertThat(PlainNumbers.instant("nan")).isEmpty();
    assertThat(PlainNumbers.instant("1e30")).isEmpty();
    assertThat(PlainNumbers.instant("yesterday")).isEmpty();
  }
}
