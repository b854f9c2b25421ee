package io.runledger.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class MetricValuesTest {

  private static final List<String> NAMES = List.of("loss", "f1");

  private final MetricValues values = new MetricValues(NAMES, -0.0, Double.NaN);

  @Test
  void itEqualsAnyOtherMapOfTheSame() {
    Map<String, Double> other = Map.of("f1", Double.NaN, "loss", -0.0);

    assertThat(values).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(other).isEqualTo(values);
    assertThat(MetricValues.of(other)).isEqualTo(values);
    assertThat(values).isNotEqualTo(Map.of("f1", Double.NaN, "loss", 0.0));
  }

  @Test
  void whoSharesItsNamesSharesTheList() {
    assertThat(new MetricValues(NAMES, 1, 2).names()).isSameAs(values.names());
    assertThat(MetricValues.of(values)).isSameAs(values);
  }

  @Test
  void aNameThatIsNotThereHasNoValue() {
    assertThat(values.get("val/loss")).isNull();
    assertThat(values.containsKey("val/loss")).isFalse();
    assertThat(values.get("loss")).isEqualTo(-0.0);
  }

  @Test
  void itCannotBeChanged() {
    double[] given = {1, 2};
    MetricValues copied = new MetricValues(NAMES, given);

    given[0] = 7;

    assertThat(copied.value(0)).isEqualTo(1);
    assertThatThrownBy(() -> copied.put("loss", 3.0))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> new MetricValues(List.of()).entrySet().iterator().next())
        .isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void namesComeOnceAndWithOneValueEach() {
    assertThatThrownBy(() -> new MetricValues(NAMES, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 names and 1 values");
    assertThatThrownBy(() -> new MetricValues(List.of("a", "a"), 1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("twice");
  }
}
