package io.runledger.fold;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The order of a run's attempts, the oldest first: causes come before clocks. A requeued SLURM job
 * comes after the same job with a lower restart count, an attempt after the one that it names as
 * its predecessor, and a resumed attempt is not the first where another can be; only where none of
 * these says anything, the attempt ids decide, which the clocks of the nodes made.
 *
 * <p>The order is total and a function of the set of claims alone. Claims that contradict each
 * other end in a cycle, of which the attempt with the lowest id goes first; a claim about an
 * attempt that is not there, or about itself, says nothing. The cost is that of sorting.
 */
public final class AttemptOrder {

  /**
   * What is known of an attempt.
   *
   * @param resumed whether it continued from a step of another attempt
   * @param predecessor the attempt that it says it comes after, or null
   */
  public record Claim(long attemptId, boolean resumed, Long predecessor) {}

  /** That an attempt ran in a SLURM job after a number of restarts of it. */
  public record Restart(long attemptId, String cluster, long jobId, long count) {}

  private record Job(String cluster, long jobId) {}

  private final Claim[] claims;

  /** By place in {@link #claims}, then the barriers between two restarts of a job. */
  private final List<List<Integer>> effects = new ArrayList<>();

  private final List<List<Integer>> causes = new ArrayList<>();
  private int[] openCauses = {};
  private boolean[] placed = {};
  private final PriorityQueue<Integer> ready;
  private final Deque<Integer> openBarriers = new ArrayDeque<>();

  private AttemptOrder(List<Claim> claims) {
    this.claims = claims.toArray(Claim[]::new);
    Arrays.sort(this.claims, Comparator.comparingLong(Claim::attemptId));
    // Places are in the order of ids.
    this.ready = new PriorityQueue<>();
  }

  /**
   * The attempt ids in their order.
   *
   * @param claims one of each attempt
   * @param restarts in which jobs they ran, as far as known
   */
  public static List<Long> of(List<Claim> claims, List<Restart> restarts) {
    if (claims.size() == 1) {
      return List.of(claims.get(0).attemptId());
    }
    AttemptOrder order = new AttemptOrder(claims);
    order.addCauses(restarts);
    return order.sorted();
  }

  private void addCauses(List<Restart> restarts) {
    Map<Long, Integer> places = new HashMap<>();
    for (int place = 0; place < claims.length; place++) {
      places.put(claims[place].attemptId(), place);
      addNode();
    }
    for (int place = 0; place < claims.length; place++) {
      Integer predecessor = places.get(claims[place].predecessor());
      if (predecessor != null && predecessor != place) {
        addCause(predecessor, place);
      }
    }
    Map<Job, SortedMap<Long, Set<Integer>>> jobs = new HashMap<>();
    for (Restart restart : restarts) {
      if (!places.containsKey(restart.attemptId())) {
        continue;
      }
      jobs.computeIfAbsent(new Job(restart.cluster(), restart.jobId()), job -> new TreeMap<>())
          .computeIfAbsent(restart.count(), count -> new HashSet<>())
          .add(places.get(restart.attemptId()));
    }
    jobs.values().forEach(this::addBarriers);
  }

  /** All attempts of one restart come before all of the next, by way of a node between them. */
  private void addBarriers(SortedMap<Long, Set<Integer>> byCount) {
    int barrier = -1;
    for (Set<Integer> attempts : byCount.values()) {
      int before = barrier;
      barrier = addNode();
      for (int attempt : attempts) {
        if (before >= 0) {
          addCause(before, attempt);
        }
        addCause(attempt, barrier);
      }
    }
  }

  private int addNode() {
    effects.add(new ArrayList<>(1));
    causes.add(new ArrayList<>(1));
    return effects.size() - 1;
  }

  private void addCause(int cause, int effect) {
    effects.get(cause).add(effect);
    causes.get(effect).add(cause);
  }

  private List<Long> sorted() {
    int nodes = effects.size();
    placed = new boolean[nodes];
    openCauses = new int[nodes];
    for (int node = 0; node < nodes; node++) {
      openCauses[node] = causes.get(node).size();
      if (openCauses[node] == 0) {
        makeReady(node);
      }
    }
    List<Long> order = new ArrayList<>(claims.length);
    int lowestOpen = 0;
    while (order.size() < claims.length) {
      passBarriers();
      while (lowestOpen < claims.length && placed[lowestOpen]) {
        lowestOpen++;
      }
      int next = ready.isEmpty() ? firstOfACycle(lowestOpen) : takeReady(order.isEmpty());
      place(next);
      order.add(claims[next].attemptId());
    }
    return order;
  }

  private void makeReady(int node) {
    if (node < claims.length) {
      ready.add(node);
    } else {
      openBarriers.add(node);
    }
  }

  private void passBarriers() {
    while (!openBarriers.isEmpty()) {
      place(openBarriers.remove());
    }
  }

  private void place(int node) {
    placed[node] = true;
    for (int effect : effects.get(node)) {
      openCauses[effect]--;
      if (openCauses[effect] == 0 && !placed[effect]) {
        makeReady(effect);
      }
    }
  }

  /**
   * The lowest id; at the beginning of all that of an attempt which did not resume, if any did not.
   */
  private int takeReady(boolean first) {
    if (!first) {
      return ready.remove();
    }
    int chosen =
        ready.stream()
            .filter(place -> !claims[place].resumed())
            .min(Comparator.naturalOrder())
            .orElse(ready.peek());
    ready.remove(chosen);
    return chosen;
  }

  /** Every open node has an open cause, so going back from one leads into a cycle. */
  private int firstOfACycle(int from) {
    Set<Integer> walked = new HashSet<>();
    int node = from;
    while (walked.add(node)) {
      node = openCauseOf(node);
    }
    int lowest = Integer.MAX_VALUE;
    int onCycle = node;
    do {
      lowest = Math.min(lowest, onCycle);
      onCycle = openCauseOf(onCycle);
    } while (onCycle != node);
    return lowest;
  }

  private int openCauseOf(int node) {
    return causes.get(node).stream()
        .filter(cause -> !placed[cause])
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }
}
