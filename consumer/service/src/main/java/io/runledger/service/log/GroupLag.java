package io.runledger.service.log;

import io.runledger.fold.projection.OwnedPosition;
import io.runledger.service.group.Member;
import io.runledger.service.health.GroupReport;
import io.runledger.service.health.GroupReport.MemberReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.TopicPartition;

/** Who has which partitions, and how far behind they are: the database compared with the log. */
final class GroupLag {

  private GroupLag() {}

  static GroupReport of(List<OwnedPosition> stored, LogState log) {
    Map<TopicPartition, OwnedPosition> byPartition = new HashMap<>();
    stored.forEach(owned -> byPartition.put(PositionCheck.partitionOf(owned.position()), owned));
    Map<String, TreeSet<Integer>> numbers = new TreeMap<>();
    Map<String, Long> lags = new HashMap<>();
    TreeSet<Integer> unread = new TreeSet<>();
    Map<String, Long> byTopic = new HashMap<>();
    for (Map.Entry<TopicPartition, LogState.PartitionLog> one : log.partitions().entrySet()) {
      Optional<OwnedPosition> owned = Optional.ofNullable(byPartition.get(one.getKey()));
      long from = owned.map(known -> known.position().nextOffset()).orElse(one.getValue().start());
      long behind = Math.max(0, one.getValue().end() - from);
      byTopic.merge(one.getKey().topic(), behind, Long::sum);
      Optional<String> owner = owned.flatMap(OwnedPosition::owner);
      if (owner.isPresent()) {
        String name = Member.of(owner.get()).map(Member::name).orElse(owner.get());
        numbers.computeIfAbsent(name, fresh -> new TreeSet<>()).add(one.getKey().partition());
        lags.merge(name, behind, Long::sum);
      } else {
        unread.add(one.getKey().partition());
      }
    }
    List<MemberReport> members = new ArrayList<>();
    numbers.forEach(
        (name, partitions) ->
            members.add(new MemberReport(name, List.copyOf(partitions), lags.get(name))));
    return new GroupReport(members, List.copyOf(unread), byTopic);
  }
}
