package io.runledger.spool.values;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a configuration becomes on its way to JSON. */
class PlainValuesTest {

  @Test
  void keysOfOneTextDoNotCostEachOtherTheirValues() {
    Map<Object, Object> values = new LinkedHashMap<>();
    values.put(1, "number");
    values.put("1", "text");
    values.put("(2) 1", "taken");
    values.put(1L, "long");

    assertThat(PlainValues.of(values))
        .containsExactly(
            Map.entry("1", "number"),
            Map.entry("(2) 1", "text"),
            Map.entry("(2) (2) 1", "taken"),
            Map.entry("(3) 1", "long"));
  }
}
