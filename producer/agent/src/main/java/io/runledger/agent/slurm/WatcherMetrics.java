package io.runledger.agent.slurm;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** The watcher's counters, in Prometheus' text format. Thread-safe. */
final class WatcherMetrics {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter observations =
      Counter.builder("runledger.slurm.observations")
          .description("Observations that were stored")
          .register(registry);
  private final Counter completions =
      Counter.builder("runledger.slurm.completions")
          .description("Ends of jobs that SLURM pushed")
          .register(registry);
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong intervalSeconds = new AtomicLong();

  WatcherMetrics() {
    Gauge.builder("runledger.slurm.jobs.open", open::get)
        .description("Jobs that runs refer to and that have not ended")
        .register(registry);
    Gauge.builder("runledger.slurm.interval.seconds", intervalSeconds::get)
        .description("Current seconds between two calls of squeue")
        .register(registry);
  }

  void called(String command, boolean answered, Duration took) {
    Timer.builder("runledger.slurm.calls")
        .description("Calls of SLURM's commands")
        .tags("command", command, "answered", Boolean.toString(answered))
        .register(registry)
        .record(took);
  }

  void observed() {
    observations.increment();
  }

  void completed() {
    completions.increment();
  }

  void open(long jobs, Duration interval) {
    open.set(jobs);
    intervalSeconds.set(interval.toSeconds());
  }

  String scrape() {
    return registry.scrape();
  }
}
