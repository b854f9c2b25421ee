package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class WellFormedTextTest {

  @Test
  void aWellFormedTextIsTheSameObject() {
    String text = new String("a\uD83E\uDDEAü");

    assertThat(WellFormedText.of(text)).isSameAs(text);
  }

  @Test
  void eachUnpairedSurrogateIsReplacedAndPairsStay() {
    assertThat(WellFormedText.of("\uDDEA\uD83E\uDDEA\uD83E\uD83E"))
        .isEqualTo("\uFFFD\uD83E\uDDEA\uFFFD\uFFFD");
    assertThat(WellFormedText.of("\uD83E\uDDEA\uDDEA")).isEqualTo("\uD83E\uDDEA\uFFFD");
  }

  @Property(tries = 5_000)
  void theResultSurvivesUtf8AndIsAFixedPoint(@ForAll("surrogates") String text) {
    String result = WellFormedText.of(text);

    assertThat(new String(result.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(result);
    assertThat(WellFormedText.of(result)).isEqualTo(result);
    assertThat(result).hasSameSizeAs(text);
  }

  @Provide
  Arbitrary<String> surrogates() {
    return Arbitraries.strings().withChars('a', '\uD83E', '\uDDEA', '\uFFFD').ofMaxLength(8);
  }
}
