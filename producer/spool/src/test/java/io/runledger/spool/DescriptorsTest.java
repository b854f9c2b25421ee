package io.runledger.spool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a file that cannot be opened is not to blame for it. */
class DescriptorsTest {

  @Test
  void theLastSixteenAreKeptForOthers() {
    assertThat(Descriptors.areScarce(1007, 1024)).isFalse();
    assertThat(Descriptors.areScarce(1008, 1024)).isTrue();
    assertThat(Descriptors.areScarce(1024, 1024)).isTrue();
  }

  @Test
  void whereEvenCountingNeedsOneMoreThanThereIsTheyAreScarce() {
    assertThat(Descriptors.areScarce(-1, 1024)).isTrue();
  }

  @Test
  void aProcessThatHasOpenedLittleHasEnough() {
    assertThat(Descriptors.areScarce()).isFalse();
  }
}
