package io.runledger.contract;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One writer of an attempt of a run, as tests make them: numbers its events as a client does, so
 * that a test names only what matters to it. Times follow from attempt and seq.
 */
public final class Events {

  /** When attempt 0 began. */
  public static final Instant DAWN = Instant.parse("2026-01-02T03:04:05Z");

  private final RunId run;
  private final Consumer<RunStarted.Builder> identity;
  private final long attempt;
  private final long writer;
  private final EnumMap<Topics, Long> nextSeq = new EnumMap<>(Topics.class);

  private Events(RunId run, Consumer<RunStarted.Builder> identity, long attempt, long writer) {
    this.run = run;
    this.identity = identity;
    this.attempt = attempt;
    this.writer = writer;
  }

  /** Attempt 1, writer 1 of the run with this key. */
  public static Events of(RunKey key) {
    RunKeyParts parts = key.parts();
    return new Events(RunId.of(key), start -> start.setKey(parts), 1, 1);
  }

  /** Attempt 1, writer 1 of run 7/mnist/cnn/s01/-/SEED. */
  public static Events ofSeed(long seed) {
    return of(RunKey.of("7", "mnist", "cnn", "s01", null, seed));
  }

  /** Attempt 1, writer 1 of a run that has no key. */
  public static Events ofName(String project, String name, UUID instance) {
    return new Events(
        RunId.ofInstance(project, name, instance),
        start -> start.setProject(project).setName(name).setInstanceId(instance.toString()),
        1,
        1);
  }

  /** The first writer of another attempt of the same run. */
  public Events attempt(long attemptId) {
    return new Events(run, identity, attemptId, attemptId * 100);
  }

  /** Another writer of the same attempt. */
  public Events writer(long writerId) {
    return new Events(run, identity, attempt, writerId);
  }

  public RunId run() {
    return run;
  }

  public long attemptId() {
    return attempt;
  }

  public long writerId() {
    return writer;
  }

  private long next(Topics topic, int count) {
    long seq = nextSeq.getOrDefault(topic, 0L);
    nextSeq.put(topic, seq + count);
    return seq;
  }

  private Instant at(long seq) {
    return DAWN.plusSeconds(attempt * 3_600 + seq);
  }

  private RunEvent event(Object kind) {
    long seq = next(Topics.RUNS, 1);
    return RunEvent.newBuilder()
        .setRunId(run.value())
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(at(seq))
        .setEvent(kind)
        .build();
  }

  public RunEvent started() {
    return started(start -> {});
  }

  /** A start with more than the identity. */
  public RunEvent started(Consumer<RunStarted.Builder> more) {
    RunStarted.Builder start = RunStarted.newBuilder();
    identity.accept(start);
    more.accept(start);
    return event(start.build());
  }

  /** Somebody takes part in the attempt, whose start is another one. */
  public RunEvent joined(Consumer<RunStarted.Builder> more) {
    RunStarted.Builder start = RunStarted.newBuilder();
    more.accept(start);
    return event(start.build());
  }

  /** Another name that people read. */
  public RunEvent renamed(String name) {
    return event(RunAnnotated.newBuilder().setName(name).build());
  }

  public RunEvent resumedFrom(long step) {
    return started(start -> start.setResumedFromStep(step));
  }

  public RunEvent status(RunStatus status, StatusSource source) {
    return status(status, source, null);
  }

  public RunEvent status(RunStatus status, StatusSource source, Integer exitCode) {
    return event(
        RunStatusChanged.newBuilder()
            .setStatus(status.word())
            .setSource(source.word())
            .setExitCode(exitCode)
            .setReason(source.word() + " says so")
            .build());
  }

  public RunEvent completed() {
    return status(RunStatus.COMPLETED, StatusSource.JOB, 0);
  }

  public RunEvent results(String json) {
    return event(ResultsRecorded.newBuilder().setResults(json).build());
  }

  public RunEvent artifact(String type, String path) {
    return artifact(type, path, "{\"epoch\":5}");
  }

  public RunEvent artifact(String type, String path, String metadata) {
    return event(
        ArtifactLogged.newBuilder()
            .setArtifactType(type)
            .setFilepath(path)
            .setSizeBytes(42L)
            .setMetadata(metadata)
            .build());
  }

  public RunEvent annotated(String notes, List<String> added, List<String> removed) {
    return event(
        RunAnnotated.newBuilder()
            .setNotes(notes)
            .setTagsAdded(added)
            .setTagsRemoved(removed)
            .build());
  }

  public RunEvent heartbeat(int intervalSeconds) {
    return event(Heartbeat.newBuilder().setIntervalSeconds(intervalSeconds).build());
  }

  public RunEvent dropped(long count) {
    return event(
        EventsDropped.newBuilder()
            .setTopic(TopicNames.DEFAULT.name(Topics.METRICS))
            .setCount(count)
            .setReason("the spool's disk is full")
            .build());
  }

  public RunEvent deleted() {
    return event(RunDeleted.newBuilder().setReason("a mistake").build());
  }

  public RunEvent restored() {
    return event(RunRestored.newBuilder().setReason("no mistake").build());
  }

  /** One call of log() with a step. */
  public static MetricRow call(long step, Map<String, Double> values) {
    return MetricRow.newBuilder()
        .setAt(DAWN.plusSeconds(step))
        .setStep(step)
        .setEpoch((double) Math.floorDiv(step, 10))
        .setValues(values)
        .build();
  }

  /** Calls of log() in one record. */
  public MetricsLogged metrics(MetricRow... calls) {
    return metrics(next(Topics.METRICS, calls.length), List.of(calls));
  }

  /** A log() of one metric with a step. */
  public MetricsLogged metric(String name, long step, double value) {
    return metrics(call(step, Map.of(name, value)));
  }

  /** A record with numbers of the test's own choice. */
  public MetricsLogged metrics(long firstSeq, List<MetricRow> calls) {
    return MetricsLogged.newBuilder()
        .setRunId(run.value())
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setFirstSeq(firstSeq)
        .setRows(calls)
        .build();
  }

  public ErrorLogged error(String type, String message) {
    long seq = next(Topics.ERRORS, 1);
    return ErrorLogged.newBuilder()
        .setRunId(run.value())
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(at(seq))
        .setExceptionType(type)
        .setMessage(message)
        .setTraceback(type + ": " + message + "\n  at train(Train.java:1)")
        .build();
  }

  public SlurmJobObserved slurm(long jobId, String state) {
    long seq = next(Topics.SLURM, 1);
    return SlurmJobObserved.newBuilder()
        .setRunId(run.value())
        .setAttemptId(attempt)
        .setWriterId(writer)
        .setSeq(seq)
        .setAt(at(seq))
        .setCluster("linux")
        .setJobId(jobId)
        .setState(state)
        .setRequested(Map.of("gres", "gpu:1", "mem", "4G"))
        .setStartTime(at(0))
        .build();
  }

  /** The same, with how the job ended and how many seconds after this event. */
  public SlurmJobObserved slurmEnd(long jobId, String state, int signal, Integer secondsLater) {
    SlurmJobObserved job = slurm(jobId, state);
    return SlurmJobObserved.newBuilder(job)
        .setExitCode(signal == 0 ? 1 : 0)
        .setExitSignal(signal)
        .setEndTime(secondsLater == null ? null : job.getAt().plusSeconds(secondsLater))
        .build();
  }

  /** What a job sees of its SLURM job. */
  public static SlurmReference slurmReference(long jobId) {
    return SlurmReference.newBuilder()
        .setCluster("linux")
        .setJobId(jobId)
        .setArrayJobId(jobId - 1)
        .setArrayTaskId(4L)
        .setPartition("gpu")
        .build();
  }
}
