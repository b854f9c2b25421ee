package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunIdTest {

  @Test
  void anAbsentPartIsNotAnEmptyOne() {
    RunKey absent = RunKey.of("7", null, null, null, null, null);
    RunKey empty = RunKey.of("7", "", null, null, null, null);

    assertThat(RunId.of(absent)).isNotEqualTo(RunId.of(empty));
  }
}
