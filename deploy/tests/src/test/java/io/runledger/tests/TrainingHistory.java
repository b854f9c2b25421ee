package io.runledger.tests;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/**
 * The events of many training runs, the same ones for the same seed: starts, resumes, log calls
 * with five metrics (some NaN), errors, artifacts, results, SLURM observations and ends.
 */
final class TrainingHistory {

  /** One record for Kafka. */
  record Message(Topics topic, RunId run, SpecificRecord value) {}

  private static final int METRICS_PER_CALL = 5;

  private final Random random;
  private final TimeOrderedId ids;
  private final TimeOrderedId idsOfTomorrow;
  private final List<RunRecords> runs = new ArrayList<>();

  private record RunRecords(RunId id, List<Message> others, List<Stream> metrics) {}

  private record Stream(RunId run, long attempt, long writer, List<MetricRow> rows) {}

  TrainingHistory(long seed, int runCount, int pointsPerRun) {
    random = new Random(seed);
    ids = new TimeOrderedId(Clock.systemUTC());
    idsOfTomorrow = new TimeOrderedId(Clock.offset(Clock.systemUTC(), Duration.ofDays(1)));
    for (int run = 0; run < runCount; run++) {
      runs.add(oneRun(run, pointsPerRun / METRICS_PER_CALL));
    }
  }

  /** How many metric points there are in all. */
  long points() {
    return runs.stream()
        .flatMap(run -> run.metrics().stream())
        .flatMap(stream -> stream.rows().stream())
        .mapToLong(row -> row.getValues().size())
        .sum();
  }

  /** All records in the order in which the jobs wrote them, {@code callsPerRecord} calls packed. */
  List<Message> inOrder(int callsPerRecord) {
    List<Message> messages = new ArrayList<>();
    for (RunRecords run : runs) {
      messages.addAll(run.others());
      run.metrics().forEach(stream -> messages.addAll(packed(stream, callsPerRecord)));
    }
    return messages;
  }

  private static List<Message> packed(Stream stream, int callsPerRecord) {
    List<Message> messages = new ArrayList<>();
    for (int first = 0; first < stream.rows().size(); first += callsPerRecord) {
      int end = Math.min(first + callsPerRecord, stream.rows().size());
      messages.add(
          new Message(
              Topics.METRICS,
              stream.run(),
              new MetricsLogged(
                  stream.run().value(),
                  stream.attempt(),
                  stream.writer(),
                  (long) first,
                  List.copyOf(stream.rows().subList(first, end)))));
    }
    return messages;
  }

  private RunRecords oneRun(int number, int calls) {
    RunKey key =
        RunKey.of("7", "mnist", "cnn", number % 3 == 0 ? null : "s" + number, null, (long) number);
    RunId run = RunId.of(key);
    Instant begin = Instant.parse("2026-11-23T08:00:00Z").plusSeconds(number);
    List<Message> others = new ArrayList<>();
    List<Stream> metrics = new ArrayList<>();
    boolean resumed = number % 5 == 0;
    int firstCalls = resumed ? calls / 2 : calls;
    // The first node's clock is a day ahead of those of the others.
    TimeOrderedId clock = resumed ? idsOfTomorrow : ids;
    long attempt = clock.next();
    long writer = clock.next();
    others.add(
        start(
            run,
            key,
            attempt,
            writer,
            begin,
            resumed ? builder -> causes(builder, number, 0, null) : builder -> {}));
    metrics.add(new Stream(run, attempt, writer, rows(begin, 0, firstCalls)));
    if (resumed) {
      long from = firstCalls * 3L / 4;
      long before = attempt;
      attempt = ids.next();
      writer = ids.next();
      others.add(
          start(
              run,
              key,
              attempt,
              writer,
              begin.plusSeconds(3_600),
              builder -> causes(builder.setResumedFromStep(from), number, 1, before)));
      metrics.add(
          new Stream(
              run, attempt, writer, rows(begin.plusSeconds(3_600), from, calls - firstCalls)));
    }
    others.addAll(ending(number, run, attempt, writer, begin.plusSeconds(7_200)));
    return new RunRecords(run, others, metrics);
  }

  /** What says which attempt came first: the job's restarts, a predecessor, or the resume alone. */
  private static void causes(RunStarted.Builder start, int number, int restarts, Long before) {
    if (number % 3 == 0) {
      start.setSlurm(
          SlurmReference.newBuilder()
              .setCluster("lab")
              .setJobId(1_000L + number)
              .setRestartCount(restarts)
              .build());
    } else if (number % 3 == 1) {
      start.setPredecessorAttemptId(before);
    }
  }

  private static Message start(
      RunId run,
      RunKey key,
      long attempt,
      long writer,
      Instant at,
      Consumer<RunStarted.Builder> more) {
    RunStarted.Builder started =
        RunStarted.newBuilder()
            .setKey(key.parts())
            .setConfig("{\"learning_rate\":0.1}")
            .setTags(List.of("grid"))
            .setHost("node" + key.seed().getAsLong() % 4);
    more.accept(started);
    return event(run, attempt, writer, 0, at, started.build());
  }

  private List<Message> ending(int number, RunId run, long attempt, long writer, Instant at) {
    List<Message> messages = new ArrayList<>();
    boolean failed = number % 7 == 3;
    messages.add(
        event(
            run,
            attempt,
            writer,
            1,
            at,
            new ArtifactLogged("model", "out/model-" + number + ".csv", 10L, null, null)));
    messages.add(
        event(run, attempt, writer, 2, at, new ResultsRecorded("{\"best\":" + number + "}")));
    messages.add(
        event(
            run,
            attempt,
            writer,
            3,
            at,
            RunStatusChanged.newBuilder()
                .setStatus(failed ? "failed" : "completed")
                .setExitCode(failed ? 1 : 0)
                .setSource("job")
                .build()));
    if (failed) {
      messages.add(
          new Message(
              Topics.ERRORS,
              run,
              ErrorLogged.newBuilder()
                  .setRunId(run.value())
                  .setAttemptId(attempt)
                  .setWriterId(writer)
                  .setSeq(0)
                  .setAt(at)
                  .setExceptionType("java.lang.ArithmeticException")
                  .setMessage("/ by zero")
                  .setTraceback("at Train.step(Train.java:" + number + ")")
                  .build()));
    }
    if (number % 4 == 1) {
      messages.addAll(observations(number, run, attempt, at));
    }
    return messages;
  }

  private List<Message> observations(int number, RunId run, long attempt, Instant at) {
    long watcher = ids.next();
    List<Message> messages = new ArrayList<>();
    for (String state : List.of("RUNNING", "COMPLETED")) {
      messages.add(
          new Message(
              Topics.SLURM,
              run,
              SlurmJobObserved.newBuilder()
                  .setRunId(run.value())
                  .setAttemptId(attempt)
                  .setWriterId(watcher)
                  .setSeq(messages.size())
                  .setAt(at)
                  .setCluster("lab")
                  .setJobId(1_000L + number)
                  .setState(state)
                  .build()));
    }
    return messages;
  }

  private List<MetricRow> rows(Instant begin, long firstStep, int calls) {
    List<MetricRow> rows = new ArrayList<>(calls);
    for (int call = 0; call < calls; call++) {
      long step = firstStep + call;
      Map<String, Double> values = new LinkedHashMap<>();
      values.put("loss", random.nextInt(200) == 0 ? Double.NaN : Math.exp(-step / 100.0));
      values.put("val/loss", Math.exp(-step / 90.0) + random.nextDouble() / 100);
      values.put("f1", 1 - Math.exp(-step / 80.0));
      values.put("gpu_memory_mb", (double) random.nextInt(16_000));
      values.put("train/batch_loss", random.nextGaussian());
      rows.add(
          new MetricRow(
              begin.plusMillis(step * 10),
              step,
              (double) Math.floorDiv(step, 50),
              step * 0.01,
              values));
    }
    return rows;
  }

  private static Message event(
      RunId run, long attempt, long writer, long seq, Instant at, SpecificRecord kind) {
    return new Message(Topics.RUNS, run, new RunEvent(run.value(), attempt, writer, seq, at, kind));
  }
}
