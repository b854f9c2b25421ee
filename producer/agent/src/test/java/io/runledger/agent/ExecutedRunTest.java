package io.runledger.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.client.RunOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which name a wrapped command's run gets: what was said goes over what surrounds it. */
class ExecutedRunTest {

  private static final List<String> COMMAND = List.of("/usr/bin/train.sh", "--fast");
  private static final Map<String, String> JOB =
      Map.of("SLURM_JOB_NAME", "night", "SLURM_JOB_ID", "7", "SLURM_CLUSTER_NAME", "alpha");

  private static RunOptions run(Map<String, String> parts, Map<String, String> environment) {
    return ExecutedRun.of(parts, COMMAND, environment).build();
  }

  @Test
  void whereNothingIsSaidTheProgramNamesTheRun() {
    RunOptions run = run(Map.of(), Map.of());

    assertThat(run.project()).contains("default");
    assertThat(run.name()).contains("train.sh");
    assertThat(run.command()).contains("train.sh");
    assertThat(run.key()).isEmpty();
    assertThat(run.instance()).as("each start is another run").isEmpty();
    assertThat(ExecutedRun.isNamed(Map.of())).isFalse();
  }

  @Test
  void theJobsNameGoesOverTheProgramsAndAGivenOneOverBoth() {
    assertThat(run(Map.of(), JOB).name()).contains("night");
    assertThat(run(Map.of("name", "mine", "project", "p"), JOB).name()).contains("mine");
    assertThat(run(Map.of("name", "mine", "project", "p"), JOB).project()).contains("p");
    assertThat(ExecutedRun.isNamed(Map.of("name", "mine"))).isTrue();
  }

  @Test
  void anyPartOfAKeyMakesAKeyWhateverTheJobIsCalled() {
    RunOptions run = run(Map.of("experiment", "7", "seed", "3", "project", "p"), JOB);

    assertThat(run.key()).isPresent();
    assertThat(run.instance()).as("the key says which run it is").isEmpty();
    assertThat(run.project()).contains("p");
  }

  @Test
  void aSeedThatIsNotANumberIsRefused() {
    assertThatThrownBy(() -> run(Map.of("seed", "x3"), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The seed must be a whole number, not 'x3'.");
  }

  @Test
  void aJobThatIsRequeuedContinuesItsRunAndNoOtherDoes() {
    Map<String, String> requeued =
        Map.of(
            "SLURM_JOB_NAME", "night",
            "SLURM_JOB_ID", "7",
            "SLURM_CLUSTER_NAME", "alpha",
            "SLURM_RESTART_COUNT", "1");
    Map<String, String> next =
        Map.of("SLURM_JOB_NAME", "night", "SLURM_JOB_ID", "8", "SLURM_CLUSTER_NAME", "alpha");
    Map<String, String> elsewhere =
        Map.of("SLURM_JOB_NAME", "night", "SLURM_JOB_ID", "7", "SLURM_CLUSTER_NAME", "beta");
    Map<String, String> otherRank =
        Map.of(
            "SLURM_JOB_NAME", "night",
            "SLURM_JOB_ID", "7",
            "SLURM_CLUSTER_NAME", "alpha",
            "SLURM_PROCID", "1");

    assertThat(run(Map.of(), JOB).instance()).isPresent();
    assertThat(run(Map.of(), requeued).instance()).isEqualTo(run(Map.of(), JOB).instance());
    assertThat(
            List.of(
                run(Map.of(), JOB).instance(),
                run(Map.of(), next).instance(),
                run(Map.of(), elsewhere).instance(),
                run(Map.of(), otherRank).instance(),
                run(Map.of("project", "p"), JOB).instance()))
        .doesNotHaveDuplicates();
  }
}
