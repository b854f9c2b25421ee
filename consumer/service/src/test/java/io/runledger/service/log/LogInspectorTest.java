package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.runledger.schemas.TopicNames;
import io.runledger.service.group.DatabaseTag;
import io.runledger.service.log.LogInspector.BrokersUnavailableException;
import io.runledger.service.stop.LogUnreadableException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

/** What the brokers' answers mean, and what it means when none comes. */
class LogInspectorTest {

  private static final TopicNames TOPICS = TopicNames.DEFAULT;
  private static final Uuid ID = Uuid.randomUuid();

  private final Answers brokers = new Answers();
  private Optional<String> stranger = Optional.empty();

  /** Brokers that hold two partitions a topic, and answer each question as a test wants. */
  private static final class Answers implements AdminQuestions {
    private final Map<String, Map<String, String>> settings = new HashMap<>();
    private Optional<RuntimeException> refusal = Optional.empty();
    private Optional<RuntimeException> groupRefusal = Optional.empty();
    private List<MemberDescription> members = List.of();
    private boolean silent;
    private boolean closed;

    private <T> KafkaFuture<T> answer(T what) {
      return refused(what, refusal);
    }

    private <T> KafkaFuture<T> refused(T what, Optional<RuntimeException> why) {
      if (silent) {
        return new KafkaFutureImpl<>();
      }
      if (why.isEmpty()) {
        return KafkaFuture.completedFuture(what);
      }
      KafkaFutureImpl<T> refused = new KafkaFutureImpl<>();
      refused.completeExceptionally(why.get());
      return refused;
    }

    @Override
    public KafkaFuture<String> clusterId() {
      return answer("cluster-a");
    }

    @Override
    public KafkaFuture<Map<String, TopicDescription>> topics(Collection<String> names) {
      List<TopicPartitionInfo> partitions =
          List.of(
              new TopicPartitionInfo(0, null, List.of(), List.of()),
              new TopicPartitionInfo(1, null, List.of(), List.of()));
      return answer(
          names.stream()
              .collect(
                  Collectors.toMap(
                      name -> name,
                      name -> new TopicDescription(name, false, partitions, Set.of(), ID))));
    }

    @Override
    public KafkaFuture<Map<TopicPartition, ListOffsetsResultInfo>> offsets(
        Map<TopicPartition, OffsetSpec> specs) {
      Map<TopicPartition, ListOffsetsResultInfo> found = new HashMap<>();
      specs.forEach(
          (partition, spec) -> {
            long offset = spec instanceof OffsetSpec.EarliestSpec ? 10 : 100;
            found.put(
                partition,
                new ListOffsetsResultInfo(offset + partition.partition(), 0, Optional.empty()));
          });
      return answer(found);
    }

    @Override
    public KafkaFuture<Map<ConfigResource, Config>> settings(Collection<ConfigResource> of) {
      return answer(
          of.stream()
              .collect(
                  Collectors.toMap(
                      topic -> topic,
                      topic ->
                          new Config(
                              settings.getOrDefault(topic.name(), Map.of()).entrySet().stream()
                                  .map(each -> new ConfigEntry(each.getKey(), each.getValue()))
                                  .toList()))));
    }

    @Override
    public KafkaFuture<ConsumerGroupDescription> group(String name) {
      return refused(
          new ConsumerGroupDescription(
              name,
              false,
              members,
              "range",
              GroupType.CLASSIC,
              GroupState.STABLE,
              null,
              Set.of(),
              Optional.empty(),
              Optional.empty()),
          groupRefusal);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private LogInspector inspector() {
    return new LogInspector(
        brokers, "node1:9092", TOPICS, () -> stranger, Duration.ofMillis(1), Duration.ofMillis(1));
  }

  private static MemberDescription member(String instance, String host) {
    return member(instance, "client", host);
  }

  private static MemberDescription member(String instance, String client, String host) {
    return new MemberDescription(
        "consumer-7",
        Optional.ofNullable(instance),
        Optional.empty(),
        client,
        host,
        null,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void everyPartitionOfTheFourTopicsIsKnownByIdStartAndEnd() {
    LogState log = inspector().inspect();

    assertThat(log.clusterId()).isEqualTo("cluster-a");
    assertThat(log.partitions())
        .hasSize(2 * TOPICS.all().size())
        .containsEntry(
            new TopicPartition("runledger.metrics", 1),
            new LogState.PartitionLog(ID.toString(), 11, 101));
  }

  @Test
  void settingsThatForgetAreNamedWithTheirTopicAndTheOthersAreNot() {
    brokers.settings.put(
        "runledger.runs", Map.of("cleanup.policy", "delete", "retention.ms", "604800000"));
    brokers.settings.put("runledger.errors", Map.of("cleanup.policy", "compact,delete"));
    brokers.settings.put(
        "runledger.metrics", Map.of("segment.bytes", "1", "retention.bytes", "-1"));

    assertThat(inspector().forgetfulSettings())
        .containsExactlyInAnyOrder(
            "runledger.runs has retention.ms=604800000 instead of -1",
            "runledger.errors has cleanup.policy=compact,delete instead of delete");
  }

  @Test
  void theMemberThatThisServiceWasBeforeItsRestartIsNobodyElse() {
    brokers.members = List.of(member("here", "/10.0.0.1"));

    assertThat(inspector().otherMembers("g", "here")).isEmpty();
  }

  @Test
  void otherMembersAreCalledByTheNameThatTheyGaveAndElseByTheBrokers() {
    brokers.members =
        List.of(member(null, "/10.0.0.3"), member("there", "/10.0.0.2"), member("here", "/1"));

    assertThat(inspector().otherMembers("g", "here"))
        .containsExactly("consumer-7 at /10.0.0.3", "there at /10.0.0.2");
  }

  @Test
  void membersThatFillAnotherDatabaseAreThoseThatSaySo() {
    DatabaseTag ours = DatabaseTag.of("7/16384/runledger");
    DatabaseTag theirs = DatabaseTag.of("7/16384/other");
    brokers.members =
        List.of(
            member("here", ours.clientId(), "/1"),
            member("there", theirs.clientId(), "/2"),
            member("older", "consumer-g-1", "/3"));

    assertThat(inspector().membersOfAnother(ours, "g")).containsExactly("there at /2");
    assertThat(inspector().membersOfAnother(theirs, "g")).containsExactly("here at /1");
  }

  @Test
  void aGroupThatNobodyHasJoinedYetHasNoMembers() {
    brokers.groupRefusal = Optional.of(new GroupIdNotFoundException("no such group"));

    assertThat(inspector().otherMembers("g", "here")).isEmpty();
  }

  @Test
  void aTopicThatIsNotThereIsNothingToWaitFor() {
    brokers.refusal = Optional.of(new UnknownTopicOrPartitionException("gone"));

    assertThatThrownBy(() -> inspector().inspect())
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("runledger.runs")
        .hasMessageContaining("node1:9092")
        .hasMessageContaining("topics init");
  }

  @Test
  void aPermissionThatIsMissingIsNothingToWaitFor() {
    brokers.refusal = Optional.of(new TopicAuthorizationException("Not authorized."));

    assertThatThrownBy(() -> inspector().forgetfulSettings())
        .isInstanceOf(LogUnreadableException.class)
        .hasMessageContaining("refuse to report the settings of the topics: Not authorized.");
  }

  @Test
  void anErrorThatPassesIsAnOutage() {
    brokers.refusal = Optional.of(new NotLeaderOrFollowerException("an election"));

    assertThatThrownBy(() -> inspector().inspect())
        .isInstanceOf(BrokersUnavailableException.class)
        .hasMessageContaining("node1:9092 do not answer (asked for the cluster id)")
        .hasCauseInstanceOf(NotLeaderOrFollowerException.class);
  }

  @Test
  void brokersThatStaySilentAreAnOutage() {
    brokers.silent = true;

    assertThatThrownBy(() -> inspector().otherMembers("g", "here"))
        .isInstanceOf(BrokersUnavailableException.class)
        .hasMessageContaining("asked for the members of group g");
  }

  @Test
  void whoeverStandsAtTheBrokersAddressInsteadIsNamed() {
    brokers.silent = true;
    stranger = Optional.of("At node1:9092 is a web server.");

    assertThatThrownBy(() -> inspector().inspect())
        .isInstanceOf(BrokersUnavailableException.class)
        .hasMessage("At node1:9092 is a web server.");
  }

  @Test
  void whoIsInterruptedLeavesAndStaysInterrupted() {
    brokers.silent = true;
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> inspector().inspect())
        .isInstanceOf(BrokersUnavailableException.class)
        .hasMessageContaining("Interrupted");

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theClientIsClosedWithIt() {
    inspector().close();

    assertThat(brokers.closed).isTrue();
  }
}
