package io.runledger.stack;

import io.runledger.check.Finding;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaNotFoundException;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.serde.registry.SchemaRegistryException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * Checks whether a cluster and its registry can be used, without changing them: the topics, their
 * settings, the schemas, and the clocks. Thread-safe.
 */
public final class TopicsCheck {

  private static final String BROKER = "broker";
  private static final String REGISTRY = "registry";
  private static final String CLOCK = "clock";
  private static final String INIT = "Run 'runledger topics init'.";

  /** Synchronized machines differ by milliseconds. */
  private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

  private final TopicNames topics;
  private final Supplier<Cluster> cluster;
  private final SchemaRegistryClient registry;
  private final InstantSource time;

  TopicsCheck(
      TopicNames topics,
      Supplier<Cluster> cluster,
      SchemaRegistryClient registry,
      InstantSource time) {
    this.topics = topics;
    this.cluster = cluster;
    this.registry = registry;
    this.time = time;
  }

  /** A check of the cluster and the registry of these settings. */
  public static TopicsCheck of(Configuration configuration) {
    return of(configuration, () -> Cluster.of(configuration));
  }

  /** The same, with this time for the brokers' first answer. */
  public static TopicsCheck of(Configuration configuration, Duration firstPatience) {
    return of(configuration, () -> Cluster.of(configuration, firstPatience));
  }

  private static TopicsCheck of(Configuration configuration, Supplier<Cluster> cluster) {
    return new TopicsCheck(
        new TopicNames(configuration.get(Setting.TOPICS_PREFIX)),
        cluster,
        new SchemaRegistryClient(configuration.kafka()),
        InstantSource.system());
  }

  /** Topics and schemas; when nothing failed, Runledger can use the cluster. */
  public List<Finding> check() {
    return Stream.concat(checkTopics().stream(), checkSchemas().stream()).toList();
  }

  /** The brokers, the topics and their settings. */
  public List<Finding> checkTopics() {
    List<Finding> findings = new ArrayList<>();
    try (Cluster asked = cluster.get()) {
      Set<String> existing = asked.topics();
      List<String> present = topics.all().stream().filter(existing::contains).toList();
      topics.all().stream()
          .filter(topic -> !existing.contains(topic))
          .forEach(
              topic ->
                  findings.add(
                      Finding.failed(BROKER, "Topic %s does not exist.".formatted(topic), INIT)));
      checkLayout(
          Cluster.answer("the topics", asked.client().describeTopics(present).allTopicNames()),
          findings);
      for (Cluster.WrongSetting wrong : asked.wrongSettings(present)) {
        findings.add(
            Finding.failed(
                BROKER,
                "Topic %s has %s=%s instead of %s, and would lose or misdate history."
                    .formatted(wrong.topic().name(), wrong.key(), wrong.found(), wrong.required()),
                INIT));
      }
      if (findings.stream().noneMatch(TopicsCheck::isFailure)) {
        findings.add(
            0,
            Finding.ok(
                BROKER,
                "%s has the topics %s.*, which keep their records for ever."
                    .formatted(asked.servers(), topics.prefix())));
      }
    } catch (StackFailedException e) {
      findings.add(Finding.failed(BROKER, e.getMessage()));
    }
    return findings;
  }

  private static boolean isFailure(Finding finding) {
    return finding.severity() == Finding.Severity.FAILED;
  }

  private static void checkLayout(Map<String, TopicDescription> topics, List<Finding> findings) {
    Set<Integer> counts =
        topics.values().stream()
            .map(topic -> topic.partitions().size())
            .collect(Collectors.toSet());
    if (counts.size() > 1) {
      findings.add(
          Finding.failed(
              BROKER,
              "The topics have different numbers of partitions (%s)."
                  .formatted(
                      topics.values().stream()
                          .map(topic -> topic.name() + " " + topic.partitions().size())
                          .sorted()
                          .collect(Collectors.joining(", "))),
              "Give all four the same, so that a run has the same partition number everywhere."));
    }
    List<String> single =
        topics.values().stream()
            .filter(topic -> topic.partitions().get(0).replicas().size() == 1)
            .map(TopicDescription::name)
            .sorted()
            .toList();
    if (!single.isEmpty()) {
      findings.add(
          Finding.warning(
              BROKER,
              "There is only one replica of %s: if the broker's machine loses data, it is gone."
                  .formatted(String.join(", ", single)),
              "Back up the broker's data, or give the topics more replicas if there are more"
                  + " brokers."));
    }
  }

  /** The registry and the schemas in it. */
  public List<Finding> checkSchemas() {
    List<Finding> findings = new ArrayList<>();
    try {
      for (Topics topic : Topics.values()) {
        checkSchema(topic).ifPresent(findings::add);
      }
    } catch (SchemaRegistryException e) {
      findings.add(Finding.failed(REGISTRY, e.getMessage(), "Check schema.registry.url."));
    }
    if (findings.isEmpty()) {
      findings.add(
          Finding.ok(
              REGISTRY,
              "It has the schemas of %s."
                  .formatted(
                      Stream.of(Topics.values())
                          .map(topics::subject)
                          .collect(Collectors.joining(", ")))));
    }
    return findings;
  }

  private Optional<Finding> checkSchema(Topics topic) {
    String subject = topics.subject(topic);
    try {
      registry.idOf(subject, topic.schema());
      return Optional.empty();
    } catch (SchemaNotFoundException e) {
      return Optional.of(
          registry.isCompatible(subject, topic.schema())
              ? Finding.failed(
                  REGISTRY, "The schema of %s is not registered.".formatted(subject), INIT)
              : Finding.failed(
                  REGISTRY,
                  "The registry has a schema of %s with which ours is not compatible."
                      .formatted(subject),
                  "If it belongs to another application, set topics.prefix to a separate name for your ledger."));
    }
  }

  /**
   * How far this machine's clock is from the registry's, or else whether it is behind the brokers':
   * they show their time only by what they stamped on records.
   */
  public List<Finding> checkClock() {
    try {
      registry.check();
    } catch (SchemaRegistryException notAsked) {
      // Reported by the check of the registry.
    }
    Optional<Duration> ahead = registry.clockAhead();
    if (ahead.isPresent()) {
      return List.of(compared(ahead.get()));
    }
    try (Cluster asked = cluster.get()) {
      Duration least = Duration.between(time.instant(), newestRecord(asked));
      if (least.compareTo(CLOCK_TOLERANCE) > 0) {
        return List.of(
            wrong(
                "at least %d s behind the brokers', which stamped a record with a later time"
                    .formatted(least.toSeconds())));
      }
      return List.of(
          Finding.ok(
              CLOCK,
              "Not behind the newest record; more cannot be known, because the registry's answers"
                  + " have no date."));
    } catch (StackFailedException e) {
      return List.of(
          Finding.warning(
              CLOCK,
              "The clock cannot be compared: the registry's answers have no date, and no broker"
                  + " answers.",
              "See the other findings."));
    }
  }

  /** An HTTP date has whole seconds. */
  private static Finding compared(Duration ahead) {
    long seconds = ahead.toSeconds();
    if (ahead.abs().compareTo(CLOCK_TOLERANCE) > 0) {
      return wrong(
          "%d s %s the registry's"
              .formatted(Math.abs(seconds), seconds > 0 ? "behind" : "ahead of"));
    }
    return Finding.ok(
        CLOCK, "Within %d s of the registry's clock.".formatted(Math.abs(seconds) + 1));
  }

  private static Finding wrong(String difference) {
    return Finding.warning(
        CLOCK,
        "This machine's clock is " + difference + "; the times that it records are off by as much.",
        "Synchronize the clocks, with chrony or systemd-timesyncd.");
  }

  private Instant newestRecord(Cluster asked) {
    List<String> present = topics.all().stream().filter(asked.topics()::contains).toList();
    Map<TopicPartition, OffsetSpec> newest =
        Cluster.answer("the topics", asked.client().describeTopics(present).allTopicNames())
            .values()
            .stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(each -> new TopicPartition(topic.name(), each.partition())))
            .collect(Collectors.toMap(each -> each, each -> OffsetSpec.maxTimestamp()));
    return Cluster.answer("the newest records", asked.client().listOffsets(newest).all())
        .values()
        .stream()
        .map(found -> Instant.ofEpochMilli(Math.max(0, found.timestamp())))
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }
}
