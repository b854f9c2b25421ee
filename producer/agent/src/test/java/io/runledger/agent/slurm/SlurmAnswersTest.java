package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlurmAnswersTest {

  @Test
  void aRunningTaskOfAnArray() {
    SlurmJob job =
        Squeue.parse(
                "16|15|1|RUNNING|None|1795409492|1795409500|1795413100|1:00:00|node[1-2]|gpu|(null)|normal|a|b\n")
            .get(0);

    assertThat(job.jobId()).isEqualTo(16);
    assertThat(job.arrayJobId()).hasValue(15);
    assertThat(job.arrayTaskId()).hasValue(1);
    assertThat(job.state()).isEqualTo("RUNNING");
    assertThat(job.reason()).isEmpty();
    assertThat(job.startTime()).contains(Instant.ofEpochSecond(1795409500));
    assertThat(job.timeLimitSeconds()).hasValue(3600);
    assertThat(job.nodes()).isEqualTo("node[1-2]");
    assertThat(job.account()).isEmpty();
    assertThat(job.name()).as("the separator is part of it").isEqualTo("a|b");
  }

  @Test
  void aPendingJobHasNoTimes() {
    SlurmJob job =
        Squeue.parse(
                "7|7|N/A|PENDING|BeginTime|1795409492|N/A|N/A|UNLIMITED||gpu|lab|normal|train\n")
            .get(0);

    assertThat(job.arrayJobId()).as("it is no task").isEmpty();
    assertThat(job.reason()).isEqualTo("BeginTime");
    assertThat(job.startTime()).isEmpty();
    assertThat(job.timeLimitSeconds()).isEmpty();
    assertThat(job.nodes()).isEmpty();
  }

  @Test
  void whatIsNoAnswerIsLeftOut() {
    assertThat(Squeue.parse("slurm_load_jobs error: Invalid job id\n\n|||\n15_[3-9]|x\n"))
        .isEmpty();
  }

  @Test
  void tasksThatHaveNotStartedAreNotTheLastOne() {
    assertThat(
            Squeue.parse(
                "15|15|3-9%2|PENDING|Resources|1795409492|N/A|N/A|1:00||gpu|lab|normal|train\n"))
        .isEmpty();
  }

  @Test
  void squeueIsNeverAskedForASingleId() {
    assertThat(Squeue.command(List.of(7L))).contains("7,7");
    assertThat(Squeue.command(List.of(7L, 8L))).contains("7,8");
  }

  @Test
  void theAccountingHasCodesAndResources() {
    List<SlurmJob> jobs =
        Sacct.parse(
            """
            15|15_2|CANCELLED by 1000|0:15|0:0|1795409492|1795409500|1795409560|60|None|node1|gpu|lab|normal|cpu=1,mem=100M|cpu=1,node=1|my|job
            9|9|FAILED|3:0|2:0|1795409492|1795409500|Unknown|Partition_Limit|None|None assigned|gpu|||||x
            """);

    assertThat(jobs).hasSize(2);
    assertThat(jobs.get(0).state()).isEqualTo("CANCELLED by 1000");
    assertThat(jobs.get(0).arrayTaskId()).hasValue(2);
    assertThat(jobs.get(0).exitSignal()).hasValue(15);
    assertThat(jobs.get(0).timeLimitSeconds()).hasValue(3600);
    assertThat(jobs.get(0).requested()).isEqualTo(Map.of("cpu", "1", "mem", "100M"));
    assertThat(jobs.get(0).name()).isEqualTo("my|job");
    assertThat(jobs.get(1).exitCode()).hasValue(3);
    assertThat(jobs.get(1).exitSignal()).isEqualTo(OptionalInt.empty());
    assertThat(jobs.get(1).derivedExitCode()).hasValue(2);
    assertThat(jobs.get(1).endTime()).isEmpty();
    assertThat(jobs.get(1).nodes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "45, 45",
    "5:30, 330",
    "1:00:00, 3600",
    "2-00:00:00, 172800",
    "UNLIMITED, -1",
    "INVALID, -1"
  })
  void timeLimitsAreSeconds(String written, long seconds) {
    assertThat(Words.seconds(written))
        .isEqualTo(seconds < 0 ? OptionalLong.empty() : OptionalLong.of(seconds));
  }
}
