package io.runledger.tests;

import io.runledger.contract.Deliveries;
import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.specific.SpecificRecord;

/**
 * The study of a laboratory, as its ledger has it: methods, data sets, learning rates and seeds on
 * a cluster, with what goes wrong there. The same numbers each time, at times that end now.
 */
final class Study {

  private static final String[] METHODS = {"resnet18", "resnet50", "vit-small", "convnext-tiny"};
  private static final String[] DATA_SETS = {"cifar10", "cifar100", "tiny-imagenet"};
  private static final String[] RATES = {"0.0003", "0.001", "0.003", "0.01", "0.03"};
  private static final int SEEDS = 5;
  private static final int STEP = 50;

  /** Runs that are delivered together. */
  private static final int BATCH = 200;

  private static final String OUT_OF_MEMORY = "torch.OutOfMemoryError";
  private static final String NOT_FINITE = "FloatingPointError";
  private static final String KEY = "KeyError";

  private final Projection projection;
  private final Instant now;
  private final int calls;

  /**
   * @param calls log calls of a whole training; with one, a run is little more than that
   */
  Study(Projection projection, int calls) {
    this.projection = projection;
    this.now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    this.calls = calls;
  }

  /** Delivers the runs with these numbers, of which the last ones are the newest. */
  void deliver(int from, int to) {
    List<SpecificRecord> events = new ArrayList<>();
    for (int number = from; number < to; number++) {
      // A whole training takes six seconds a call, and the newest has just ended.
      Training training =
          new Training(number, now.minusSeconds(1_200L + 7L * calls + 240L * (to - number)));
      training.whole(events);
      if (number % BATCH == BATCH - 1) {
        Deliveries.deliver(projection, events);
        events.clear();
      }
    }
    Deliveries.deliver(projection, events);
  }

  /** A training that has just begun, with what it has logged in its first calls. */
  Training live(int number, int callsBefore) {
    Training training = new Training(number, now.minusSeconds(6L * callsBefore));
    List<SpecificRecord> events = new ArrayList<>(List.of(training.start(0)));
    events.add(training.log(callsBefore));
    events.add(training.heartbeat());
    Deliveries.deliver(projection, events);
    return training;
  }

  /** One run of the study, which a test may let train by itself. */
  final class Training {

    private final int number;
    private final SplittableRandom random;
    private final RunKey key;
    private final RunId run;
    private final String method;
    private final double rate;
    private final Instant began;
    private long attempt;
    private Instant at;
    private int call;
    private long seq;
    private long metricSeq;

    private Training(int number, Instant began) {
      this.number = number;
      // Not java.util.Random: the first numbers of neighbouring seeds are nearly the same there.
      random = new SplittableRandom(1_000_003L * number + 7);
      int cell = number / SEEDS;
      method = METHODS[cell % METHODS.length];
      String word = RATES[cell / METHODS.length % RATES.length];
      rate = Double.parseDouble(word);
      int grid = METHODS.length * RATES.length;
      String data = DATA_SETS[cell / grid % DATA_SETS.length];
      String experiment = "augment-" + (1 + cell / grid / DATA_SETS.length);
      key = RunKey.of(experiment, data, method, "lr" + word, null, (long) (1 + number % SEEDS));
      run = RunId.of(key);
      this.began = began;
      at = began;
      attempt = id(began);
    }

    /** An id of what begins then, as those of clients are: ordered by time. */
    private long id(Instant time) {
      return (time.toEpochMilli() << 21) + 4L * (number % 100_000);
    }

    RunId run() {
      return run;
    }

    private String node() {
      return "node%02d".formatted(1 + number % 12);
    }

    /** How it ends badly; null for most. */
    private String failure() {
      if (rate >= 3e-2 && method.startsWith("vit")) {
        return NOT_FINITE;
      }
      if (node().equals("node07") && method.equals("convnext-tiny")) {
        return OUT_OF_MEMORY;
      }
      return number % 41 == 17 ? KEY : null;
    }

    private void whole(List<SpecificRecord> events) {
      String failure = failure();
      if (calls == 1) {
        events.add(start(0));
        events.add(log(1));
        events.add(status(failure == null ? "completed" : "failed", 0, failure));
        return;
      }
      boolean requeued = number % 13 == 4;
      boolean timeout = failure == null && number % 37 == 9;
      events.add(start(0));
      if (requeued) {
        events.add(log(calls * 2 / 5));
        seq = 0;
        metricSeq = 0;
        call -= calls / 20;
        at = at.plusSeconds(900);
        attempt = id(at);
        events.add(start(1));
      }
      int left = failure == null && !timeout ? calls - call : (calls - call) * 2 / 3;
      events.add(log(Math.max(1, left)));
      events.add(heartbeat());
      String state = "COMPLETED";
      if (failure != null) {
        state = failure.equals(OUT_OF_MEMORY) ? "OUT_OF_MEMORY" : "FAILED";
        events.add(error(failure));
        events.add(status("failed", 1, failure + ": " + message(failure)));
      } else if (timeout) {
        state = "TIMEOUT";
      } else {
        events.add(
            event(
                new ResultsRecorded(
                    "{\"test\":{\"accuracy\":%.4f,\"loss\":%.4f},\"epochs\":%d,\"parameters\":%d}"
                        .formatted(
                            accuracy(call), loss(call) * 1.1, call * STEP / 390, 11_173_962))));
        events.add(
            event(
                new ArtifactLogged(
                    "model",
                    "/scratch/augment/%s/best.pt".formatted(run),
                    44_730_000L + number,
                    "%064x".formatted(number * 7_919L),
                    "{\"epoch\":%d}".formatted(call * STEP / 390))));
        events.add(status("completed", 0, null));
      }
      events.add(observed(state, requeued ? 1 : 0));
      if (number % 29 == 3) {
        events.add(
            event(
                RunAnnotated.newBuilder()
                    .setNotes("Figure 3 of the paper. The dip at the start is the warm-up.")
                    .setTagsAdded(List.of("paper"))
                    .build()));
      }
    }

    RunEvent start(int restarts) {
      RunStarted.Builder start =
          RunStarted.newBuilder()
              .setKey(key.parts())
              .setConfig(config())
              .setTags(List.of("grid"))
              .setHost(node())
              .setUser("ada")
              .setPid(4_000L + number)
              .setCommand("python train.py")
              .setGitCommit("9f3c1d70be5a24e86f0d7c95a1b3e862d4570c1f")
              .setGitDirty(number % 50 == 0)
              .setSlurm(
                  SlurmReference.newBuilder()
                      .setCluster("lab")
                      .setJobId(job())
                      .setArrayJobId(88_000L)
                      .setArrayTaskId((long) number)
                      .setRestartCount(restarts)
                      .setPartition("gpu")
                      .setJobName("augment")
                      .setNodes(node())
                      .build());
      if (restarts > 0) {
        start.setResumedFromStep((long) call * STEP);
      }
      return event(start.build());
    }

    private long job() {
      return 90_000L + number;
    }

    private String config() {
      return """
          {"optimizer":{"name":"adamw","lr":%s,"weight_decay":0.05,"betas":[0.9,0.999]},\
          "schedule":{"name":"cosine","warmup_steps":500},"model":{"name":"%s","drop_path":%s},\
          "data":{"batch_size":%d,"augment":["flip","crop","color"],"workers":8},"epochs":%d,\
          "amp":true}"""
          .formatted(
              rate,
              method,
              method.startsWith("resnet") ? "0.0" : "0.1",
              method.equals("resnet50") ? 256 : 128,
              Math.max(1, calls * STEP / 390));
    }

    /** The next calls of log(), in one record. */
    MetricsLogged log(int count) {
      List<MetricRow> rows = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        rows.add(row());
      }
      long first = metricSeq;
      metricSeq += count;
      return new MetricsLogged(run.value(), attempt, writer(), first, rows);
    }

    private MetricRow row() {
      long step = (long) call * STEP;
      Map<String, Double> values = new LinkedHashMap<>();
      double spike = random.nextInt(Math.max(20, calls)) == 0 ? 4 : 1;
      values.put("train/loss", loss(call) * (1 + 0.08 * random.nextGaussian()) * spike);
      if (call % 4 == 3) {
        values.put(
            "val/loss",
            NOT_FINITE.equals(failure()) && call > calls / 2
                ? Double.NaN
                : loss(call) * 1.08 + overfit());
        values.put("val/accuracy", accuracy(call));
      }
      if (calls > 20) {
        values.put("train/accuracy", Math.min(1, accuracy(call) * 1.04));
        values.put("optimizer/lr", rate * warmth());
        values.put("optimizer/grad_norm", Math.exp(0.4 * random.nextGaussian()));
        values.put("system/gpu_utilization", 86 + 6 * random.nextGaussian());
        values.put("system/gpu_memory_gb", 18 + number % 7 + (call > 5 ? 3.2 : 0));
      }
      at = at.plusMillis(5_500 + random.nextInt(1_000));
      MetricRow row =
          new MetricRow(
              at, step, step / 390.0, (at.toEpochMilli() - began.toEpochMilli()) / 1e3, values);
      call++;
      return row;
    }

    private double warmth() {
      double done = call / (double) calls;
      return Math.min(1, call * STEP / 500.0) * 0.5 * (1 + Math.cos(Math.PI * done));
    }

    /** How far off the best rate it is, which the methods do not share. */
    private double distance() {
      double best = method.startsWith("resnet") ? -2.3 : -3;
      return Math.abs(Math.log10(rate) - best) + number % SEEDS * 0.03;
    }

    private double loss(int atCall) {
      double done = (atCall + 1) / (double) calls;
      return 0.18 + 0.16 * distance() + 2.1 * Math.exp(-done * (7 - 1.6 * distance()));
    }

    private double overfit() {
      double done = call / (double) calls;
      return 0.12 * done * done + 0.01 * random.nextGaussian();
    }

    private double accuracy(int atCall) {
      return Math.max(0.1, 1 - 0.38 * loss(atCall) + 0.004 * random.nextGaussian());
    }

    /** It is alive, and says so again within half a minute. */
    RunEvent heartbeat() {
      return event(new Heartbeat(30));
    }

    RunEvent status(String word, int exitCode, String reason) {
      return event(
          RunStatusChanged.newBuilder()
              .setStatus(word)
              .setExitCode(exitCode)
              .setReason(reason)
              .setSource("job")
              .build());
    }

    private String message(String failure) {
      return switch (failure) {
        case OUT_OF_MEMORY ->
            "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has 23.6 GiB, of which %d MiB are free."
                .formatted(100 + number % 3 * 50);
        case NOT_FINITE -> "loss is not finite";
        default -> "'label_smoothing'";
      };
    }

    /** An exception of this type, as its first one. */
    ErrorLogged error(String failure) {
      return ErrorLogged.newBuilder()
          .setRunId(run.value())
          .setAttemptId(attempt)
          .setWriterId(writer())
          .setSeq(0)
          .setAt(at)
          .setStep((long) call * STEP)
          .setExceptionType(failure)
          .setMessage(message(failure))
          .setTraceback(
              """
              Traceback (most recent call last):
                File "train.py", line 212, in <module>
                  main(parse())
                File "train.py", line 148, in main
                  loss = criterion(model(images), labels)
              %s: %s"""
                  .formatted(failure, message(failure)))
          .build();
    }

    /** What the scheduler says in the end. */
    SlurmJobObserved observed(String state, int restarts) {
      return SlurmJobObserved.newBuilder()
          .setRunId(run.value())
          .setAttemptId(attempt)
          .setWriterId(writer() + 1)
          .setSeq(0)
          .setAt(at)
          .setCluster("lab")
          .setJobId(job())
          .setArrayJobId(88_000L)
          .setArrayTaskId((long) number)
          .setSubmitTime(began.minusSeconds(420))
          .setRestartCount(restarts)
          .setState(state)
          .setExitCode(state.equals("COMPLETED") || state.equals("TIMEOUT") ? 0 : 1)
          .setJobName("augment")
          .setNodes(node())
          .setPartition("gpu")
          .setAccount("vision")
          .setRequested(Map.of("cpu", "8", "mem", "64G", "gres/gpu", "1"))
          .setAllocated(Map.of("cpu", "8", "mem", "64G", "gres/gpu", "1", "billing", "8"))
          .setStartTime(began)
          .setEndTime(at.plusSeconds(5))
          .setTimeLimitSeconds(7_200L)
          .build();
    }

    private long writer() {
      return attempt + 1;
    }

    private RunEvent event(SpecificRecord kind) {
      return new RunEvent(run.value(), attempt, writer(), seq++, at, kind);
    }
  }
}
