package io.runledger.fold.alert;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which runs a rule is about: those that have each of these parts.
 *
 * @param parts what is asked for, a text each
 */
public record RunScope(Map<Part, String> parts) {

  /** All runs. */
  public static final RunScope ALL = new RunScope(Map.of());

  /** A part of what a run is called. */
  public enum Part {
    PROJECT,
    EXPERIMENT,
    DATASET,
    METHOD,
    SUBJECT,
    CL_INFO,
    SEED,
    NAME;

    /** As it is written in a file of rules and in messages. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public RunScope {
    parts = Map.copyOf(parts);
  }

  /** Whether it leaves runs out. */
  public boolean isLimited() {
    return !parts.isEmpty();
  }

  /** Whether a run is one of them; one whose start has not come is not. */
  public boolean contains(AlertedRun run) {
    return parts.entrySet().stream()
        .allMatch(part -> part.getValue().equals(run.parts().get(part.getKey())));
  }

  /** As it is written in a file of rules, after the condition. */
  public String words() {
    return parts.entrySet().stream()
        .sorted(Comparator.comparing(Map.Entry::getKey))
        .map(part -> " of " + part.getKey().word() + " " + Quoted.word(part.getValue()))
        .collect(Collectors.joining());
  }
}
