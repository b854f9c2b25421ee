package io.runledger.service.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.TopicPartition;

/**
 * Gives the partitions of one number, of all topics, to the same member: a key has the same number
 * in each of them, so that all events of a run reach one member. Otherwise as Kafka's cooperative
 * sticky assignor does it, which decides for the topic with the most partitions: in equal shares,
 * and nothing moves that need not.
 *
 * <p>A number that not all topics have yet, because partitions are being added, is given where it
 * exists. Members that read other topics share nothing with those that read these.
 *
 * <p>Kafka makes one for each consumer. Not thread-safe.
 */
public final class CoPartitionedStickyAssignor implements ConsumerPartitionAssignor {

  /** Members of a group agree on it by this name. */
  public static final String NAME = "runledger-copartitioned-sticky";

  /** Keeps the generation, which tells an old claim to a partition from a newer one. */
  private final CooperativeStickyAssignor own = new CooperativeStickyAssignor();

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<RebalanceProtocol> supportedProtocols() {
    return own.supportedProtocols();
  }

  @Override
  public ByteBuffer subscriptionUserData(Set<String> topics) {
    return own.subscriptionUserData(topics);
  }

  @Override
  public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
    own.onAssignment(assignment, metadata);
  }

  @Override
  public GroupAssignment assign(Cluster cluster, GroupSubscription group) {
    Map<Set<String>, Map<String, Subscription>> byTopics = new HashMap<>();
    group
        .groupSubscription()
        .forEach(
            (member, subscription) ->
                byTopics
                    .computeIfAbsent(Set.copyOf(subscription.topics()), topics -> new HashMap<>())
                    .put(member, subscription));
    Map<String, Assignment> assignments = new HashMap<>();
    byTopics.forEach((topics, members) -> assignments.putAll(assign(cluster, topics, members)));
    return new GroupAssignment(assignments);
  }

  private static Map<String, Assignment> assign(
      Cluster cluster, Set<String> topics, Map<String, Subscription> members) {
    Map<String, Integer> counts =
        topics.stream()
            .collect(Collectors.toMap(topic -> topic, topic -> partitionsOf(cluster, topic)));
    Optional<String> longest =
        topics.stream()
            .max(Comparator.<String, Integer>comparing(counts::get).thenComparing(topic -> topic));
    if (longest.isEmpty()) {
      return Map.of();
    }
    Map<String, Subscription> ofOneTopic = new HashMap<>();
    members.forEach(
        (member, subscription) -> ofOneTopic.put(member, reduced(subscription, longest.get())));
    Map<String, Assignment> assigned =
        new CooperativeStickyAssignor()
            .assign(cluster, new GroupSubscription(ofOneTopic))
            .groupAssignment();
    Map<String, Assignment> all = new HashMap<>();
    assigned.forEach(
        (member, one) ->
            all.put(member, new Assignment(ofAll(one.partitions(), counts), one.userData())));
    return all;
  }

  private static int partitionsOf(Cluster cluster, String topic) {
    Integer count = cluster.partitionCountForTopic(topic);
    return count == null ? 0 : count;
  }

  /** As if the member read one topic alone, and owned of it the numbers that it owns of any. */
  private static Subscription reduced(Subscription subscription, String topic) {
    List<TopicPartition> owned =
        subscription.ownedPartitions().stream()
            .map(TopicPartition::partition)
            .distinct()
            .sorted()
            .map(number -> new TopicPartition(topic, number))
            .toList();
    Subscription reduced =
        new Subscription(
            List.of(topic),
            subscription.userData(),
            owned,
            subscription.generationId().orElse(CooperativeStickyAssignor.DEFAULT_GENERATION),
            subscription.rackId());
    reduced.setGroupInstanceId(subscription.groupInstanceId());
    return reduced;
  }

  private static List<TopicPartition> ofAll(
      List<TopicPartition> ofOne, Map<String, Integer> counts) {
    List<TopicPartition> all = new ArrayList<>();
    for (TopicPartition one : ofOne) {
      counts.forEach(
          (topic, count) -> {
            if (one.partition() < count) {
              all.add(new TopicPartition(topic, one.partition()));
            }
          });
    }
    return all;
  }
}
