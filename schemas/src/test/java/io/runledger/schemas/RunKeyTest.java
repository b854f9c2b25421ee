package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RunKeyTest {

  @Test
  void twoAbsentPartsAreEqual() {
    assertThat(RunKey.of("7", null, null, null, null, 3L))
        .isEqualTo(RunKey.of("7", null, null, null, null, 3L));
  }

  @Test
  void aKeyOfSixAbsentPartsIsRefused() {
    assertThatThrownBy(() -> RunKey.of(null, null, null, null, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("project and run name");
  }

  @Test
  void aKeyThatIsPutTogetherIsTheKeyOfItsParts() {
    assertThat(RunKey.experiment("7").dataset("mnist").method("cnn").subject("s01").seed(3))
        .isEqualTo(RunKey.of("7", "mnist", "cnn", "s01", null, 3L));
    assertThat(RunKey.experiment("7").clInfo("late").dataset("mnist").dataset(null))
        .isEqualTo(RunKey.of("7", null, null, null, "late", null));
    assertThatThrownBy(() -> RunKey.experiment(null)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theDisplayNameHasADashForAnAbsentPart() {
    assertThat(RunKey.of("7", "mnist", "cnn", "s01", null, 3L).displayName())
        .isEqualTo("7/mnist/cnn/s01/-/3");
    assertThat(RunKey.of("7", null, null, null, null, null).displayName()).isEqualTo("7/-/-/-/-/-");
  }

  @Test
  void anUnpairedSurrogateIsTheReplacementCharacter() {
    assertThat(RunKey.of("a\uD83E", null, null, null, null, null))
        .isEqualTo(RunKey.of("a\uFFFD", null, null, null, null, null));
  }

  /** The parts are few and short, so that equal keys and moved borders really come up. */
  @Property(tries = 20_000)
  void twoKeysHaveOneEncodingOnlyIfTheyAreEqual(
      @ForAll("keys") RunKey one, @ForAll("keys") RunKey other) {
    assertThat(java.util.Arrays.equals(one.canonicalEncoding(), other.canonicalEncoding()))
        .isEqualTo(one.equals(other));
  }

  @Provide
  Arbitrary<RunKey> keys() {
    Arbitrary<String> part = Arbitraries.of("", "\0", "\1", "a", "aa").injectNull(.4);
    Arbitrary<Long> seed = Arbitraries.of(0L, 1L, -1L).injectNull(.4);
    return Combinators.combine(part, part, part, part, part, seed)
        .filter(
            (a, b, c, d, e, s) ->
                a != null || b != null || c != null || d != null || e != null || s != null)
        .as(RunKey::of);
  }
}
