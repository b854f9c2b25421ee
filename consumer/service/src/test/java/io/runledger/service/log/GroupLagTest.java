package io.runledger.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.OwnedPosition;
import io.runledger.service.health.GroupReport;
import io.runledger.service.health.GroupReport.MemberReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What all members of a group do, from the database and the ends of the log. */
class GroupLagTest {

  private static OwnedPosition at(String topic, int partition, long offset, String owner) {
    return new OwnedPosition(
        new Position("cluster", topic, "id", partition, offset, OptionalInt.empty()),
        Optional.of(owner).filter(text -> !text.isEmpty()));
  }

  private static LogState log(int partitions, long end) {
    Map<TopicPartition, LogState.PartitionLog> log = new HashMap<>();
    for (String topic : List.of("runs", "metrics")) {
      for (int number = 0; number < partitions; number++) {
        log.put(new TopicPartition(topic, number), new LogState.PartitionLog("id", 0, end));
      }
    }
    return new LogState(LogKind.TOPICS, "cluster", log);
  }

  @Test
  void eachMemberIsNamedWithItsPartitionsAndHowFarBehindTheyAre() {
    GroupReport report =
        GroupLag.of(
            List.of(
                at("metrics", 0, 10, "g/b"),
                at("metrics", 1, 4, "g/a"),
                at("runs", 0, 7, "g/b"),
                at("runs", 1, 10, "g/a")),
            log(2, 10));

    assertThat(report.members())
        .containsExactly(
            new MemberReport("a", List.of(1), 6), new MemberReport("b", List.of(0), 3));
    assertThat(report.unread()).isEmpty();
    assertThat(report.lagByTopic()).containsOnly(Map.entry("metrics", 6L), Map.entry("runs", 3L));
    assertThat(report.lag()).isEqualTo(9);
  }

  @Test
  void whatWasGivenBackOrNeverClaimedIsReadByNobody() {
    GroupReport report =
        GroupLag.of(List.of(at("metrics", 0, 10, ""), at("runs", 0, 10, "rebuild")), log(2, 10));

    assertThat(report.members()).containsExactly(new MemberReport("rebuild", List.of(0), 0));
    assertThat(report.unread()).as("given back, and new").containsExactly(0, 1);
    assertThat(report.lag()).isEqualTo(20);
  }
}
