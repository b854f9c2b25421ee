package io.runledger.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

  @Test
  void controlCharactersAreShownAsTheirPictures() {
    assertThat(Printable.line("a\u001b[31mred\u0007\n\tz\u007f")).isEqualTo("a␛[31mred␇␊␉z␡");
    assertThat(Printable.line("\u009b31m \u202eabc \u2028 \ud800 x"))
        .isEqualTo("\ufffd31m \ufffdabc \ufffd \ufffd x");
    assertThat(Printable.line("größe 数据 😀")).isEqualTo("größe 数据 😀");
    assertThat(Printable.lines("a\r\nb\tc\rd\u001b")).isEqualTo("a\nb    c␍d␛");
  }

  @Test
  void ofALongWordTheBeginningIsQuotedAndNoSignIsCutInTwo() {
    assertThat(Printable.word("x\u001b".repeat(10))).isEqualTo("x\u241b".repeat(10));
    assertThat(Printable.word("x".repeat(200))).isEqualTo("x".repeat(200));
    assertThat(Printable.word("x".repeat(201))).isEqualTo("x".repeat(200) + "...");
    assertThat(Printable.word("x" + "\ud83d\ude00".repeat(150)))
        .isEqualTo("x" + "\ud83d\ude00".repeat(99) + "...");
  }
}
