package io.runledger.fold.apply;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The streaks of the metrics of one stream that rules look at. Not thread-safe. */
final class WatchedValues {

  /** A metric that is looked at, by its place in a log call. */
  record Watched(int place, Streak streak) {}

  private final Map<String, List<Streak>> byName = new HashMap<>();

  /** The names that were looked up last: most calls have the same names. */
  private List<String> lastNames = List.of();

  private List<Watched> lastWatched = List.of();

  /**
   * What is looked at of a log call with these names; empty for most.
   *
   * @param metrics those that rules name
   * @param loader gives the streaks of one of them
   */
  List<Watched> of(List<String> names, Set<String> metrics, Function<String, List<Streak>> loader) {
    if (names != lastNames) {
      List<Watched> found = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        int place = i;
        if (metrics.contains(names.get(i))) {
          byName
              .computeIfAbsent(names.get(i), loader)
              .forEach(streak -> found.add(new Watched(place, streak)));
        }
      }
      lastNames = names;
      lastWatched = List.copyOf(found);
    }
    return lastWatched;
  }
}
