package io.runledger.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.AttemptOrder.Claim;
import io.runledger.fold.AttemptOrder.Restart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attempts are ordered by what caused them, and by the clocks of their nodes only then. */
class AttemptOrderTest {

  @Test
  void withoutAnyCauseTheIdsDecide() {
    assertThat(AttemptOrder.of(List.of(claim(3), claim(1), claim(2)), List.of()))
        .containsExactly(1L, 2L, 3L);
  }

  @Test
  void aRequeuedJobComesAfterItselfThoughTheFirstNodesClockWasAhead() {
    assertThat(
            AttemptOrder.of(
                List.of(claim(90), claim(10), claim(50)),
                List.of(restart(90, 0), restart(10, 1), restart(50, 2))))
        .containsExactly(90L, 10L, 50L);
  }

  @Test
  void anAttemptComesAfterItsPredecessor() {
    assertThat(AttemptOrder.of(List.of(claim(1, 2), claim(2, 3), claim(3)), List.of()))
        .containsExactly(3L, 2L, 1L);
  }

  @Test
  void aResumedAttemptIsNotTheFirst() {
    assertThat(AttemptOrder.of(List.of(new Claim(1, true, null), claim(2)), List.of()))
        .containsExactly(2L, 1L);
    assertThat(AttemptOrder.of(List.of(new Claim(1, true, null)), List.of())).containsExactly(1L);
  }

  @Test
  void claimsThatContradictEachOtherAreOrderedAllTheSame() {
    assertThat(
            AttemptOrder.of(List.of(claim(1, 3), claim(2, 2), claim(3, 4), claim(4, 3)), List.of()))
        .as("3 and 4 each claim to come after the other, 1 comes after 3, 2 after itself")
        .containsExactly(2L, 3L, 1L, 4L);
    assertThat(AttemptOrder.of(List.of(claim(1, 99), claim(2)), List.of())).containsExactly(1L, 2L);
    assertThat(
            AttemptOrder.of(List.of(claim(1, 2), claim(2)), List.of(restart(1, 0), restart(2, 1))))
        .containsExactly(1L, 2L);
  }

  @Test
  void whateverIsClaimedTheOrderIsTotalAndHasNothingToDoWithArrival() {
    Random random = new Random(20261128);
    for (int round = 0; round < 2_000; round++) {
      int attempts = 1 + random.nextInt(8);
      List<Claim> claims = new ArrayList<>();
      List<Restart> restarts = new ArrayList<>();
      for (long id = 1; id <= attempts; id++) {
        Long predecessor = random.nextBoolean() ? null : (Long) (long) random.nextInt(10);
        claims.add(new Claim(id, random.nextInt(3) == 0, predecessor));
        if (random.nextBoolean()) {
          restarts.add(new Restart(id, "c", random.nextInt(2), random.nextInt(3)));
        }
      }
      List<Long> order = AttemptOrder.of(claims, restarts);
      Collections.shuffle(claims, random);
      Collections.shuffle(restarts, random);

      assertThat(AttemptOrder.of(claims, restarts)).isEqualTo(order);
      assertThat(order).hasSize(attempts).doesNotHaveDuplicates();
    }
  }

  private static Claim claim(long attempt) {
    return new Claim(attempt, false, null);
  }

  private static Claim claim(long attempt, long predecessor) {
    return new Claim(attempt, false, predecessor);
  }

  private static Restart restart(long attempt, long count) {
    return new Restart(attempt, "cluster", 4_700, count);
  }
}
