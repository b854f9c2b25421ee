package io.runledger.stack;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.kafka.BrokerProbe;
import io.runledger.serde.kafka.KafkaClientFailure;
import io.runledger.serde.kafka.KafkaClientGuard;
import io.runledger.serde.registry.SchemaNotFoundException;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.serde.registry.SchemaRegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the four topics, sets the settings that keep their history and registers their schemas;
 * checks all that without touching it. Partitions and replicas of a topic that exists are never
 * changed. Thread-safe.
 */
public final class TopicsInit {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Of the first answer, before it is known whether anybody is there. */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(13);

  private static final Duration SOON = Duration.ofSeconds(2);

  /** What old schemas must be readable by: rebuilding means reading all of them with today's. */
  private static final String COMPATIBILITY = "BACKWARD_TRANSITIVE";

  private final TopicNames topics;
  private final Map<String, Object> admin;
  private final SchemaRegistryClient registry;

  private TopicsInit(TopicNames topics, Map<String, Object> admin, SchemaRegistryClient registry) {
    this.topics = topics;
    this.admin = admin;
    this.registry = registry;
  }

  /** For the cluster and the registry of these settings. */
  public static TopicsInit of(Configuration configuration) {
    Map<String, Object> kafka = configuration.kafka();
    Map<String, Object> admin = new HashMap<>();
    kafka.forEach(
        (key, value) -> {
          if (AdminClientConfig.configNames().contains(key)) {
            admin.put(key, value);
          }
        });
    return new TopicsInit(
        new TopicNames(configuration.get(Setting.TOPICS_PREFIX)),
        admin,
        new SchemaRegistryClient(kafka));
  }

  /**
   * Creates what is missing and sets what would lose history.
   *
   * @param partitions partitions of a topic that is created
   * @param replicationFactor replicas of a topic that is created
   * @param dryRun whether to tell only what would be done
   * @return what was done, or would be, a sentence each; empty when nothing was missing
   * @throws StackFailedException when cluster or registry refuse or cannot be reached
   */
  public List<String> init(int partitions, int replicationFactor, boolean dryRun) {
    List<String> actions = new ArrayList<>();
    try (Asked asked = new Asked(client(), admin.get("bootstrap.servers"))) {
      Admin client = asked.client();
      Set<String> existing = asked.topics();
      List<NewTopic> missing =
          topics.all().stream()
              .filter(topic -> !existing.contains(topic))
              .map(
                  topic ->
                      new NewTopic(topic, partitions, (short) replicationFactor)
                          .configs(Topics.REQUIRED_CONFIG))
              .toList();
      for (NewTopic topic : missing) {
        actions.add(
            "Create topic %s with %d partitions and replication factor %d."
                .formatted(topic.name(), partitions, replicationFactor));
      }
      if (!dryRun && !missing.isEmpty()) {
        create(client, missing);
      }
      settleSettings(
          client, topics.all().stream().filter(existing::contains).toList(), actions, dryRun);
    }
    registerSchemas(actions, dryRun);
    return actions;
  }

  private static void create(Admin client, List<NewTopic> topics) {
    client
        .createTopics(topics)
        .values()
        .forEach(
            (topic, created) -> {
              try {
                answer("the creation of topic " + topic, created);
              } catch (StackFailedException e) {
                // somebody else was quicker, which is as good
                if (!(e.getCause() instanceof TopicExistsException)) {
                  throw e;
                }
              }
            });
  }

  private static void settleSettings(
      Admin client, List<String> topics, List<String> actions, boolean dryRun) {
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new LinkedHashMap<>();
    for (WrongSetting wrong : wrongSettings(client, topics)) {
      actions.add(
          "Set %s of topic %s to %s; it was %s."
              .formatted(wrong.key(), wrong.topic().name(), wrong.required(), wrong.found()));
      changes
          .computeIfAbsent(wrong.topic(), topic -> new ArrayList<>())
          .add(
              new AlterConfigOp(
                  new ConfigEntry(wrong.key(), wrong.required()), AlterConfigOp.OpType.SET));
    }
    if (!dryRun && !changes.isEmpty()) {
      answer("the topics' settings", client.incrementalAlterConfigs(changes).all());
    }
  }

  private void registerSchemas(List<String> actions, boolean dryRun) {
    try {
      for (Topics topic : Topics.values()) {
        boolean registered = isRegistered(topic);
        if (!registered) {
          actions.add(
              "Register the schema %s under %s, compatibility %s."
                  .formatted(topic.schema().getFullName(), topics.subject(topic), COMPATIBILITY));
        }
        if (!dryRun && !registered) {
          registry.register(topics.subject(topic), topic.schema());
        }
        if (!dryRun) {
          // Each time: whoever registered it may have died before this.
          registry.setCompatibility(topics.subject(topic), COMPATIBILITY);
        }
      }
    } catch (SchemaRegistryException e) {
      throw new StackFailedException("The schemas cannot be registered: " + e.getMessage(), e);
    }
  }

  private boolean isRegistered(Topics topic) {
    try {
      registry.idOf(topics.subject(topic), topic.schema());
      return true;
    } catch (SchemaNotFoundException e) {
      return false;
    }
  }

  private Admin client() {
    BrokerProbe.stranger(admin)
        .ifPresent(
            sentence -> {
              throw new StackFailedException(sentence);
            });
    return KafkaClientGuard.limited(
        KafkaClientFailure.explained(admin, () -> Admin.create(admin)),
        KafkaClientGuard.READER_BYTES);
  }

  /**
   * What is wrong or worth knowing; no problem among it means that Runledger can use the cluster.
   */
  public List<Finding> check() {
    List<Finding> findings = new ArrayList<>();
    try (Asked asked = new Asked(client(), admin.get("bootstrap.servers"))) {
      Admin client = asked.client();
      Set<String> existing = asked.topics();
      List<String> present = topics.all().stream().filter(existing::contains).toList();
      topics.all().stream()
          .filter(topic -> !existing.contains(topic))
          .forEach(
              topic ->
                  findings.add(
                      Finding.problem(
                          "Topic %s does not exist; run 'runledger topics init'."
                              .formatted(topic))));
      checkLayout(answer("the topics", client.describeTopics(present).allTopicNames()), findings);
      checkSettings(client, present, findings);
    } catch (StackFailedException e) {
      findings.add(Finding.problem(e.getMessage()));
    }
    checkSchemas(findings);
    return findings;
  }

  private static void checkLayout(Map<String, TopicDescription> topics, List<Finding> findings) {
    Set<Integer> counts =
        topics.values().stream()
            .map(topic -> topic.partitions().size())
            .collect(Collectors.toSet());
    if (counts.size() > 1) {
      findings.add(
          Finding.problem(
              "The topics have different numbers of partitions (%s); give all four the same, so that a run is in one partition number everywhere."
                  .formatted(
                      topics.values().stream()
                          .map(topic -> topic.name() + " " + topic.partitions().size())
                          .sorted()
                          .collect(Collectors.joining(", ")))));
    }
    topics.values().stream()
        .filter(topic -> topic.partitions().get(0).replicas().size() == 1)
        .map(TopicDescription::name)
        .sorted()
        .forEach(
            topic ->
                findings.add(
                    Finding.note(
                        "Topic %s has one replica: what the broker's machine loses is lost."
                            .formatted(topic))));
  }

  private static void checkSettings(Admin client, List<String> topics, List<Finding> findings) {
    for (WrongSetting wrong : wrongSettings(client, topics)) {
      findings.add(
          Finding.problem(
              "Topic %s has %s=%s instead of %s, and loses or misdates history; run 'runledger topics init'."
                  .formatted(wrong.topic().name(), wrong.key(), wrong.found(), wrong.required())));
    }
  }

  private record WrongSetting(ConfigResource topic, String key, String found, String required) {}

  private static List<WrongSetting> wrongSettings(Admin client, List<String> topics) {
    List<ConfigResource> resources =
        topics.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList();
    Map<ConfigResource, Config> settings =
        answer("the topics' settings", client.describeConfigs(resources).all());
    List<WrongSetting> wrong = new ArrayList<>();
    for (ConfigResource resource : resources) {
      Topics.REQUIRED_CONFIG.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              required -> {
                String found = settings.get(resource).get(required.getKey()).value();
                if (!found.equals(required.getValue())) {
                  wrong.add(
                      new WrongSetting(resource, required.getKey(), found, required.getValue()));
                }
              });
    }
    return wrong;
  }

  private void checkSchemas(List<Finding> findings) {
    for (Topics topic : Topics.values()) {
      try {
        if (!isRegistered(topic)) {
          findings.add(
              Finding.problem(
                  registry.isCompatible(topics.subject(topic), topic.schema())
                      ? "The schema of %s is not registered; run 'runledger topics init'."
                          .formatted(topics.subject(topic))
                      : "The registry has a schema of %s that ours is not compatible with; is it another application's?"
                          .formatted(topics.subject(topic))));
        }
      } catch (SchemaRegistryException e) {
        findings.add(Finding.problem(e.getMessage()));
        return;
      }
    }
  }

  /** A client of a cluster that may not be there: closing it waits for no answer for long. */
  private record Asked(Admin client, Object servers) implements AutoCloseable {
    Set<String> topics() {
      return answer("the topics of " + servers, client.listTopics().names(), FIRST_PATIENCE);
    }

    @Override
    public void close() {
      client.close(SOON);
    }
  }

  private static <T> T answer(String what, KafkaFuture<T> future) {
    return answer(what, future, PATIENCE);
  }

  private static <T> T answer(String what, KafkaFuture<T> future, Duration patience) {
    try {
      return future.get(patience.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new StackFailedException(
          "Kafka refuses " + what + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new StackFailedException(
          "Kafka does not answer (asked for %s, waited %d s); is bootstrap.servers right?"
              .formatted(what, patience.toSeconds()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackFailedException("Interrupted while asking for " + what + ".", e);
    }
  }
}
