package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigValueTest {

  @Test
  void whatJsonWritesAsANumberOrATruthIsOne() {
    assertThat(ConfigValue.of("3")).isEqualTo(3L);
    assertThat(ConfigValue.of("-0.1")).isEqualTo(-0.1);
    assertThat(ConfigValue.of("1e-4")).isEqualTo(1e-4);
    assertThat(ConfigValue.of("true")).isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "007",
        "1.",
        ".5",
        "+1",
        "0x10",
        "NaN",
        "1e999",
        "True",
        "null",
        "1,2",
        "adam",
        "1234567890123456789012"
      })
  void allElseIsAText(String text) {
    assertThat(ConfigValue.of(text)).isEqualTo(text);
  }
}
