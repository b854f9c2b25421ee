package io.runledger.serde;

import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.SlurmJobObserved;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** One plain event of each topic. */
final class Events {

  static final Instant AT = Instant.parse("2026-11-23T08:00:00.000001Z");

  private Events() {}

  static RunEvent annotated(List<String> tags) {
    return RunEvent.newBuilder()
        .setRunId(1)
        .setAttemptId(2)
        .setWriterId(3)
        .setSeq(4)
        .setAt(AT)
        .setEvent(RunAnnotated.newBuilder().setTagsAdded(tags).build())
        .build();
  }

  static MetricsLogged metrics(Map<String, Double> values) {
    return MetricsLogged.newBuilder()
        .setRunId(1)
        .setAttemptId(2)
        .setWriterId(3)
        .setFirstSeq(4)
        .setRows(List.of(MetricRow.newBuilder().setAt(AT).setStep(5L).setValues(values).build()))
        .build();
  }

  static ErrorLogged error() {
    return ErrorLogged.newBuilder()
        .setRunId(1)
        .setAttemptId(2)
        .setWriterId(3)
        .setSeq(4)
        .setAt(AT)
        .setExceptionType("E")
        .setMessage("ü")
        .build();
  }

  static SlurmJobObserved slurm() {
    return SlurmJobObserved.newBuilder()
        .setRunId(1)
        .setAttemptId(2)
        .setWriterId(3)
        .setSeq(4)
        .setAt(AT)
        .setCluster("c")
        .setJobId(9)
        .setState("RUNNING")
        .setAllocated(Map.of("gres/gpu", "1"))
        .build();
  }
}
