package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base32Test {

  @Test
  void theEndsOfTheRangeHaveThirteenCharacters() {
    assertThat(Base32.encode(0)).isEqualTo("0000000000000");
    assertThat(Base32.encode(Long.MAX_VALUE)).isEqualTo("7zzzzzzzzzzzz");
  }

  @Property
  void aNumberComesBackInEitherCase(@ForAll @LongRange(min = 0) long value) {
    String text = Base32.encode(value);

    assertThat(text).hasSize(Base32.LENGTH);
    assertThat(Base32.decode(text)).isEqualTo(value);
    assertThat(Base32.decode(text.toUpperCase(Locale.ROOT))).isEqualTo(value);
  }

  @Property
  void theOrderOfTheTextsIsThatOfTheNumbers(
      @ForAll @LongRange(min = 0) long one, @ForAll @LongRange(min = 0) long other) {
    assertThat(Integer.signum(Base32.encode(one).compareTo(Base32.encode(other))))
        .isEqualTo(Long.compare(one, other));
  }

  @Property
  void aNumberIsInTheRangeOfAPrefixIfAndOnlyIfItsTextBeginsSo(
      @ForAll @LongRange(min = 0) long value,
      @ForAll @LongRange(min = 0) long other,
      @ForAll @IntRange(min = 1, max = 13) int length) {
    String prefix = Base32.encode(value).substring(0, length);
    long lowest = Base32.lowest(prefix);
    long highest = Base32.highest(prefix);

    assertThat(value).isBetween(lowest, highest);
    assertThat(lowest <= other && other <= highest)
        .isEqualTo(Base32.encode(other).startsWith(prefix));
    assertThat(Base32.encode(lowest)).startsWith(prefix).endsWith("0".repeat(13 - length));
    assertThat(Base32.encode(highest)).startsWith(prefix).endsWith("z".repeat(13 - length));
  }

  @Test
  void theEmptyPrefixIsEveryId() {
    assertThat(Base32.lowest("")).isZero();
    assertThat(Base32.highest("")).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "00000000000000",
        "8000000000000",
        "000000000000i",
        "000000000000u",
        "000000000000-",
        "00000000000 0",
        "000000000000ſ"
      })
  void whatIsNoIdIsRefused(String text) {
    assertThatThrownBy(() -> Base32.decode(text)).isInstanceOf(IllegalArgumentException.class);
    assertThat(Base32.isEncoded(text)).isFalse();
  }

  @Test
  void anIdIsSpelledInOneWay() {
    for (long id : new long[] {0, 1, Long.MAX_VALUE}) {
      assertThat(Base32.isEncoded(Base32.encode(id))).isTrue();
    }
    assertThat(Base32.isEncoded("000000000000A")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "l", "00000000000000", "7 "})
  void whatBeginsNoIdIsRefusedAsAPrefix(String prefix) {
    assertThatThrownBy(() -> Base32.lowest(prefix)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Base32.highest(prefix)).isInstanceOf(IllegalArgumentException.class);
  }
}
