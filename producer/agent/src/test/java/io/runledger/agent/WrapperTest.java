package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.client.RunOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is recorded of a command's start. */
class WrapperTest {

  private static Wrapper wrapper(Map<String, String> parts) {
    return new Wrapper(
        parts,
        Map.of("lr", "0.1", "model", "cnn"),
        List.of("night"),
        Optional.of("a try"),
        OptionalLong.of(500),
        OptionalInt.of(10));
  }

  @Test
  void allThatWasTypedIsRecorded() {
    RunOptions run = wrapper(Map.of("project", "p", "name", "n")).options(List.of("/bin/train"));

    assertThat(run.project()).contains("p");
    assertThat(run.name()).contains("n");
    assertThat(run.config().get("lr")).isEqualTo(0.1);
    assertThat(run.config().get("model")).isEqualTo("cnn");
    assertThat(run.tags()).containsExactly("night");
    assertThat(run.notes()).contains("a try");
    assertThat(run.resumedFromStep()).hasValue(500);
    assertThat(run.command()).contains("train");
  }

  @Test
  void aNameThatMakesNoSenseIsRefusedBeforeAnythingRuns() {
    assertThatThrownBy(() -> wrapper(Map.of("seed", "one")).options(List.of("/bin/train")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'one'");
  }

  @Test
  void aPartIsAVariableInCapitals() {
    assertThat(Wrapper.environmentName("cl_info")).isEqualTo("RUNLEDGER_CL_INFO");
  }
}
