package io.runledger.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.runledger.schemas.RunId;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkloadTest {

  private static final Workload LOAD = new Workload(50_000, 40, 7, 20, 1);

  private static List<Workload.Message> messages(Workload load) {
    List<Workload.Message> messages = new ArrayList<>();
    load.forEach(messages::add);
    return messages;
  }

  @Test
  void itHasAboutAsManyPointsAsAskedForOfAsManyRuns() {
    List<Workload.Message> messages = messages(LOAD);

    assertThat(messages.stream().mapToLong(Workload.Message::points).sum())
        .isCloseTo(50_000, within(5_000L));
    assertThat(messages.stream().map(Workload.Message::run).distinct()).hasSize(40);
  }

  @Test
  void noMoreRunsGoOnThanAskedFor() {
    Set<RunId> running = new HashSet<>();
    int most = 0;
    for (Workload.Message message : messages(LOAD)) {
      if (message.event() instanceof RunEvent event) {
        if (event.getEvent() instanceof RunStarted) {
          assertThat(running.add(message.run())).isTrue();
        } else {
          assertThat(running.remove(message.run())).isTrue();
        }
      }
      most = Math.max(most, running.size());
    }
    assertThat(most).isEqualTo(7);
    assertThat(running).isEmpty();
  }

  @Test
  void theCallsOfAStreamFollowEachOther() {
    Map<RunId, Long> next = new HashMap<>();
    for (Workload.Message message : messages(LOAD)) {
      if (message.event() instanceof MetricsLogged logged) {
        assertThat(logged.getFirstSeq()).isEqualTo(next.getOrDefault(message.run(), 0L));
        assertThat(logged.getRows()).hasSizeBetween(1, 20);
        next.put(message.run(), logged.getFirstSeq() + logged.getRows().size());
      }
    }
  }

  @Test
  void aCallHasOneToFiftyMetrics() {
    List<Integer> sizes = new ArrayList<>();
    for (Workload.Message message : messages(new Workload(100_000, 300, 10, 20, 2))) {
      if (message.event() instanceof MetricsLogged logged) {
        for (MetricRow row : logged.getRows()) {
          sizes.add(row.getValues().size());
        }
      }
    }
    assertThat(sizes).allMatch(size -> size >= 1 && size <= 50).contains(1);
    assertThat(Collections.max(sizes)).isGreaterThan(40);
  }

  @Test
  void theSeedDecidesTheNumbers() {
    List<Workload.Message> once = messages(LOAD);
    List<Workload.Message> again = messages(LOAD);
    List<Workload.Message> other = messages(new Workload(50_000, 40, 7, 20, 2));

    assertThat(values(again)).isEqualTo(values(once));
    assertThat(values(other)).isNotEqualTo(values(once));
  }

  private static List<Map<String, Double>> values(List<Workload.Message> messages) {
    return messages.stream()
        .filter(message -> message.event() instanceof MetricsLogged)
        .flatMap(message -> ((MetricsLogged) message.event()).getRows().stream())
        .map(MetricRow::getValues)
        .toList();
  }
}
