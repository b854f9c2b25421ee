package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.client.At;
import io.runledger.client.RunHandle;
import io.runledger.client.Tracker;
import io.runledger.client.sender.DrainReport;
import io.runledger.client.sender.SpoolDrain;
import io.runledger.config.Configuration;
import io.runledger.config.DatabaseLocation;
import io.runledger.config.Setting;
import io.runledger.stack.LocalStack;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The broker is killed or stopped again and again while a job logs and the service reads. The job
 * notices nothing, and everything arrives, once.
 */
final class BrokerFaults implements Scenario {

  /** Less than any wait for a network, and ample for a machine under load. */
  private static final long SLOWEST_CALL_NANOS = TimeUnit.SECONDS.toNanos(2);

  @Override
  public String name() {
    return "broker-killed-and-stopped";
  }

  @Override
  public Set<Store> stores() {
    return EnumSet.allOf(Store.class);
  }

  @Override
  public Tally run(Laboratory laboratory) throws Exception {
    int faults = laboratory.times(3, 40);
    AtomicInteger done = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    Random random = laboratory.random();
    try (LocalStack stack = laboratory.stack();
        ServiceProcess service =
            ServiceProcess.start(laboratory.directory(), laboratory.ledger(stack))) {
      Configuration configuration = configuration(laboratory, stack);
      Thread hurting = new Thread(() -> hurt(stack, random, faults, done, over), "hurting");
      hurting.start();
      long[] slowest = new long[1];
      long calls = log(configuration, over, slowest);
      hurting.join();
      assertThat(done).hasValue(faults);
      assertThat(slowest[0]).as("ns of the slowest call").isLessThan(SLOWEST_CALL_NANOS);
      DrainReport drained =
          SpoolDrain.send(configuration.path(Setting.SPOOL), configuration, Duration.ofMinutes(2));
      assertThat(drained.complete()).as(drained.toString()).isTrue();
      service.awaitCaughtUp();
      DatabaseLocation database = service.location();
      assertThat(Ledgers.count(database, "metric_points")).isEqualTo(calls);
      assertThat(Ledgers.count(database, "stream_gaps")).isZero();
      assertThat(LedgerSql.single(database, "SELECT status FROM runs")).isEqualTo("completed");
      Ledgers.assertVerified(laboratory.directory(), service.ledger());
      return new Tally(faults, calls, 0, 0);
    }
  }

  private static long log(Configuration configuration, AtomicBoolean over, long[] slowest)
      throws InterruptedException {
    long calls = 0;
    try (Tracker tracker = Tracker.open(configuration);
        RunHandle run = tracker.start(LoggingJob.key(0), Map.of())) {
      long[] latest = new long[1_000];
      while (!over.get()) {
        long begun = System.nanoTime();
        run.log("loss", 1.0 / (calls + 1), At.step(calls));
        latest[(int) (calls % latest.length)] = System.nanoTime() - begun;
        calls++;
        if (calls % latest.length == 0) {
          slowest[0] = Math.max(slowest[0], Arrays.stream(latest).max().orElse(0));
        }
        if (calls % 20 == 0) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
      }
    }
    return calls;
  }

  private static void hurt(
      LocalStack stack, Random random, int faults, AtomicInteger done, AtomicBoolean over) {
    try {
      for (int fault = 0; fault < faults; fault++) {
        TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(1_000));
        if (fault % 3 == 2) {
          stack.broker().pause();
          TimeUnit.MILLISECONDS.sleep(2_000 + random.nextInt(6_000));
          stack.broker().resume();
        } else {
          stack.broker().kill9();
          TimeUnit.MILLISECONDS.sleep(random.nextInt(1_000));
          stack.broker().restart();
        }
        stack.awaitReady();
        done.incrementAndGet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over.set(true);
    }
  }

  private static Configuration configuration(Laboratory laboratory, LocalStack stack) {
    return Configuration.load(
        Map.of(Setting.SPOOL.key(), laboratory.directory().resolve("spool").toString()),
        Map.of(
            "HOME",
            laboratory.directory().toString(),
            "RUNLEDGER_CONFIG",
            stack.propertiesFile().toString()),
        Optional.empty());
  }
}
