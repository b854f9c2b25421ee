package io.runledger.fold.apply;

import io.runledger.fold.alert.AlertRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Streaks of runs whose start has not come, so that nobody knows whether they are meant. Not
 * thread-safe.
 */
final class WaitingStreaks {

  private final Map<Long, Map<AlertRule, List<AlertAction.Fire>>> byRun = new HashMap<>();

  /** Keeps a streak; of one rule and run no more than are stored of them. */
  void add(AlertAction.Fire fire) {
    List<AlertAction.Fire> ofRule =
        byRun
            .computeIfAbsent(fire.stream().runId(), id -> new LinkedHashMap<>())
            .computeIfAbsent(fire.rule(), rule -> new ArrayList<>());
    if (ofRule.size() < Firings.MOST) {
      ofRule.add(fire);
    }
  }

  /** Those of a run, which wait no longer. */
  List<AlertAction.Fire> take(long runId) {
    Map<AlertRule, List<AlertAction.Fire>> found = byRun.remove(runId);
    return found == null ? List.of() : found.values().stream().flatMap(List::stream).toList();
  }

  void forget(Set<Long> runs) {
    byRun.keySet().removeAll(runs);
  }

  void forget() {
    byRun.clear();
  }
}
