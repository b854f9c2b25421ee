package io.runledger.query.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.runledger.options.Since;
import io.runledger.query.metrics.Curve;
import io.runledger.query.metrics.Curve.Bucket;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

/** Numbers, times, tables and curves as text. */
class FormsTest {

  @ParameterizedTest
  @CsvSource({
    "0.1, 0.1",
    "1, 1",
    "100, 100",
    "-0.0, -0",
    "0.0, 0",
    "123456.789, 123457",
    "0.00001234, 0.00001234",
    "0.000001234, 1.234e-6",
    "1e9, 1000000000",
    "1e10, 1e10",
    "-2.5e300, -2.5e300",
    "NaN, NaN",
    "-Infinity, -Infinity",
    "4.9E-324, 4.9e-324",
    "0.1234567, 0.123457"
  })
  void aNumberHasSixDigitsThatCount(double number, String text) {
    assertThat(Numbers.sixDigits(number)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0s", "59, 59s", "60, 1m00s", "3599, 59m59s", "3600, 1h00m", "183600, 2d03h"})
  void aDurationHasTwoUnits(long seconds, String text) {
    Instant from = Instant.EPOCH;

    assertThat(Numbers.between(Optional.of(from), Optional.of(from.plusSeconds(seconds))))
        .isEqualTo(text);
    assertThat(Numbers.between(Optional.of(from), Optional.empty())).isEqualTo("-");
    assertThat(Numbers.between(Optional.of(from.plusSeconds(9)), Optional.of(from))).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    "90m, 2026-11-23T10:30:00Z",
    "2h, 2026-11-23T10:00:00Z",
    "3d, 2026-11-20T12:00:00Z",
    "1w, 2026-11-16T12:00:00Z",
    "2026-11-01, 2026-11-01T00:00:00Z",
    "2026-11-01T14:30, 2026-11-01T14:30:00Z",
    "2026-11-01 14:30:05, 2026-11-01T14:30:05Z",
    "2026-11-01T14:30:05Z, 2026-11-01T14:30:05Z",
    "2026-11-01 14:30:05+01:00, 2026-11-01T13:30:05Z",
    "2026-11-01T14:30-0330, 2026-11-01T18:00:00Z"
  })
  void sinceIsSoLongAgoOrADate(String text, Instant instant) {
    Clock noon = Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

    assertThat(new Since(noon).convert(text)).isEqualTo(instant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"yesterday", "", "2y", "-2h", "2026-13-01", "9999999d", "2026-11-01T14:30+99:00"})
  void sinceIsNothingElse(String text) {
    assertThatExceptionOfType(TypeConversionException.class)
        .isThrownBy(() -> new Since().convert(text))
        .withMessageContaining("2h, 3d");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "=1+1, '=1+1",
        "+x, '+x",
        "-x, '-x",
        "@x, '@x",
        "\"\tx\", \"'\tx\"",
        "-2.5, -2.5",
        "+1e5, +1e5",
        "-Infinity, -Infinity",
        "-2+3, '-2+3",
        "a=b, a=b",
        "-, '-"
      })
  void aTextThatASpreadsheetWouldRunIsNeutralised(String text, String cell) {
    assertThat(CsvOutput.neutral(text)).isEqualTo(cell);
  }

  @Test
  void aTableIsAlignedByWhatTheTerminalShows() {
    TextTable table = new TextTable().texts("NAME").numbers("N");
    table.row("größe", "1");
    table.row("数据", "22");
    table.row("e\u0301", "333");

    assertThat(printed(table))
        .containsExactly("NAME     N", "größe    1", "数据    22", "e\u0301      333");
  }

  @Test
  void aTableInAFileOrAPipeIsNotCut() {
    TextTable table = new TextTable(OptionalInt.empty()).words("ID").texts("MESSAGE");
    table.row("0123456789abc", "a".repeat(300));

    assertThat(printed(table).get(1)).isEqualTo("0123456789abc  " + "a".repeat(300));
  }

  @Test
  void oneEndlessNameDoesNotPadAllRowsOfAFile() {
    String endless = "x".repeat(900_000);
    TextTable table = new TextTable(OptionalInt.empty()).texts("NAME").numbers("N");
    table.row("a name", "1");
    table.row(endless, "2");

    assertThat(printed(table)).containsExactly("NAME    N", "a name  1", endless + "  2");
  }

  /** One that is copied as often as it has characters takes minutes. */
  @Test
  @Timeout(30)
  void whatTwoEndlessNamesBeginWithIsFoundWithoutCopyingThem() {
    TextTable table = new TextTable(OptionalInt.of(100)).names("NAME").numbers("N");
    table.row("x".repeat(2_000_000), "1");
    table.row("another", "2");

    assertThat(printed(table)).hasSize(3).allMatch(line -> line.length() <= 100);
  }

  @Test
  void aTableThatIsTooWideIsCutInItsWidestTexts() {
    TextTable table = new TextTable(OptionalInt.of(120)).words("ID").texts("A").texts("B");
    table.row("0123456789abc", "a".repeat(300), "b".repeat(40));

    List<String> lines = printed(table);
    assertThat(lines)
        .allSatisfy(line -> assertThat(DisplayWidth.of(line)).isLessThanOrEqualTo(120));
    assertThat(lines.get(1)).startsWith("0123456789abc  aaa").contains("…").endsWith("bbb");
  }

  @Test
  void aNameThatIsTooWideKeepsItsEndWhichTellsItApart() {
    TextTable table = new TextTable(OptionalInt.of(120)).names("NAME").texts("REMARKS");
    table.row("experiment/" + "x".repeat(150) + "/seed-17", "y".repeat(10));

    assertThat(printed(table).get(1)).startsWith("experiment/").contains("…", "/seed-17");
    assertThat(DisplayWidth.cutMiddle("日本語のとても長い名前", 9)).isEqualTo("日本…名前");
    assertThat(DisplayWidth.cutMiddle("short", 9)).isEqualTo("short");
  }

  /** Cut in their middle, names of one grid were the same name. */
  @Test
  void namesOfAGridLoseWhatAllOfThemBeginWithFirst() {
    TextTable table = new TextTable(OptionalInt.of(40)).words("ID").names("NAME");
    for (String method : List.of("base", "mixup", "cutout")) {
      table.row("0123456789abc", "grid/cifar100/" + method + "-lr0.0001/-/-/1");
    }
    table.row("0123456789abc", "grid/cifar100/x");

    assertThat(printed(table).stream().map(line -> line.substring(15)))
        .containsExactly(
            "NAME",
            "…base-lr0.0001/-/-/1",
            "…mixup-lr0.0001/-/-/1",
            "…cutout-lr0.0001/-/-/1",
            "grid/cifar100/x");
  }

  @Test
  void spareColumnsAreLeftOutInTheirTurnUntilTheOthersHaveRoom() {
    for (int[] columnsAndTitles : new int[][] {{120, 4}, {45, 3}, {38, 2}}) {
      TextTable table =
          new TextTable(OptionalInt.of(columnsAndTitles[0]))
              .names("NAME")
              .words("FIRST")
              .spare(1)
              .words("SECOND")
              .spare(2)
              .words("NEVER")
              .spare(3)
              .words("STAYS");
      table.row("n".repeat(60), "12345", "123456", "-", "x");

      String titles = printed(table).get(0);
      assertThat(titles.split("  +")).hasSize(columnsAndTitles[1]);
      assertThat(titles).doesNotContain("NEVER").contains("NAME", "STAYS");
    }
  }

  private static List<String> printed(TextTable table) {
    StringWriter text = new StringWriter();
    table.print(new PrintWriter(text));
    return text.toString().lines().toList();
  }

  @Test
  void aCurveGoesFromTheLowestBlockToTheHighest() {
    assertThat(Sparkline.of(curve(0, 1, 2, 3, 4, 5, 6, 7))).isEqualTo("▁▂▃▄▅▆▇█");
    assertThat(Sparkline.of(curve(5, 5))).isEqualTo("▄▄");
    assertThat(Sparkline.of(new Curve(0, List.of()))).isEmpty();
  }

  @Test
  void aCurveCopesWithNaNInfinitiesAndHugeNumbers() {
    assertThat(
            Sparkline.of(
                curve(1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 2)))
        .isEqualTo("▁×↑↓█");
    assertThat(Sparkline.of(curve(-Double.MAX_VALUE, 0, Double.MAX_VALUE))).isEqualTo("▁▅█");
    assertThat(Sparkline.of(curve(Double.NaN))).isEqualTo("×");
  }

  private static Curve curve(double... values) {
    List<Bucket> buckets =
        Arrays.stream(values)
            .mapToObj(
                value ->
                    new Bucket(
                        1,
                        Double.isNaN(value) ? 1 : 0,
                        value,
                        value,
                        Double.isFinite(value) ? value : Double.NaN,
                        OptionalLong.empty(),
                        OptionalLong.empty()))
            .toList();
    return new Curve(values.length, buckets);
  }

  @Test
  void aStatusIsColoredWithoutMovingTheColumnsBehindIt() {
    TextTable table = new TextTable(OptionalInt.of(80), true).statuses("STATUS").words("NAME");
    table.row("failed (exit 1)", "a");
    table.row("completed", "b");
    table.row("unknown", "c");
    StringWriter colored = new StringWriter();
    table.print(new PrintWriter(colored));

    assertThat(colored.toString())
        .contains("\033[31mfailed\033[0m (exit 1)  a")
        .contains("\033[32mcompleted\033[0m        b")
        .contains("unknown          c");
  }
}
