package io.runledger.service.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.RebalanceProtocol;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Who gets which partitions, while members come and go and partitions are added. */
class CoPartitionedStickyAssignorTest {

  private static final List<String> TOPICS =
      List.of("runledger.errors", "runledger.metrics", "runledger.runs", "runledger.slurm");

  /** A consumer group as its members and its coordinator see it. */
  private static final class Group {
    private final Map<String, Integer> counts = new HashMap<>();
    private final Map<String, CoPartitionedStickyAssignor> assignors = new TreeMap<>();
    private final Map<String, Set<TopicPartition>> owned = new HashMap<>();
    private final Map<String, List<String>> topics = new HashMap<>();
    private int generation;

    private Group(int partitions) {
      TOPICS.forEach(topic -> counts.put(topic, partitions));
    }

    private void join(String member) {
      join(member, TOPICS);
    }

    private void join(String member, List<String> read) {
      assignors.put(member, new CoPartitionedStickyAssignor());
      owned.put(member, new HashSet<>());
      topics.put(member, read);
    }

    private void leave(String member) {
      assignors.remove(member);
      owned.remove(member);
    }

    /** Rebalances until nobody has to give anything back. */
    private void settle() {
      boolean someoneRevoked = rebalance();
      for (int i = 0; someoneRevoked; i++) {
        assertThat(i).as("rebalances").isLessThan(4);
        someoneRevoked = rebalance();
      }
    }

    private boolean rebalance() {
      generation++;
      Map<String, Subscription> subscriptions = new HashMap<>();
      assignors.forEach(
          (member, assignor) ->
              subscriptions.put(
                  member,
                  new Subscription(
                      topics.get(member),
                      assignor.subscriptionUserData(Set.copyOf(topics.get(member))),
                      List.copyOf(owned.get(member)),
                      generation - 1,
                      Optional.empty())));
      Map<String, Assignment> assigned =
          assignors
              .values()
              .iterator()
              .next()
              .assign(cluster(), new GroupSubscription(subscriptions))
              .groupAssignment();
      boolean revoked = false;
      Set<TopicPartition> keptByOthers = new HashSet<>();
      owned.values().forEach(keptByOthers::addAll);
      for (Map.Entry<String, Assignment> one : assigned.entrySet()) {
        Set<TopicPartition> before = owned.get(one.getKey());
        Set<TopicPartition> fresh = new HashSet<>(one.getValue().partitions());
        fresh.removeAll(before);
        assertThat(fresh).as("given while another member has it").noneMatch(keptByOthers::contains);
        revoked |= !one.getValue().partitions().containsAll(before);
        owned.put(one.getKey(), new HashSet<>(one.getValue().partitions()));
      }
      return revoked;
    }

    private Cluster cluster() {
      Node node = new Node(0, "localhost", 9092);
      List<PartitionInfo> partitions = new ArrayList<>();
      counts.forEach(
          (topic, count) -> {
            for (int number = 0; number < count; number++) {
              partitions.add(
                  new PartitionInfo(topic, number, node, new Node[] {node}, new Node[] {node}));
            }
          });
      return new Cluster("cluster", List.of(node), partitions, Set.of(), Set.of());
    }

    private Set<Integer> numbers(String member) {
      return owned.get(member).stream()
          .map(TopicPartition::partition)
          .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<TopicPartition> all() {
      Set<TopicPartition> all = new HashSet<>();
      counts.forEach(
          (topic, count) -> {
            for (int number = 0; number < count; number++) {
              all.add(new TopicPartition(topic, number));
            }
          });
      return all;
    }
  }

  private static void assertCoPartitionedAndBalanced(Group group) {
    List<TopicPartition> given = group.owned.values().stream().flatMap(Collection::stream).toList();
    assertThat(given).containsExactlyInAnyOrderElementsOf(group.all());
    List<Integer> shares = new ArrayList<>();
    for (String member : group.assignors.keySet()) {
      Set<Integer> numbers = group.numbers(member);
      shares.add(numbers.size());
      for (int number : numbers) {
        assertThat(group.owned.get(member)).as(member).containsAll(ofAllTopics(group, number));
      }
    }
    assertThat(shares.stream().mapToInt(Integer::intValue).max().orElseThrow())
        .as("shares %s", shares)
        .isLessThanOrEqualTo(shares.stream().mapToInt(Integer::intValue).min().orElseThrow() + 1);
  }

  private static List<TopicPartition> ofAllTopics(Group group, int number) {
    return TOPICS.stream()
        .filter(topic -> number < group.counts.get(topic))
        .map(topic -> new TopicPartition(topic, number))
        .toList();
  }

  @Property(tries = 200)
  void whateverMembersDoTheSharesAreEqualAndThePartitionsOfANumberTogether(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 24) int partitions) {
    Random random = new Random(seed);
    Group group = new Group(partitions);
    group.join("first");
    group.settle();
    for (int i = 0; i < 12; i++) {
      List<String> members = List.copyOf(group.assignors.keySet());
      int what = random.nextInt(5);
      if (what == 0 && members.size() > 1) {
        group.leave(members.get(random.nextInt(members.size())));
      } else if (what == 1) {
        String grown = TOPICS.get(random.nextInt(TOPICS.size()));
        group.counts.merge(grown, 1 + random.nextInt(3), Integer::sum);
      } else if (what == 2) {
        int most = group.counts.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        TOPICS.forEach(topic -> group.counts.put(topic, most));
      } else {
        group.join("member-" + random.nextInt(8));
      }
      group.settle();
      assertCoPartitionedAndBalanced(group);
    }
  }

  @Property(tries = 200)
  void whoStaysKeepsWhatTheOthersDoNotNeed(
      @ForAll @IntRange(min = 1, max = 6) int members,
      @ForAll @IntRange(min = 1, max = 24) int partitions) {
    Group group = new Group(partitions);
    for (int i = 0; i < members; i++) {
      group.join("member-" + i);
      group.settle();
    }
    Map<String, Set<Integer>> before = new HashMap<>();
    group.assignors.keySet().forEach(member -> before.put(member, group.numbers(member)));

    group.join("newcomer");
    group.settle();

    int moved = group.numbers("newcomer").size();
    assertThat(moved).isEqualTo(partitions / (members + 1));
    int given = 0;
    for (Map.Entry<String, Set<Integer>> one : before.entrySet()) {
      assertThat(one.getValue()).as("nothing else moves").containsAll(group.numbers(one.getKey()));
      given += one.getValue().size() - group.numbers(one.getKey()).size();
    }
    assertThat(given).isEqualTo(moved);

    group.leave("newcomer");
    group.settle();

    before.keySet().forEach(member -> assertThat(group.numbers(member)).isNotNull());
    assertCoPartitionedAndBalanced(group);
  }

  @Test
  void aSettledGroupStaysAsItIs() {
    Group group = new Group(6);
    List.of("a", "b", "c", "d").forEach(group::join);
    group.settle();
    Map<String, Set<TopicPartition>> before = new HashMap<>(group.owned);

    assertThat(group.rebalance()).isFalse();

    assertThat(group.owned).isEqualTo(before);
  }

  @Test
  void aNumberThatNotAllTopicsHaveYetGoesToOneMemberAndStaysThereWhenTheOthersGrow() {
    Group group = new Group(2);
    List.of("a", "b").forEach(group::join);
    group.settle();
    group.counts.put("runledger.runs", 4);
    group.settle();
    Map<String, Set<Integer>> before = Map.of("a", group.numbers("a"), "b", group.numbers("b"));

    TOPICS.forEach(topic -> group.counts.put(topic, 4));
    group.settle();

    assertCoPartitionedAndBalanced(group);
    assertThat(Map.of("a", group.numbers("a"), "b", group.numbers("b"))).isEqualTo(before);
  }

  @Test
  void aMemberMoreThanThereArePartitionsGetsNone() {
    Group group = new Group(1);
    List.of("a", "b").forEach(group::join);
    group.settle();

    assertThat(List.of(group.owned.get("a").size(), group.owned.get("b").size()))
        .containsExactlyInAnyOrder(4, 0);
  }

  @Test
  void membersThatReadOtherTopicsTakeNothingFromThese() {
    Group group = new Group(3);
    group.join("a");
    group.join("stranger", List.of("other"));
    group.settle();

    assertThat(group.owned.get("a")).isEqualTo(group.all());
    assertThat(group.owned.get("stranger")).isEmpty();
  }

  @Test
  void nobodyStopsReadingWhileAnotherMemberJoins() {
    assertThat(new CoPartitionedStickyAssignor().supportedProtocols())
        .contains(RebalanceProtocol.COOPERATIVE);
  }
}
