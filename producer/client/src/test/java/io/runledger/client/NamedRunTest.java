package io.runledger.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.Configuration;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.RunStarted;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which run some options name. */
class NamedRunTest {

  private static final RunKey KEY = RunKey.of("7", "mnist", "cnn", "s01", null, 1L);

  @Test
  void theSameKeyIsTheSameRunEverywhere() {
    NamedRun run = NamedRun.of(RunOptions.builder(KEY).build());

    assertThat(run.id()).isEqualTo(RunId.of(KEY));
    assertThat(run.instance()).isEmpty();
  }

  @Test
  void withoutAKeyEachRunIsANewOne() {
    RunOptions options = RunOptions.builder("p", "n").build();

    assertThat(NamedRun.of(options).id()).isNotEqualTo(NamedRun.of(options).id());
  }

  @Test
  void withoutAKeyTheInstanceNamesTheRun() {
    UUID instance = UUID.fromString("00000000-0000-0000-0000-000000000001");
    RunOptions options = RunOptions.builder("p", "n").instance(instance).build();

    assertThat(NamedRun.of(options).id()).isEqualTo(RunId.ofInstance("p", "n", instance));
  }

  @Test
  void whoGivesNoOptionsGetsARunAllTheSame() {
    assertThat(NamedRun.of(null).instance()).isPresent();
  }

  @Test
  void aStartBearsTheIdentityAndWhatWasGivenWithSecretsMasked() {
    NamedRun run =
        NamedRun.of(
            RunOptions.builder(KEY)
                .config(Map.of("lr", 0.1, "api_key", "hunter2"))
                .tags(List.of("a", "b", "a"))
                .resumedFromStep(7)
                .build());

    RunStarted start =
        run.started(
            StatusSource.JOB,
            Configuration.load(Map.of(), Map.of("HOME", "/"), Optional.empty()),
            Map.of());

    assertThat(start.getKey()).isEqualTo(KEY.parts());
    assertThat(start.getInstanceId()).isNull();
    assertThat(start.getTags()).containsExactly("a", "b");
    assertThat(start.getResumedFromStep()).isEqualTo(7);
    assertThat(start.getPid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(start.getConfig()).contains("0.1").doesNotContain("hunter2");
    assertThat(start.getMaskedKeys()).containsExactly("api_key");
    assertThat(start.getSource()).isEqualTo("job");
  }
}
