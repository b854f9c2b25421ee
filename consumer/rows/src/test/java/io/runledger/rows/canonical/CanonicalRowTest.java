package io.runledger.rows.canonical;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values of two stores are the same where the events behind them are. */
class CanonicalRowTest {

  @Test
  void aWholeNumberIsTheSameWhateverTypeItsColumnHas() {
    assertThat(List.of((short) 5, 5, 5L, 5.0))
        .allSatisfy(value -> assertThat(CanonicalRow.comparable(value)).isEqualTo(5L));
    assertThat(CanonicalRow.comparable(-0x1p63)).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void whatNoLongHoldsStaysADouble() {
    assertThat(Arrays.asList(0x1p63, -0.0, 0.5, 1e300, Double.POSITIVE_INFINITY))
        .allSatisfy(value -> assertThat(CanonicalRow.comparable(value)).isEqualTo(value));
    assertThat(CanonicalRow.comparable(-0.0)).isNotEqualTo(CanonicalRow.comparable(0.0));
  }

  @Test
  void nanIsTheNullOfAStoreWithoutIt() {
    assertThat(CanonicalRow.comparable(Double.NaN)).isNull();
    assertThat(CanonicalRow.comparable(null)).isNull();
  }

  @Test
  void bytesAndJsonAreTexts() {
    Object json =
        new Object() {
          @Override
          public String toString() {
            return "[1,  2]";
          }
        };

    assertThat(CanonicalRow.comparable(new byte[] {0, (byte) 0xff})).isEqualTo("00ff");
    assertThat(CanonicalRow.comparable(json)).isEqualTo("[1,  2]");
  }

  @Test
  void rowsAreOrderedAsTheDatabasesOrderThem() {
    // Behind U+FFFF in UTF-8, before U+E000 in UTF-16.
    String emoji = "\uD83D\uDE00";

    List<CanonicalRow> inOrder =
        List.of(
            row(Long.MIN_VALUE, "z"),
            row(1L, null),
            row(1L, "a"),
            row(1L, "\uFFFD"),
            row(1L, emoji),
            row(2L, "a"));

    List<CanonicalRow> rows = new ArrayList<>(inOrder);
    Collections.reverse(rows);
    Collections.sort(rows);

    assertThat(rows).isEqualTo(inOrder);
  }

  private static CanonicalRow row(Object... values) {
    return new CanonicalRow(Arrays.asList(values));
  }
}
