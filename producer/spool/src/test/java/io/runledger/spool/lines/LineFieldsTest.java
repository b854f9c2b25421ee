package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A field that cannot be what it should is counted and left out. */
class LineFieldsTest {

  private final BadParts parts = new BadParts();

  private LineFields fields(String json) throws BadLineException {
    return new LineFields(
        LineTree.of(json.getBytes(StandardCharsets.UTF_8), parts), "the line", parts);
  }

  @Test
  void whatIsNotThereAndWhatIsNullAreTheSameAndNoLoss() throws BadLineException {
    LineFields fields = fields("{\"a\":null}");

    assertThat(fields.text("a")).isNull();
    assertThat(fields.whole("b")).isNull();
    assertThat(fields.finite("a")).isNull();
    assertThat(fields.flag("b")).isNull();
    assertThat(fields.instant("a")).isNull();
    assertThat(fields.texts("a")).isEmpty();
    assertThat(parts.count()).isZero();
  }

  @Test
  void eachFieldOfAWrongKindIsCountedByItself() throws BadLineException {
    LineFields fields = fields("{\"a\":[1],\"b\":1.5,\"c\":\"nan\",\"d\":1,\"e\":{}}");

    assertThat(fields.text("a")).isNull();
    assertThat(fields.whole("b")).isNull();
    assertThat(fields.finite("c")).isNull();
    assertThat(fields.flag("d")).isNull();
    assertThat(fields.texts("e")).isEmpty();
    assertThat(parts.count()).isEqualTo(5);
  }

  @Test
  void whatTheReaderOfTheLineHasLostAlreadyIsCountedOnce() throws BadLineException {
    assertThat(fields("{\"a\":1e999}").finite("a")).isNull();

    assertThat(parts.count()).isEqualTo(1);
  }

  @Test
  void ofAnArrayOnlyWhatIsNoTextIsLost() throws BadLineException {
    assertThat(fields("{\"a\":[\"x\",7,{},null]}").texts("a")).containsExactly("x", "7");

    assertThat(parts.count()).isEqualTo(2);
  }

  @Test
  void aNumberOutsideOfItsRangeIsLost() throws BadLineException {
    LineFields fields = fields("{\"low\":-129,\"good\":-128}");

    assertThat(fields.small("low", -128, 255)).isNull();
    assertThat(fields.small("good", -128, 255)).isEqualTo(-128);
    assertThat(parts.reason()).contains("'low' of the line is not between -128 and 255");
  }

  @Test
  void aTextThatMustBeThereMakesABadLineWhereItIsNot() {
    assertThatThrownBy(() -> fields("{}").requiredText("type"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("the line has no 'type'");
    assertThatThrownBy(() -> fields("[]"))
        .isInstanceOf(BadLineException.class)
        .hasMessageContaining("not a JSON object");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "1795000000|2026-11-18T11:06:40Z",
        "1795000000.1234567|2026-11-18T11:06:40.123457Z",
        "1795000000123|2026-11-18T11:06:40.123Z",
        "1795000000123456|2026-11-18T11:06:40.123456Z",
        "1795000000123456789|2026-11-18T11:06:40.123457Z",
        "\"1795000000\"|2026-11-18T11:06:40Z",
        "0|1970-01-01T00:00:00Z",
        "\"2026-11-18T11:06:40Z\"|2026-11-18T11:06:40Z",
        "\"2026-11-18 12:06:40,5+0100\"|2026-11-18T11:06:40.500Z"
      },
      delimiter = '|')
  void aTimeIsReadAsItsSizeOrItsTextSays(String json, Instant expected) throws BadLineException {
    assertThat(fields("{\"at\":" + json + "}").instant("at")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "1e30",
        "true",
        "\"nan\"",
        "\"yesterday\"",
        "\"2026-11-18T11:06:40\"",
        "\"1969-12-31T23:59:59Z\"",
        "{}"
      })
  void aTimeThatIsNoneIsLost(String json) throws BadLineException {
    assertThat(fields("{\"at\":" + json + "}").instant("at")).isNull();

    assertThat(parts.count()).isEqualTo(1);
  }
}
