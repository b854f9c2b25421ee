package io.runledger.spool.values;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How a call is cut decides the numbers of what follows: every reader has to do the same. */
class WideCallTest {

  private static Map<String, Double> values(int count, int nameLength) {
    Map<String, Double> values = new HashMap<>();
    for (int i = 0; i < count; i++) {
      values.put(
          ("x".repeat(nameLength) + i).substring(0, nameLength - 4) + "%04d".formatted(i), 1.0);
    }
    return values;
  }

  @Test
  void aCallWithoutMetricsIsNone() {
    assertThat(WideCall.split(Map.of())).isEmpty();
  }

  @Test
  void fewMetricsStayTogetherHoweverLongTheirNamesAre() {
    Map<String, Double> few = values(20, 10_000);

    assertThat(WideCall.split(few)).containsExactly(few);
  }

  @Test
  void manyMetricsAreCutInTheOrderOfTheirNamesAndNoneIsLost() {
    Map<String, Double> many = values(1_000, 400);

    List<Map<String, Double>> parts = WideCall.split(many);

    // 1,211 bytes a name, 200,000 a part
    assertThat(parts).hasSize(7);
    assertThat(parts.get(0)).hasSize(165);
    Map<String, Double> together = new TreeMap<>();
    parts.forEach(
        part -> {
          assertThat(together.keySet()).allMatch(name -> name.compareTo(first(part)) < 0);
          together.putAll(part);
        });
    assertThat(together).isEqualTo(many);
  }

  private static String first(Map<String, Double> part) {
    return new TreeMap<>(part).firstKey();
  }

  @Test
  void aNameThatIsLongerThanAPartIsAPartByItself() {
    Map<String, Double> values = values(21, 10);
    values.put("a".repeat(100_000), 2.0);

    List<Map<String, Double>> parts = WideCall.split(values);

    assertThat(parts).hasSize(2);
    assertThat(parts.get(0)).hasSize(1);
  }
}
