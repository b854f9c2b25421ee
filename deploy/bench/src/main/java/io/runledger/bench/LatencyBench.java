package io.runledger.bench;

import static java.util.stream.Collectors.joining;

import io.runledger.bench.figures.Figure;
import io.runledger.bench.figures.Numbers;
import io.runledger.bench.load.BenchEnvironment;
import io.runledger.bench.load.BenchStore;
import io.runledger.bench.load.FinishedDatabase;
import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.service.ConsumerService;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The time from log() until a query of the database returns the point. */
final class LatencyBench implements Benchmark {

  private static final String WORD = "latency";
  private static final int JOBS = 10;

  /**
   * Not counted: a new job connects once, and Java compiles what a service of weeks has compiled.
   */
  private static final int WARM_UP_SECONDS = 10;

  private static final int METRICS = 5;

  private static final TopicPartition BARE = new TopicPartition("runledger-bench-bare", 0);

  @Override
  public void run(Session session) throws SQLException, InterruptedException {
    int rate = session.options().rate();
    int seconds = WARM_UP_SECONDS + session.options().seconds();
    int callsPerJob = Math.max(2, rate * seconds / METRICS / JOBS);
    session.progress("latency at %,d points/s for %d s", rate, seconds);
    Configuration configuration = session.environment().configuration(WORD);
    Latencies ours;
    try (ConsumerService service = ConsumerService.start(configuration)) {
      ServiceFigures.awaitRunning(service);
      // What other benches put there is applied first.
      try (FinishedDatabase database = FinishedDatabase.open(session.store(), configuration)) {
        database.awaitOffsets(session.environment().offsets());
      }
      ours =
          new Jobs(session.store(), configuration, callsPerJob, rate)
              .latencies(callsPerJob * WARM_UP_SECONDS / seconds);
    }
    double[] bare = bare(session.environment(), callsPerJob * JOBS / 10, 0.1 * rate / METRICS);
    session.add(
        Figure.of(WORD, "the first log() of ten new jobs", Numbers.median(ours.first) / 1e6, "ms"));
    session.add(
        figure("log() to visible in SQL, p50", ours.steady, bare, 0.5)
            .within(Figure.Budget.atMost(150)));
    session.add(
        figure("log() to visible in SQL, p99", ours.steady, bare, 0.99)
            .within(Figure.Budget.atMost(500)));
    session.add(figure("log() to visible in SQL, p99.9", ours.steady, bare, 0.999));
  }

  private static Figure figure(String name, double[] ours, double[] bare, double part) {
    return Figure.of(WORD, name, Numbers.percentile(ours, part) / 1e6, "ms")
        .beside("bare producer to bare consumer", Numbers.percentile(bare, part) / 1e6);
  }

  /** Nanoseconds: of the first call of each job, and of all calls after the warm-up. */
  private static final class Latencies {
    private final double[] first;
    private final double[] steady;

    Latencies(double[] first, double[] steady) {
      this.first = first;
      this.steady = steady;
    }
  }

  /** Ten jobs that log at a steady rate, and one reader that queries all the time. */
  private static final class Jobs {
    private final BenchStore store;
    private final Configuration configuration;
    private final int calls;
    private final double callsPerSecond;
    private final long[][] loggedAt;
    private final long[][] seenAt;

    Jobs(BenchStore store, Configuration configuration, int calls, int rate) {
      this.store = store;
      this.configuration = configuration;
      this.calls = calls;
      this.callsPerSecond = (double) rate / METRICS / JOBS;
      this.loggedAt = new long[JOBS][calls];
      this.seenAt = new long[JOBS][calls];
    }

    Latencies latencies(int warmUpCalls) throws SQLException, InterruptedException {
      Map<Long, Integer> jobs = new HashMap<>();
      try (Tracker tracker = Tracker.open(configuration)) {
        Thread[] threads = new Thread[JOBS];
        for (int job = 0; job < JOBS; job++) {
          RunHandle run =
              tracker.start(RunKey.of("bench", "latency", "job", null, null, (long) job), Map.of());
          jobs.put(run.runId().value(), job);
          int number = job;
          threads[job] = new Thread(() -> log(run, number), "runledger-bench-job-" + job);
          threads[job].start();
        }
        watch(jobs);
        for (Thread thread : threads) {
          thread.join();
        }
      }
      double[] first = new double[JOBS];
      double[] steady = new double[JOBS * (calls - warmUpCalls)];
      int next = 0;
      for (int job = 0; job < JOBS; job++) {
        first[job] = seenAt[job][0] - loggedAt[job][0];
        for (int call = warmUpCalls; call < calls; call++) {
          steady[next] = seenAt[job][call] - loggedAt[job][call];
          next++;
        }
      }
      return new Latencies(first, steady);
    }

    private void log(RunHandle run, int job) {
      long begun = System.nanoTime();
      try (run) {
        for (int call = 0; call < calls; call++) {
          awaitTurn(begun, call, callsPerSecond);
          loggedAt[job][call] = System.nanoTime();
          run.log(
              Map.of(
                  "loss", 1.0 / (call + 1),
                  "val/loss", 1.1 / (call + 1),
                  "accuracy", call % 100 / 100.0,
                  "grad_norm", call % 77 / 7.0,
                  "learning_rate", 1e-3),
              At.step(call));
        }
      }
    }

    private void watch(Map<Long, Integer> jobs) throws SQLException, InterruptedException {
      int[] seen = new int[JOBS];
      int left = JOBS * calls;
      String sql =
          "SELECT run_id, last_step FROM metric_summaries WHERE name = 'loss' AND run_id IN (%s)"
              .formatted(jobs.keySet().stream().map(String::valueOf).collect(joining(", ")));
      try (Connection connection = store.connect(configuration.get(Setting.DB));
          PreparedStatement last = connection.prepareStatement(sql)) {
        while (left > 0) {
          try (ResultSet rows = last.executeQuery()) {
            long now = System.nanoTime();
            while (rows.next()) {
              int job = jobs.get(rows.getLong(1));
              int reached = rows.getInt(2) + 1;
              while (seen[job] < reached) {
                seenAt[job][seen[job]] = now;
                seen[job]++;
                left--;
              }
            }
          }
          Thread.sleep(2);
        }
      }
    }
  }

  /** Waits until it is time for the call of this number at this rate. */
  private static void awaitTurn(long begun, int number, double perSecond) {
    long due = begun + (long) (number * 1e9 / perSecond);
    long wait = due - System.nanoTime();
    while (wait > 0) {
      LockSupport.parkNanos(wait);
      wait = due - System.nanoTime();
    }
  }

  /** The way through Kafka alone, with the same compression and the same lingering. */
  private static double[] bare(BenchEnvironment environment, int records, double recordsPerSecond)
      throws InterruptedException {
    double[] nanos = new double[records];
    environment.makeTopic(BARE.topic());
    try (KafkaConsumer<byte[], byte[]> consumer = environment.consumer();
        KafkaProducer<byte[], byte[]> producer = environment.producer()) {
      consumer.assign(List.of(BARE));
      consumer.seekToEnd(List.of(BARE));
      long from = consumer.position(BARE);
      Thread sender =
          new Thread(
              () -> {
                long begun = System.nanoTime();
                for (int i = 0; i < records; i++) {
                  awaitTurn(begun, i, recordsPerSecond);
                  byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(System.nanoTime()).array();
                  var unused =
                      producer.send(
                          new ProducerRecord<>(BARE.topic(), BARE.partition(), null, value));
                }
              },
              "runledger-bench-bare-producer");
      sender.start();
      int seen = 0;
      while (seen < records) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(250))) {
          if (record.offset() >= from) {
            nanos[seen] = System.nanoTime() - ByteBuffer.wrap(record.value()).getLong();
            seen++;
          }
        }
      }
      sender.join();
    } finally {
      environment.deleteTopics(Set.of(BARE.topic()));
    }
    return nanos;
  }
}
