package io.runledger.stack;

import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.serde.registry.SchemaNotFoundException;
import io.runledger.serde.registry.SchemaRegistryClient;
import io.runledger.serde.registry.SchemaRegistryException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the four topics, sets the settings that keep their history and registers their schemas.
 * Partitions and replicas of a topic that exists are never changed. Thread-safe.
 */
public final class TopicsInit {

  /** The compatibility required: a rebuild reads all old schemas with today's. */
  private static final String COMPATIBILITY = "BACKWARD_TRANSITIVE";

  private final TopicNames topics;
  private final Configuration configuration;
  private final SchemaRegistryClient registry;

  private TopicsInit(Configuration configuration) {
    this.configuration = configuration;
    topics = new TopicNames(configuration.get(Setting.TOPICS_PREFIX));
    registry = new SchemaRegistryClient(configuration.kafka());
  }

  /** For the cluster and the registry of these settings. */
  public static TopicsInit of(Configuration configuration) {
    return new TopicsInit(configuration);
  }

  /**
   * Creates what is missing, and corrects settings that would lose history.
   *
   * @param partitions partitions of a topic that is created
   * @param replicationFactor replicas of a topic that is created
   * @param dryRun whether only to report what would be done
   * @return what was done, or would be, a sentence each; empty when nothing was missing
   * @throws StackFailedException when cluster or registry refuse or cannot be reached
   */
  public List<String> init(int partitions, int replicationFactor, boolean dryRun) {
    List<String> actions = new ArrayList<>();
    try (Cluster asked = Cluster.of(configuration)) {
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
        create(asked.client(), missing);
      }
      settleSettings(
          asked, topics.all().stream().filter(existing::contains).toList(), actions, dryRun);
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
                Cluster.answer("the creation of topic " + topic, created);
              } catch (StackFailedException e) {
                // another process created it first, which is just as good
                if (!(e.getCause() instanceof TopicExistsException)) {
                  throw e;
                }
              }
            });
  }

  private static void settleSettings(
      Cluster cluster, List<String> topics, List<String> actions, boolean dryRun) {
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new LinkedHashMap<>();
    for (Cluster.WrongSetting wrong : cluster.wrongSettings(topics)) {
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
      Cluster.answer(
          "the topics' settings", cluster.client().incrementalAlterConfigs(changes).all());
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
          // Each time: the process that registered it may have died before this.
          registry.setCompatibility(topics.subject(topic), COMPATIBILITY);
        }
      }
    } catch (SchemaRegistryException e) {
      throw new StackFailedException("Cannot register the schemas: " + e.getMessage(), e);
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
}
