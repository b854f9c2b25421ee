package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.contract.Events;
import io.runledger.contract.Extremes;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.sqlite.file.CanonicalDump;
import io.runledger.tests.HostileLines.SpoolFile;
import io.runledger.tests.HostileRecords.Hostile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/**
 * Hostile records and lines among those of innocent runs, round after round, each on a ledger of
 * its own: the service continues, the innocent runs have exactly what they logged, every read verb
 * answers, and a rebuild gives the same rows.
 *
 * <p>A round follows from the seed and its number. What it did is in its directory, which stays
 * when it fails.
 */
class FuzzIT {

  private static final long SEED = Long.getLong("runledger.fuzz.seed", 20_261_128L);
  private static final Duration TIME =
      Duration.ofSeconds(Long.getLong("runledger.fuzz.seconds", 300));

  /** The only round, or -1 for as many as there is time for. */
  private static final int ROUND = Integer.getInteger("runledger.fuzz.round", -1);

  /** Of that round the records from this one on, and up to that one. */
  private static final int FROM = Integer.getInteger("runledger.fuzz.from", 0);

  private static final int TO = Integer.getInteger("runledger.fuzz.to", Integer.MAX_VALUE);

  private static final int RECORDS = 1_500;
  private static final int FILES = 8;
  private static final int LINES = 100;
  private static final int INNOCENTS = 6;
  private static final int CALLS = 20;

  private long records;
  private long lines;
  private long verbs;

  @Test
  void whateverSomebodySendsTheOthersHaveTheirRowsAndTheirAnswers() throws Exception {
    System.out.printf("FuzzIT: seed %d, %d s%n", SEED, TIME.toSeconds());
    long begin = System.nanoTime();
    int round = Math.max(ROUND, 0);
    do {
      Path directory = Path.of("target/fuzz", SEED + "-" + round).toAbsolutePath();
      delete(directory);
      Files.createDirectories(directory);
      try {
        round(round, directory);
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            """
            Round %d of seed %d: %s
            Its records, lines, database and logs are in %s.
            Alone: -Drunledger.fuzz.seed=%d -Drunledger.fuzz.round=%d, and for some of its records \
            -Drunledger.fuzz.from=N -Drunledger.fuzz.to=N (a line of records.txt each)"""
                .formatted(round, SEED, e.getMessage(), directory, SEED, round),
            e);
      }
      delete(directory);
      round++;
    } while (ROUND < 0 && System.nanoTime() - begin < TIME.toNanos());
    System.out.printf(
        Locale.ROOT,
        "FuzzIT: seed %d, %d rounds, %,d records, %,d lines, %,d answers in %d s%n",
        SEED,
        ROUND < 0 ? round : 1,
        records,
        lines,
        verbs,
        Duration.ofNanos(System.nanoTime() - begin).toSeconds());
  }

  private void round(int round, Path directory) throws Exception {
    Random random = new Random(SEED * 1_000_003 + round);
    TestLedger ledger = TestLedger.shared(directory);
    try (RawProducer producer = new RawProducer(ledger.configuration());
        ServiceProcess service = ServiceProcess.start(directory, ledger)) {
      List<Hostile> hostile = chosen(new HostileRecords(random, producer).next(RECORDS));
      Files.write(directory.resolve("records.txt"), hostile.stream().map(Hostile::what).toList());
      send(producer, hostile);
      sendLines(random, ledger, directory);
      service.awaitCaughtUp();

      assertInnocent(ledger.database());
      ReadVerbs readers = new ReadVerbs(ledger, random);
      readers.assertAnswer();
      verbs += readers.calls();
      operate(ledger);
      service.awaitCaughtUp();
      if (round % 2 == 1) {
        retryDeadLetters(ledger);
      }
      assertInnocent(ledger.database());
      assertSameWhenRebuilt(ledger, directory);
      assertThat(service.isAlive()).isTrue();
      assertThat(service.terminate()).as(service.output()).isZero();
      assertThat(service.output()).doesNotContain("\tat ");
      Ledgers.assertSound(ledger.database());
    }
  }

  private static List<Hostile> chosen(List<Hostile> all) {
    return all.subList(Math.min(FROM, all.size()), Math.min(TO, all.size() - 1) + 1);
  }

  /** The hostile ones, with the others evenly among them. */
  private void send(RawProducer producer, List<Hostile> hostile) throws Exception {
    List<TrainingHistory.Message> innocent = innocentEvents();
    int sent = 0;
    for (int i = 0; i < hostile.size(); i++) {
      Hostile record = hostile.get(i);
      producer.begin(record.topic(), record.key(), record.value());
      int due = (int) ((long) innocent.size() * (i + 1) / hostile.size());
      for (; sent < due; sent++) {
        TrainingHistory.Message message = innocent.get(sent);
        producer.begin(
            message.topic(),
            message.run().toString().getBytes(StandardCharsets.UTF_8),
            producer.serialized(message));
      }
    }
    producer.flush();
    records += hostile.size() + innocent.size();
  }

  private static Events innocent(long seed) {
    return Events.of(RunKey.of("innocent", "mnist", "cnn", null, null, seed));
  }

  /** One call of each in turn. */
  private static List<TrainingHistory.Message> innocentEvents() {
    List<Events> runs = new ArrayList<>();
    List<TrainingHistory.Message> messages = new ArrayList<>();
    for (long seed = 0; seed < INNOCENTS; seed++) {
      runs.add(innocent(seed));
    }
    runs.forEach(run -> messages.add(message(Topics.RUNS, run, run.started())));
    for (int call = 0; call < CALLS; call++) {
      for (Events run : runs) {
        messages.add(message(Topics.METRICS, run, run.metric("loss", call, 1.0 / (call + 1))));
      }
    }
    runs.forEach(run -> messages.add(message(Topics.RUNS, run, run.results("{\"best\":0.05}"))));
    runs.forEach(run -> messages.add(message(Topics.RUNS, run, run.completed())));
    return messages;
  }

  private static TrainingHistory.Message message(Topics topic, Events run, SpecificRecord event) {
    return new TrainingHistory.Message(topic, run.run(), event);
  }

  /** From two places, with the file of an innocent shell next to them. */
  private void sendLines(Random random, TestLedger ledger, Path directory) throws Exception {
    List<SpoolFile> files =
        new ArrayList<>(
            new HostileLines(random, List.of(Events.ofSeed(1).run(), Events.ofSeed(2).run()))
                .next(FILES, LINES));
    files.add(innocentFile());
    for (String place : List.of("spool", "copy")) {
      Path spool = directory.resolve(place);
      HostileLines.write(files, spool);
      HostileLines.write(files, directory.resolve("kept-" + place));
      Distribution.Result sync = InProcessVerb.run(ledger, List.of("sync", spool.toString()));
      assertThat(sync.code()).as(sync.toString()).isBetween(0, 1);
      assertThat(sync.err()).doesNotContain("\tat ", "--debug");
    }
    lines += 2L * files.stream().mapToInt(file -> file.lines().size()).sum();
  }

  private static SpoolFile innocentFile() {
    List<String> innocent = new ArrayList<>();
    innocent.add(
        "{\"at\":1763917445,\"start\":{\"experiment\":\"innocent\",\"dataset\":\"lines\",\"seed\":1}}");
    for (int call = 0; call < CALLS; call++) {
      innocent.add("{\"metrics\":{\"loss\":%s},\"step\":%d}".formatted(1.0 / (call + 1), call));
    }
    innocent.add("{\"results\":{\"best\":0.05}}");
    innocent.add("{\"status\":\"completed\",\"exit_code\":0}");
    innocent.add("{\"end\":true}");
    return new SpoolFile(
        "innocent.jsonl",
        innocent.stream().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList());
  }

  /** All of them are complete, and each has exactly the points that it logged. */
  private static void assertInnocent(Path database) throws Exception {
    assertThat(
            LedgerSql.single(
                database,
                """
                WITH innocent AS (SELECT * FROM experiment_runs WHERE experiment = 'innocent' AND deleted = 0),
                     points   AS (SELECT m.run_id, count(*) AS points, count(DISTINCT m.step) AS steps,
                                         sum(m.metric_name = 'loss' AND m.value = 1.0 / (m.step + 1)) AS right
                                    FROM metrics m
                                   WHERE m.run_id IN (SELECT run_id FROM innocent)
                                   GROUP BY m.run_id)
                SELECT group_concat(what)
                  FROM (SELECT count(*) || ' runs: ' || r.status || ' ' || r.exit_code || ', '
                               || p.points || ' points, ' || p.right || ' right, ' || p.steps || ' steps, '
                               || r.attempts || ' attempt, '
                               || (SELECT count(*) FROM run_results x WHERE x.run_id = r.run_id) || ' results, '
                               || (SELECT count(*) FROM stream_gaps x WHERE x.run_id = r.run_id) || ' gaps, '
                               || (SELECT sum(dropped_events) FROM run_attempts x WHERE x.run_id = r.run_id) || ' dropped' AS what
                          FROM innocent r
                          LEFT JOIN points p ON p.run_id = r.run_id
                         GROUP BY r.status, r.exit_code, r.attempts, p.points, p.right, p.steps)
                """))
        .isEqualTo(
            "%d runs: completed 0, %d points, %d right, %d steps, 1 attempt, 1 results, 0 gaps, 0 dropped"
                .formatted(INNOCENTS + 1, CALLS, CALLS, CALLS));
  }

  /** What an operator says of runs by whatever they are called. */
  private static void operate(TestLedger ledger) throws Exception {
    String run =
        LedgerSql.single(
            ledger.database(), "SELECT id FROM experiment_runs ORDER BY run_id LIMIT 1");
    String text = Extremes.TEXTS.get(10) + Extremes.TEXTS.get(12);
    for (List<String> words :
        List.of(
            List.of("tag", run, "paper", text),
            List.of("note", run, text),
            List.of("delete", run),
            List.of("restore", run),
            List.of("untag", run, text))) {
      Distribution.Result said = InProcessVerb.run(ledger, words);
      assertThat(said.code()).as("%s: %s", words, said).isZero();
    }
  }

  /** The first few: the service looks once a second for one request. */
  private static void retryDeadLetters(TestLedger ledger) throws Exception {
    List<String> words = new ArrayList<>(List.of("dead-letters", "retry"));
    words.addAll(
        LedgerSql.single(
                ledger.database(),
                "SELECT group_concat(dead_letter_id, char(10)) FROM (SELECT dead_letter_id FROM dead_letters ORDER BY 1 LIMIT 10)")
            .lines()
            .toList());
    Distribution.Result retried = InProcessVerb.run(ledger, words);
    assertThat(retried.code()).as(retried.toString()).isBetween(0, 1);
    assertThat(retried.err()).doesNotContain("\tat ", "--debug");
  }

  private static void assertSameWhenRebuilt(TestLedger ledger, Path directory) throws Exception {
    Ledgers.assertVerified(ledger);
    Path anew = directory.resolve("anew/runledger.db");
    Distribution.Result rebuilt =
        InProcessVerb.run(ledger, List.of("rebuild", "--db", anew.toString()));
    assertThat(rebuilt.code()).as(rebuilt.toString()).isZero();
    assertThat(CanonicalDump.compare(ledger.database(), anew)).isEmpty();
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
