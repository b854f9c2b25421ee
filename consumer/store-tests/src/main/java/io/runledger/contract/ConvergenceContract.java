package io.runledger.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.projection.Projection;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.avro.specific.SpecificRecord;

/** The rows are a function of the set of events, whatever way those take. */
abstract class ConvergenceContract extends Contract {

  private static final List<String> STATES =
      List.of(
          "RUNNING",
          "TIMEOUT",
          "FAILED",
          "CANCELLED by 1000",
          "COMPLETED",
          "REQUEUED",
          "NODE_FAIL",
          "SOMETHING_NEW");

  private static final double[] EPOCHS = {
    0, 1, 2, 2.25, -0.0, -3, Double.NaN, 1e300, 0x1p63, -0x1p63, 1 << 30, Double.NEGATIVE_INFINITY
  };
  private static final double[] VALUES = {
    0.5,
    0.25,
    0.5,
    0.0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    3.0
  };
  private static final String[] NAMES = {"loss", "f1", "val/loss"};

  /** Hours at which attempts began, by the clocks of their nodes, which are up to a day off. */
  private static final long[] ATTEMPTS = {30, 7, 52};

  private static Path directory;

  /** What a writer does next; the numbers choose among the possibilities. */
  record Action(int run, int attempt, int writer, int kind, int number) {}

  @BeforeContainer
  static void makeADirectory() throws IOException {
    directory = Files.createTempDirectory("convergence");
  }

  @AfterContainer
  static void removeTheDirectory() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Property(shrinking = ShrinkingMode.BOUNDED)
  void anyOrderPackingDuplicationAndBatchSizeGivesTheRowsOfTheOracle(
      @ForAll("histories") List<Action> history, @ForAll long seed) throws Exception {
    List<SpecificRecord> events = eventsOf(history);
    TestDatabase straight = database(directory, "straight");
    TestDatabase crooked = database(directory, "crooked");
    try {
      try (Projection projection = straight.open()) {
        projection.claim(Deliveries.OWNER, Deliveries.beginnings());
        assertThat(Deliveries.deliver(projection, events).deadLetters()).isZero();
      }
      deliverCrookedly(crooked, events, new Random(seed));

      assertThat(straight.differencesFrom(crooked)).isEmpty();
      assertThat(OracleDump.of(crooked)).isEqualTo(Oracle.of(events));
    } finally {
      straight.remove();
      crooked.remove();
    }
  }

  @Provide
  Arbitrary<List<Action>> histories() {
    Arbitrary<Action> action =
        Combinators.combine(
                Arbitraries.integers().between(0, 2),
                Arbitraries.integers().between(0, ATTEMPTS.length - 1),
                Arbitraries.integers().between(0, 1),
                Arbitraries.integers().between(0, 20),
                Arbitraries.integers().between(0, 59))
            .as(Action::new);
    return action.list().ofMinSize(1).ofMaxSize(70);
  }

  private static List<SpecificRecord> eventsOf(List<Action> history) {
    Map<String, Events> writers = new LinkedHashMap<>();
    List<SpecificRecord> events = new ArrayList<>();
    for (Action action : history) {
      Events writer =
          writers.computeIfAbsent(
              action.run() + "/" + action.attempt() + "/" + action.writer(),
              any ->
                  run(action.run())
                      .attempt(ATTEMPTS[action.attempt()])
                      .writer(ATTEMPTS[action.attempt()] * 10 + action.writer()));
      events.add(event(writer, action));
    }
    return events;
  }

  private static Events run(int number) {
    return switch (number) {
      case 0 -> Events.ofSeed(0);
      case 1 -> Events.of(RunKey.of(null, null, null, null, "cl", null));
      default -> Events.ofName("vision", "baseline", new UUID(1, number));
    };
  }

  private static SpecificRecord event(Events writer, Action action) {
    int number = action.number();
    return switch (action.kind()) {
      case 0 ->
          writer.started(
              start ->
                  start
                      .setConfig("{\"lr\":" + number % 3 + "}")
                      .setTags(List.of("t" + number % 4))
                      .setNotes(number % 2 == 0 ? "note " + number : null));
      case 1 -> writer.resumedFrom(number % 20);
      case 2 ->
          writer.started(
              start -> start.setConfig("{}").setSlurm(restarted(number % 3 + 1, number / 3 % 4)));
      case 3, 4 ->
          writer.status(
              List.of(RunStatus.values()).get(number % 5),
              List.of(StatusSource.values()).get(number % 5),
              number % 3 == 0 ? number : null);
      case 5 -> writer.error("IllegalStateException", "number " + number);
      case 6 -> writer.artifact("model", "/m/" + number);
      case 7 -> writer.results("{\"best\":" + number + "}");
      case 8 ->
          writer.annotated(
              number % 2 == 0 ? "annotated " + number : null,
              List.of("t" + number % 4),
              List.of("t" + (number + 1) % 4));
      case 9 -> number % 2 == 0 ? writer.deleted() : writer.restored();
      case 10 -> {
        SlurmJobObserved end =
            writer.slurmEnd(
                number % 3 + 1,
                STATES.get(number % STATES.size()),
                number % 2 == 0 ? 0 : 9,
                number % 5 == 0 ? null : number % 300 - 100);
        yield SlurmJobObserved.newBuilder(end).setRestartCount(number / 3 % 4).build();
      }
      case 11 -> number % 2 == 0 ? writer.heartbeat(number) : writer.dropped(number);
      // Also of itself, and of one that nobody knows.
      case 12 ->
          writer.started(
              start -> start.setPredecessorAttemptId(number % 4 == 3 ? 1L : ATTEMPTS[number % 4]));
      // What a wrapper and a job say of one configuration: the same, another value, another key.
      case 13 ->
          writer.joined(
              start ->
                  start
                      .setSource(number % 2 == 0 ? "wrapper" : "job")
                      .setConfig(
                          "{\"lr\":%d,\"o\":{\"k%d\":%d}}"
                              .formatted(number % 3, number % 2, number % 4))
                      .setTags(List.of("j" + number % 2))
                      .setResumedFromStep(number % 5 == 0 ? (long) number : null)
                      .setNotes(number % 3 == 0 ? "joined " + number : null));
      case 14 -> writer.renamed("name " + number);
      default -> writer.metrics(calls(number).toArray(MetricRow[]::new));
    };
  }

  private static SlurmReference restarted(long job, int restarts) {
    return SlurmReference.newBuilder(Events.slurmReference(job)).setRestartCount(restarts).build();
  }

  private static List<MetricRow> calls(int number) {
    List<MetricRow> calls = new ArrayList<>();
    for (int i = 0; i <= number % 4; i++) {
      Map<String, Double> values = new LinkedHashMap<>();
      for (int name = 0; name <= number % 3; name++) {
        values.put(NAMES[name], VALUES[(number + i + name) % VALUES.length]);
      }
      long step = number % 25L + i;
      calls.add(
          MetricRow.newBuilder()
              // Clocks of nodes that are wrong by days, and that go backwards.
              .setAt(Events.DAWN.plusSeconds(step).plus(number % 5 - 2L, ChronoUnit.DAYS))
              .setStep(number % 7 == 0 ? null : step)
              .setEpoch(number % 7 == 0 ? null : (Double) EPOCHS[number % EPOCHS.length])
              .setValues(values)
              .build());
    }
    return calls;
  }

  private static void deliverCrookedly(
      TestDatabase database, List<SpecificRecord> events, Random random) {
    List<SpecificRecord> sent = repacked(events, random);
    int originals = sent.size();
    for (int i = 0; i < originals; i++) {
      if (random.nextInt(3) == 0) {
        sent.add(sent.get(i));
      }
    }
    Collections.shuffle(sent, random);
    Projection projection = database.open();
    try {
      projection.claim(Deliveries.OWNER, Deliveries.beginnings());
      for (int from = 0; from < sent.size(); ) {
        int to = Math.min(sent.size(), from + 1 + random.nextInt(12));
        Deliveries.deliver(projection, sent.subList(from, to));
        from = to;
        if (random.nextInt(6) == 0) {
          // what a process remembers between batches must not matter
          projection.close();
          projection = database.open();
          projection.claim(Deliveries.OWNER, Deliveries.beginnings());
        }
      }
    } finally {
      projection.close();
    }
  }

  /** The same log calls in other records, some of them in two that overlap. */
  private static List<SpecificRecord> repacked(List<SpecificRecord> events, Random random) {
    Map<String, List<MetricRow>> callsByStream = new LinkedHashMap<>();
    Map<String, MetricsLogged> someRecord = new LinkedHashMap<>();
    List<SpecificRecord> result = new ArrayList<>();
    for (SpecificRecord event : events) {
      if (event instanceof MetricsLogged logged) {
        String stream =
            logged.getRunId() + "/" + logged.getAttemptId() + "/" + logged.getWriterId();
        callsByStream.computeIfAbsent(stream, any -> new ArrayList<>()).addAll(logged.getRows());
        someRecord.put(stream, logged);
      } else {
        result.add(event);
      }
    }
    callsByStream.forEach(
        (stream, calls) -> {
          for (int from = 0; from < calls.size(); ) {
            int to = Math.min(calls.size(), from + 1 + random.nextInt(5));
            int overlapping = Math.max(0, from - random.nextInt(3));
            result.add(
                MetricsLogged.newBuilder()
                    .setRunId(someRecord.get(stream).getRunId())
                    .setAttemptId(someRecord.get(stream).getAttemptId())
                    .setWriterId(someRecord.get(stream).getWriterId())
                    .setFirstSeq(overlapping)
                    .setRows(new ArrayList<>(calls.subList(overlapping, to)))
                    .build());
            from = to;
          }
        });
    return result;
  }
}
