package io.runledger.service.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.runledger.fold.batch.BatchResult;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;

/** What the service counts, in Prometheus' text form. Thread-safe. */
public final class ServiceMetrics implements AlertCounter {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter applied =
      counter("runledger.events.applied", "Events whose rows were committed");
  private final Counter points =
      counter("runledger.points.applied", "Values of metrics whose rows were committed");
  private final Counter duplicates =
      counter("runledger.events.duplicate", "Events that were already in the database");
  private final Counter deadLetters =
      counter("runledger.dead.letters", "Records that became dead letters");
  private final Timer batches =
      Timer.builder("runledger.batch")
          .description("Batches, from decoded to committed")
          .register(registry);
  private final Counter alertsFired = counter("runledger.alerts.fired", "Firings of alert rules");
  private final Counter alertsDelivered =
      counter("runledger.alerts.delivered", "Firings that reached one of those to whom they go");
  private final Counter alertsFailed =
      counter("runledger.alerts.failed", "Tries to deliver a firing that failed");
  private final AtomicLong alertsPending = new AtomicLong();
  private final AtomicLong writeAheadLog = new AtomicLong();
  private final AtomicLong forgetful = new AtomicLong();
  private final Map<TopicPartition, Long> lag = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Gauge> lagGauges = new ConcurrentHashMap<>();
  private final AtomicLong groupLag = new AtomicLong();
  private final AtomicLong groupMembers = new AtomicLong();
  private final AtomicLong unread = new AtomicLong();
  private boolean groupGaugesMissing = true;

  public ServiceMetrics(ServiceHealth health) {
    Gauge.builder("runledger.paused", () -> health.state() == ServiceHealth.State.PAUSED ? 1 : 0)
        .description("1 while an outage keeps the service from applying")
        .register(registry);
    Gauge.builder("runledger.healthy", () -> health.report().healthy() ? 1 : 0)
        .description("1 while /health answers 200")
        .register(registry);
    Gauge.builder("runledger.wal.bytes", writeAheadLog::get)
        .description("Length of the database's write-ahead log")
        .register(registry);
    Gauge.builder("runledger.topics.forgetful", forgetful::get)
        .description("Settings that let a topic lose records and have not been accepted")
        .register(registry);
    Gauge.builder("runledger.alerts.pending", alertsPending::get)
        .description("Deliveries of firings that wait")
        .register(registry);
  }

  public void writeAheadLog(long bytes) {
    writeAheadLog.set(bytes);
  }

  public void forgetful(int settings) {
    forgetful.set(settings);
  }

  @Override
  public void fired(int count) {
    alertsFired.increment(count);
  }

  @Override
  public void delivered() {
    alertsDelivered.increment();
  }

  @Override
  public void failed() {
    alertsFailed.increment();
  }

  @Override
  public void pending(long count) {
    alertsPending.set(count);
  }

  public void batch(BatchResult result, Duration took) {
    applied.increment((double) result.applied());
    points.increment((double) result.points());
    duplicates.increment((double) result.duplicates());
    deadLetters.increment((double) result.deadLetters());
    batches.record(took);
  }

  /** Takes over how far behind this service is; partitions that are not in it are not its own. */
  public synchronized void lag(Map<TopicPartition, Long> byPartition) {
    lag.putAll(byPartition);
    byPartition.keySet().forEach(partition -> lagGauges.computeIfAbsent(partition, this::lagGauge));
    for (TopicPartition gone : Set.copyOf(lagGauges.keySet())) {
      if (!byPartition.containsKey(gone)) {
        registry.remove(lagGauges.remove(gone));
        lag.remove(gone);
      }
    }
  }

  private Gauge lagGauge(TopicPartition partition) {
    return Gauge.builder("runledger.lag", () -> lag.get(partition))
        .description("Offsets between the position in the database and the end of the partition")
        .tags(
            Tags.of(
                "topic", partition.topic(), "partition", Integer.toString(partition.partition())))
        .register(registry);
  }

  /** Takes over what all members of the group do. */
  public synchronized void group(GroupReport report) {
    if (groupGaugesMissing) {
      groupGaugesMissing = false;
      gauge("runledger.group.lag", "Offsets that no member of the group has applied yet", groupLag);
      gauge("runledger.group.members", "Members of the group that have partitions", groupMembers);
      gauge("runledger.group.unread", "Numbers of partitions that nobody has", unread);
    }
    groupLag.set(report.lag());
    groupMembers.set(report.members().size());
    unread.set(report.unread().size());
  }

  private void gauge(String name, String description, AtomicLong value) {
    Gauge.builder(name, value::get).description(description).register(registry);
  }

  public String scrape() {
    return registry.scrape();
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
