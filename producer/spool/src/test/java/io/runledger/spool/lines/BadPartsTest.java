package io.runledger.spool.lines;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BadPartsTest {

  private final BadParts parts = new BadParts();

  @Test
  void eachPartIsCountedAndTheFirstFiveAreTold() {
    for (int i = 1; i <= 7; i++) {
      parts.add("part " + i);
    }

    assertThat(parts.count()).isEqualTo(7);
    assertThat(parts.reason()).isEqualTo("part 1; part 2; part 3; part 4; part 5; and 2 more");
  }

  @Test
  void aLongReasonIsCut() {
    parts.add("x".repeat(201));

    assertThat(parts.reason()).isEqualTo("x".repeat(200) + "...");
  }

  @Test
  void theReasonsOfOthersAreTakenOverAsFarAsThereIsRoomAndAllAreCounted() {
    BadParts others = new BadParts();
    for (int i = 1; i <= 6; i++) {
      others.add("other " + i);
    }
    parts.add("mine");

    parts.addAll(others);

    assertThat(parts.count()).isEqualTo(7);
    assertThat(parts.reason()).isEqualTo("mine; other 1; other 2; other 3; other 4; and 2 more");
  }
}
