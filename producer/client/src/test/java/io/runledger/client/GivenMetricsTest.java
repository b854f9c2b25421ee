package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What can be read of the values of a log call is kept, and each that cannot is reported. */
class GivenMetricsTest {

  private final List<String> ignored = new ArrayList<>();

  private Map<String, Double> of(Map<String, ? extends Number> values) {
    return GivenMetrics.of(values, ignored::add);
  }

  @Test
  void numbersOfAnyKindAreDoubles() {
    assertThat(of(Map.of("a", 1, "b", 2L, "c", 0.5f, "d", new BigDecimal("1e400"))))
        .isEqualTo(Map.of("a", 1.0, "b", 2.0, "c", 0.5, "d", Double.POSITIVE_INFINITY));
    assertThat(ignored).isEmpty();
  }

  @Test
  void aNullCostsItselfAlone() {
    Map<String, Double> values = new HashMap<>();
    values.put("loss", 0.5);
    values.put("f1", null);
    values.put(null, 1.0);

    assertThat(of(values)).isEqualTo(Map.of("loss", 0.5));
    assertThat(ignored).containsExactly("a null name or value", "a null name or value");
  }

  @Test
  void aNumberThatThrowsCostsItselfAlone() {
    Number broken =
        new Number() {
          @Override
          public int intValue() {
            return 0;
          }

          @Override
          public long longValue() {
            return 0;
          }

          @Override
          public float floatValue() {
            return 0;
          }

          @Override
          public double doubleValue() {
            throw new ArithmeticException("not today");
          }
        };

    assertThat(of(Map.of("loss", 0.5, "broken", broken))).isEqualTo(Map.of("loss", 0.5));
    assertThat(ignored).hasSize(1);
  }

  @Test
  void aMapThatFailsKeepsWhatItGave() {
    Map<String, Double> failing =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, Double>> entrySet() {
            throw new IllegalStateException("closed");
          }
        };

    assertThat(of(failing)).isEmpty();
    assertThat(ignored).hasSize(1);
  }

  @Test
  void halvesOfSurrogatePairsInNamesAreReplaced() {
    assertThat(of(Map.of("a\ud800", 1.0))).containsOnlyKeys("a\ufffd");
  }
}
