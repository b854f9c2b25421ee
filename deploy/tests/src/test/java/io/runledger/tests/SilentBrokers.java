package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.client.sender.DrainReport;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.RunKey;
import io.runledger.stack.LocalStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A job logs while its broker refuses, has no address, is out of reach, accepts and says nothing,
 * or is stopped. No call waits for it, the job ends in time, and everything arrives later.
 */
final class SilentBrokers implements Scenario {

  /** The budget of a call that is not slowed by the machine; of one in a thousand, none is. */
  private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final Map<String, Double> METRICS =
      Map.of("loss", .25, "accuracy", .5, "f1", .75, "rate", 1e-3, "norm", 2.0);

  private final List<String> figures = new ArrayList<>();

  @Override
  public String name() {
    return "silent-brokers";
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int calls = laboratory.times(10_000, 100_000);
    Path spool = laboratory.directory().resolve("spool");
    long run = 0;
    try (LocalStack stack = laboratory.stack();
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ServerSocket rude = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      hangUpOn(rude);
      Map<String, String> brokers = new LinkedHashMap<>();
      brokers.put("nobody listens", "127.0.0.1:1");
      brokers.put("no address", "no-such-host.invalid:9092");
      brokers.put("out of reach", "192.0.2.1:9092");
      brokers.put("accepts, silent", "127.0.0.1:" + silent.getLocalPort());
      brokers.put("accepts, hangs up", "127.0.0.1:" + rude.getLocalPort());
      brokers.put("stopped", stack.bootstrapServers());
      measured(laboratory, spool, Map.of(Setting.SENDER_ENABLED.key(), "false"), run++, calls);
      long reference =
          measured(laboratory, spool, Map.of(Setting.SENDER_ENABLED.key(), "false"), run++, calls);
      figures.add("no sender: p99.9 %d us".formatted(reference / 1_000));
      stack.broker().pause();
      for (Map.Entry<String, String> broker : brokers.entrySet()) {
        long slow =
            measured(
                laboratory,
                spool,
                Map.of(Setting.BOOTSTRAP_SERVERS.key(), broker.getValue()),
                run++,
                calls);
        figures.add("%s: p99.9 %d us".formatted(broker.getKey(), slow / 1_000));
        assertThat(slow)
            .as("p99.9 in ns, %s", figures)
            .isLessThan(Math.max(BUDGET_NANOS, 5 * reference));
      }
      stack.broker().resume();
      stack.awaitReady();
      System.out.println("log(): " + String.join("; ", figures));
      long events = arrived(laboratory, stack, spool, run, calls);
      return new Tally(brokers.size(), events, 0, 0);
    }
  }

  private static long arrived(
      Laboratory laboratory, LocalStack stack, Path spool, long runs, int calls) throws Exception {
    DrainReport drained =
        SpoolDrain.send(
            spool,
            configuration(
                laboratory,
                spool,
                Map.of(
                    Setting.BOOTSTRAP_SERVERS.key(), stack.bootstrapServers(),
                    Setting.SCHEMA_REGISTRY_URL.key(), stack.registryUrl())),
            Duration.ofMinutes(5));
    assertThat(drained.complete()).as(drained.toString()).isTrue();
    try (ServiceProcess service = ServiceProcess.start(laboratory.directory(), stack)) {
      service.awaitCaughtUp();
      assertThat(Ledgers.count(service.database(), "metric_points"))
          .isEqualTo(runs * calls * METRICS.size());
      assertThat(Ledgers.count(service.database(), "runs WHERE status = 'completed'"))
          .isEqualTo(runs);
      assertThat(Ledgers.count(service.database(), "stream_gaps")).isZero();
    }
    return runs * calls;
  }

  /** Logs; the time in ns within which 99.9 of 100 calls returned. */
  private static long measured(
      Laboratory laboratory, Path spool, Map<String, String> settings, long seed, int calls)
      throws InterruptedException {
    long[] nanos = new long[calls];
    Watcher watcher = new Watcher(Thread.currentThread());
    watcher.start();
    long ended;
    try (Tracker tracker = Tracker.open(configuration(laboratory, spool, settings))) {
      RunHandle run =
          tracker.start(RunKey.of("faults", "none", "latency", null, null, seed), Map.of());
      for (int i = 0; i < calls; i++) {
        long begun = System.nanoTime();
        run.log(METRICS, At.step(i));
        nanos[i] = System.nanoTime() - begun;
        if (i % 1_000 == 0) {
          TimeUnit.MILLISECONDS.sleep(20);
        }
      }
      ended = System.nanoTime();
      run.close();
    }
    watcher.end();
    assertThat(watcher.seenInKafka).as("the caller was seen inside Kafka's client").hasValue(0);
    assertThat(Duration.ofNanos(System.nanoTime() - ended))
        .as("what closing takes: the setting's 5 s, and what a busy machine adds")
        .isLessThan(Duration.ofSeconds(15));
    Arrays.sort(nanos);
    return nanos[(int) (calls * 0.999)];
  }

  private static Configuration configuration(
      Laboratory laboratory, Path spool, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put(Setting.SPOOL.key(), spool.toString());
    return Configuration.load(
        all, Map.of("HOME", laboratory.directory().toString()), Optional.empty());
  }

  private static void hangUpOn(ServerSocket rude) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  Socket caller = rude.accept();
                  caller.close();
                }
              } catch (IOException closed) {
                System.out.println("Nobody is hung up on any more: " + closed.getMessage());
              }
            },
            "rude");
    thread.setDaemon(true);
    thread.start();
  }

  /** Looks at what a thread is doing, again and again. */
  private static final class Watcher extends Thread {
    private final Thread watched;
    private volatile boolean ended;
    private final AtomicInteger seenInKafka = new AtomicInteger();

    Watcher(Thread watched) {
      super("watcher");
      this.watched = watched;
    }

    @Override
    public void run() {
      while (!ended) {
        boolean inKafka =
            Arrays.stream(watched.getStackTrace())
                .anyMatch(frame -> frame.getClassName().startsWith("org.apache.kafka."));
        if (inKafka) {
          seenInKafka.incrementAndGet();
        }
        try {
          TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    void end() throws InterruptedException {
      ended = true;
      join();
    }
  }
}
