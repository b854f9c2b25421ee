package io.runledger.contract;

import io.runledger.contract.Oracle.Event;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmJobObserved;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The order of attempts by {@link Oracle}: slow, and exactly as the rules are written. */
final class OracleOrder {

  private OracleOrder() {}

  /** The attempts by causes, then ids; events of an attempt come by writer and seq. */
  static List<Long> of(NavigableMap<Long, List<Event>> attempts) {
    NavigableMap<Long, Set<Long>> causes = new TreeMap<>();
    Set<Long> resumed = new HashSet<>();
    attempts.forEach(
        (attempt, events) -> {
          TreeSet<Long> of = new TreeSet<>();
          starts(events).stream()
              .map(RunStarted::getPredecessorAttemptId)
              .filter(Objects::nonNull)
              .findFirst()
              .filter(attempts::containsKey)
              .ifPresent(of::add);
          attempts.forEach(
              (other, otherEvents) -> {
                if (isRestartOf(restarts(otherEvents), restarts(events))) {
                  of.add(other);
                }
              });
          of.remove(attempt);
          causes.put(attempt, of);
          if (starts(events).stream().anyMatch(start -> start.getResumedFromStep() != null)) {
            resumed.add(attempt);
          }
        });
    List<Long> order = new ArrayList<>();
    while (!causes.isEmpty()) {
      long next = next(causes, order.isEmpty() ? resumed : Set.of());
      order.add(next);
      causes.remove(next);
      causes.values().forEach(open -> open.remove(next));
    }
    return order;
  }

  private static long next(NavigableMap<Long, Set<Long>> causes, Set<Long> notFirst) {
    List<Long> ready =
        causes.keySet().stream().filter(attempt -> causes.get(attempt).isEmpty()).toList();
    if (ready.isEmpty()) {
      List<Long> walk = new ArrayList<>();
      long at = causes.firstKey();
      while (!walk.contains(at)) {
        walk.add(at);
        at = new TreeSet<>(causes.get(at)).first();
      }
      return new TreeSet<>(walk.subList(walk.indexOf(at), walk.size())).first();
    }
    return ready.stream()
        .filter(attempt -> !notFirst.contains(attempt))
        .findFirst()
        .orElse(ready.get(0));
  }

  private static boolean isRestartOf(Map<String, Integer> earlier, Map<String, Integer> later) {
    return later.entrySet().stream()
        .anyMatch(
            job -> earlier.containsKey(job.getKey()) && earlier.get(job.getKey()) < job.getValue());
  }

  /**
   * How often each job was restarted: as the lowest of the starts says, else the last observation.
   */
  private static Map<String, Integer> restarts(List<Event> events) {
    Map<String, Integer> restarts = new TreeMap<>();
    for (Event event : events) {
      if (event.payload() instanceof SlurmJobObserved job) {
        restarts.put(job.getCluster() + " " + job.getJobId(), job.getRestartCount());
      }
    }
    Map<String, Integer> reported = new TreeMap<>();
    starts(events).stream()
        .map(RunStarted::getSlurm)
        .filter(Objects::nonNull)
        .forEach(
            job ->
                reported.putIfAbsent(
                    job.getCluster() + " " + job.getJobId(), job.getRestartCount()));
    restarts.putAll(reported);
    return restarts;
  }

  private static List<RunStarted> starts(List<Event> events) {
    return events.stream()
        .map(Event::payload)
        .filter(RunStarted.class::isInstance)
        .map(RunStarted.class::cast)
        .toList();
  }
}
