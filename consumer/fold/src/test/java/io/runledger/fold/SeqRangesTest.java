package io.runledger.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SeqRangesTest {

  @Property
  void isTheSetOfAllNumbersThatWereAdded(
      @ForAll @Size(max = 30) List<@IntRange(max = 60) Integer> firsts,
      @ForAll @IntRange(max = 9) int length) {
    SeqRanges ranges = new SeqRanges();
    BitSet model = new BitSet();
    for (int first : firsts) {
      ranges.add(first, first + (first + length) % 10);
      model.set(first, first + (first + length) % 10 + 1);
    }

    assertThat(ranges.size()).isEqualTo(model.cardinality());
    assertThat(ranges.last()).isEqualTo(model.length() - 1);
    for (int first = 0; first < 75; first++) {
      assertThat(ranges.contains(first)).isEqualTo(model.get(first));
      for (int last = first; last < first + 12; last++) {
        assertThat(ranges.isDisjoint(first, last)).isEqualTo(model.get(first, last + 1).isEmpty());
      }
    }
  }

  @Property
  void itsTextDependsOnTheNumbersAlone(
      @ForAll @Size(max = 40) List<@IntRange(max = 60) Integer> numbers) {
    SeqRanges forth = new SeqRanges();
    numbers.forEach(number -> forth.add(number, number));
    SeqRanges back = new SeqRanges();
    for (int i = numbers.size() - 1; i >= 0; i--) {
      back.add(numbers.get(i), numbers.get(i));
    }

    assertThat(back.toString()).isEqualTo(forth.toString());
    assertThat(SeqRanges.parse(forth.toString()).toString()).isEqualTo(forth.toString());
    assertThat(SeqRanges.parse(forth.toString()).size()).isEqualTo(forth.size());
  }

  @Test
  void aStreamThatCameWholeIsOneRange() {
    SeqRanges ranges = new SeqRanges();
    for (int seq = 0; seq < 1_000; seq++) {
      ranges.add(seq, seq);
    }

    assertThat(ranges).hasToString("0-999");
  }

  @Test
  void theHighestNumberHasNoNeighbour() {
    SeqRanges ranges = new SeqRanges();
    ranges.add(Long.MAX_VALUE, Long.MAX_VALUE);
    ranges.add(0, 0);

    assertThat(ranges).hasToString("0-0," + Long.MAX_VALUE + "-" + Long.MAX_VALUE);
    assertThat(ranges.contains(Long.MAX_VALUE)).isTrue();
  }
}
