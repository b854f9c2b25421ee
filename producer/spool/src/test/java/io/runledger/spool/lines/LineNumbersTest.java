package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a step and what is a number. */
class LineNumbersTest {

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "4, 4",
        "4.0, 4",
        "4e2, 400",
        "-0.0, 0",
        "\"4\", 4",
        "\" +4 \", 4",
        "\"4.00\", 4",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808",
        "\"9223372036854775807\", 9223372036854775807"
      })
  void aWholeNumberOf64BitsIsAStepHoweverItIsWritten(String text, long expected)
      throws IOException {
    assertThat(LineNumbers.whole(json(text))).hasValue(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4.5",
        "9223372036854775808",
        "9223372036854775808.0",
        "9.3e18",
        "\"9223372036854775808\"",
        "\"4.5\"",
        "\"0x10\"",
        "\"4f\"",
        "\"\"",
        "\"nan\"",
        "true",
        "null",
        "[4]"
      })
  void nothingElseIsAStep(String text) throws IOException {
    assertThat(LineNumbers.whole(json(text))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "0.5, 0.5",
        "\"0.5\", 0.5",
        "\".5\", 0.5",
        "\"5.\", 5",
        "\"-1e-3\", -0.001",
        "true, 1",
        "false, 0",
        "\"NaN\", NaN",
        "\"nan(0x7)\", NaN",
        "\"-INF\", -Infinity",
        "\"+Infinity\", Infinity"
      })
  void numbersComeAsNumbersTextsAndTruths(String text, double expected) throws IOException {
    assertThat(LineNumbers.number(json(text))).hasValue(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"1e999\"", "\"1d\"", "\"0x1p3\"", "\"infinite\"", "\"-\"", "null", "{}"})
  void whatIsNoNumberIsNone(String text) throws IOException {
    assertThat(LineNumbers.number(json(text))).isEmpty();
  }
}
