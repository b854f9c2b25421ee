package io.runledger.service.log;

import io.runledger.schemas.TopicNames;
import io.runledger.schemas.Topics;
import io.runledger.service.group.DatabaseTag;
import io.runledger.service.stop.LogUnreadableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers what the four topics are: ids, ends, settings, and who else reads in our group.
 * Thread-safe.
 */
public final class LogInspector implements Brokers, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogInspector.class);

  private static final Duration PATIENCE = Duration.ofSeconds(13);
  private static final Duration SOON = Duration.ofSeconds(2);

  private final AdminQuestions admin;
  private final String brokers;
  private final TopicNames topics;
  private final Supplier<Optional<String>> stranger;
  private final Duration soon;
  private final Duration patience;

  public LogInspector(KafkaClients clients) {
    this(
        AdminQuestions.of(clients.admin()),
        clients.brokers(),
        clients.topics(),
        clients::stranger,
        SOON,
        PATIENCE);
  }

  /**
   * As above, of others.
   *
   * @param stranger a sentence about what answers at the brokers' address instead of them
   * @param soon how long an answer may take before that is asked
   * @param patience how long it may take after that
   */
  LogInspector(
      AdminQuestions admin,
      String brokers,
      TopicNames topics,
      Supplier<Optional<String>> stranger,
      Duration soon,
      Duration patience) {
    this.admin = admin;
    this.brokers = brokers;
    this.topics = topics;
    this.stranger = stranger;
    this.soon = soon;
    this.patience = patience;
  }

  /** What the four topics are called. */
  @Override
  public TopicNames topics() {
    return topics;
  }

  /** The brokers did not answer, or not yet. */
  public static final class BrokersUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokersUnavailableException(String sentence, Throwable cause) {
      super(sentence, cause);
    }
  }

  @Override
  public LogState inspect() {
    String clusterId = answer("the cluster id", admin.clusterId());
    Map<String, TopicDescription> described = answer("the topics", admin.topics(topics.all()));
    Map<TopicPartition, String> topicIds = new HashMap<>();
    for (TopicDescription topic : described.values()) {
      for (TopicPartitionInfo partition : topic.partitions()) {
        topicIds.put(
            new TopicPartition(topic.name(), partition.partition()), topic.topicId().toString());
      }
    }
    Map<TopicPartition, Long> starts = offsets(topicIds.keySet(), OffsetSpec.earliest());
    Map<TopicPartition, Long> ends = offsets(topicIds.keySet(), OffsetSpec.latest());
    Map<TopicPartition, LogState.PartitionLog> partitions = new HashMap<>();
    topicIds.forEach(
        (partition, topicId) ->
            partitions.put(
                partition,
                new LogState.PartitionLog(topicId, starts.get(partition), ends.get(partition))));
    return new LogState(LogKind.TOPICS, clusterId, partitions);
  }

  @Override
  public List<String> forgetfulSettings() {
    List<ConfigResource> resources =
        topics.all().stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
            .toList();
    Map<ConfigResource, Config> configs =
        answer("the settings of the topics", admin.settings(resources));
    List<String> found = new ArrayList<>();
    for (ConfigResource resource : resources) {
      Config config = configs.get(resource);
      for (String name : List.of("cleanup.policy", "retention.ms", "retention.bytes")) {
        String wanted = Topics.REQUIRED_CONFIG.get(name);
        String value = config.get(name) == null ? wanted : config.get(name).value();
        if (!value.equals(wanted)) {
          found.add(resource.name() + " has " + name + "=" + value + " instead of " + wanted);
        }
      }
    }
    return found;
  }

  @Override
  public List<String> otherMembers(String group, String instanceId) {
    return members(group, member -> !member.groupInstanceId().equals(Optional.of(instanceId)));
  }

  @Override
  public List<String> membersOfAnother(DatabaseTag database, String group) {
    return members(group, member -> database.isOfAnother(member.clientId()));
  }

  private List<String> members(String group, Predicate<MemberDescription> wanted) {
    Collection<MemberDescription> members;
    try {
      members = answer("the members of group " + group, admin.group(group)).members();
    } catch (GroupIdNotFoundException e) {
      return List.of();
    }
    return members.stream()
        .filter(wanted)
        .map(
            member -> member.groupInstanceId().orElse(member.consumerId()) + " at " + member.host())
        .sorted()
        .collect(Collectors.toList());
  }

  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> of, OffsetSpec spec) {
    Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
    of.forEach(partition -> specs.put(partition, spec));
    Map<TopicPartition, ListOffsetsResultInfo> found =
        answer("the offsets of the topics", admin.offsets(specs));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    found.forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  private <T> T answer(String what, KafkaFuture<T> future) {
    try {
      return patiently(what, future);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokersUnavailableException("Interrupted while asking for " + what + ".", e);
    } catch (TimeoutException e) {
      throw unavailable(what, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof GroupIdNotFoundException notFound) {
        throw notFound;
      }
      if (cause instanceof UnknownTopicOrPartitionException) {
        throw new LogUnreadableException(
            "Not all of the topics "
                + topics.all()
                + " exist on "
                + brokers
                + "; run 'runledger topics init' if the cluster is new, and restore them if it is"
                + " not.",
            cause);
      }
      if (cause instanceof RetriableException) {
        throw unavailable(what, cause);
      }
      throw new LogUnreadableException(
          "The brokers at "
              + brokers
              + " refuse to report "
              + what
              + ": "
              + cause.getMessage()
              + " Check the client's settings and its permissions.",
          cause);
    } catch (KafkaException e) {
      throw unavailable(what, e);
    }
  }

  /** Who has not answered soon is looked at: a stranger never will. */
  private <T> T patiently(String what, KafkaFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return future.get(soon.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      Optional<String> somebody = stranger.get();
      if (somebody.isPresent()) {
        throw new BrokersUnavailableException(somebody.get(), e);
      }
      LOG.debug("The brokers at {} are slow to answer (asked for {}).", brokers, what);
      return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private BrokersUnavailableException unavailable(String what, Throwable cause) {
    return new BrokersUnavailableException(
        stranger
            .get()
            .orElse("The brokers at " + brokers + " do not answer (asked for " + what + ")."),
        cause);
  }

  @Override
  public void close() {
    admin.close();
  }
}
