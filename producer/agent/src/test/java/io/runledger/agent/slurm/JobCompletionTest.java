package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobCompletionTest {

  @Test
  void aTaskOfAnArrayThatFailed() throws Exception {
    SlurmJob job =
        parse(
            """
            {"jobid":16,"array_job_id":15,"array_task_id":1,"state":"FAILED","exit_code":"3:0","derived_ec":"2:0",
             "@start":"2026-11-23T04:51:32","@end":"2026-11-23T04:51:33","@submit":"2026-11-23T04:51:30",
             "partition":"gpu","nodes":"node1","time_limit":3600,"job_name":"train","tres_req":"cpu=1,mem=100M",
             "tres_alloc":"cpu=1","script":"#!/bin/sh\\nTOKEN=abc"}
            """);

    assertThat(job.jobId()).isEqualTo(16);
    assertThat(job.arrayJobId()).hasValue(15);
    assertThat(job.arrayTaskId()).hasValue(1);
    assertThat(job.exitCode()).hasValue(3);
    assertThat(job.exitSignal()).isEmpty();
    assertThat(job.derivedExitCode()).hasValue(2);
    assertThat(job.endTime()).contains(Instant.parse("2026-11-23T04:51:33Z"));
    assertThat(job.timeLimitSeconds()).as("seconds already").hasValue(3600);
    assertThat(job.requested()).containsEntry("mem", "100M");
    assertThat(job.toString()).as("the script is nobody's business").doesNotContain("TOKEN");
  }

  @Test
  void timesAreThoseOfSlurmctldsZone() throws Exception {
    SlurmJob job =
        JobCompletion.parse(
            bytes("{\"jobid\":1,\"state\":\"COMPLETED\",\"@end\":\"2026-11-23T05:00:00\"}"),
            ZoneId.of("Europe/Berlin"));

    assertThat(job.endTime()).contains(Instant.parse("2026-11-23T04:00:00Z"));
    assertThat(job.arrayJobId()).isEmpty();
  }

  @Test
  void newerVersionsWriteAListOfStates() throws Exception {
    assertThat(parse("{\"jobid\":1,\"state\":[\"TIMEOUT\"]}").state()).isEqualTo("TIMEOUT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"jobid\":1}", "{\"state\":\"FAILED\"}", "{\"jobid\":1,"})
  void whatIsNoneIsRefused(String document) {
    assertThatThrownBy(() -> parse(document))
        .isInstanceOf(JobCompletion.NoCompletionException.class);
  }

  private static SlurmJob parse(String document) throws Exception {
    return JobCompletion.parse(bytes(document), ZoneOffset.UTC);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
