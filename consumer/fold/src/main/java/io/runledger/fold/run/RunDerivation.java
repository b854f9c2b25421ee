package io.runledger.fold.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.fold.AttemptOrder;
import io.runledger.fold.AttemptOrder.Claim;
import io.runledger.fold.AttemptOrder.Restart;
import io.runledger.fold.Verdict;
import io.runledger.fold.Verdict.Observation;
import io.runledger.fold.Verdict.StatusChange;
import io.runledger.fold.run.DerivedRun.Superseded;
import io.runledger.schemas.RunKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Derives the row of a run, and the standing of its attempts, from the facts that are stored of it.
 * A pure function: the same facts, however they came, give the same rows.
 */
public final class RunDerivation {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final long run;
  private final RunFacts facts;
  private final List<Attempt> attempts;
  private final Attempt first;
  private final String config;

  private RunDerivation(long run, RunFacts facts) {
    this.run = run;
    this.facts = facts;
    attempts = ordered(facts);
    first = attempts.stream().filter(Attempt::isStarted).findFirst().orElse(attempts.get(0));
    config =
        attempts.stream()
            .map(Attempt::config)
            .filter(AttemptConfiguration::hasEntries)
            .findFirst()
            .orElse(first.config())
            .json();
  }

  /**
   * What follows; empty while the run has no attempt: then only operators have spoken of it, and
   * there is a run once something of it is known.
   */
  public static Optional<DerivedRun> of(long run, RunFacts facts) {
    return facts.attempts().isEmpty()
        ? Optional.empty()
        : Optional.of(new RunDerivation(run, facts).derive());
  }

  /** The attempts, the oldest first. */
  private static List<Attempt> ordered(RunFacts facts) {
    Map<Long, Attempt> byId = new HashMap<>();
    List<Claim> claims = new ArrayList<>(facts.attempts().size());
    for (Attempt attempt : facts.attempts()) {
      byId.put(attempt.id(), attempt);
      claims.add(
          new Claim(
              attempt.id(),
              attempt.resumedFromStep().isPresent(),
              attempt.predecessor().map(Said::value).orElse(null)));
    }
    List<Restart> restarts =
        facts.jobs().stream().map(SlurmJob::restart).flatMap(Optional::stream).toList();
    return AttemptOrder.of(claims, restarts).stream().map(byId::get).toList();
  }

  private DerivedRun derive() {
    Map<Long, List<StatusChange>> changes =
        facts.changes().stream().collect(Collectors.groupingBy(StatusChange::attemptId));
    Map<Long, List<Observation>> observations =
        facts.jobs().stream()
            .sorted(Comparator.comparing(SlurmJob::cluster).thenComparing(SlurmJob::jobId))
            .map(SlurmJob::observation)
            .flatMap(Optional::stream)
            .collect(Collectors.groupingBy(Observation::attemptId));
    Map<Long, Long> dropped =
        facts.dropped().stream()
            .collect(
                Collectors.toMap(
                    DroppedEvents::attemptId, DroppedEvents::count, RunFacts::saturatingSum));
    ArrayDeque<Attempt> standing = new ArrayDeque<>();
    List<Superseded> cuts = new ArrayList<>();
    boolean reordered = false;
    Long supersededFrom = null;
    for (int i = attempts.size() - 1; i >= 0; i--) {
      Attempt attempt = attempts.get(i);
      long ordinal = i + 1L;
      standing.addFirst(
          attempt.with(
              new Standing(
                  ordinal,
                  supersededFrom,
                  isDrifted(attempt.config()),
                  Verdict.of(
                      attempt.isStarted(),
                      changes.getOrDefault(attempt.id(), List.of()),
                      observations.getOrDefault(attempt.id(), List.of())),
                  dropped.getOrDefault(attempt.id(), 0L))));
      reordered |=
          attempt
              .standing()
              .filter(old -> old.ordinal() != 0 && old.ordinal() != ordinal)
              .isPresent();
      if (!Objects.equals(attempt.storedCut(), supersededFrom)) {
        cuts.add(new Superseded(attempt.id(), attempt.storedCut(), supersededFrom));
      }
      supersededFrom = lower(supersededFrom, attempt.resumedFromStep().map(Said::value));
    }
    List<Attempt> derived = List.copyOf(standing);
    return new DerivedRun(row(derived), derived, cuts, reordered);
  }

  private boolean isDrifted(AttemptConfiguration of) {
    return of.conflict() || (of.hasEntries() && !isSameConfig(of.json(), config));
  }

  private RunRow row(List<Attempt> derived) {
    Attempt last = derived.get(derived.size() - 1);
    Optional<RunKey> key = first.start().flatMap(start -> start.value().key());
    TreeSet<String> tags = new TreeSet<>();
    String notes = first.notes().map(Said::value).orElse(null);
    String name = name(key);
    Map<Long, List<Annotation>> annotations =
        facts.annotations().stream().collect(Collectors.groupingBy(Annotation::speaker));
    for (Turn turn : turns(annotations.keySet())) {
      if (turn.attempt().isPresent()) {
        Attempt attempt = turn.attempt().get();
        tags.addAll(attempt.tags());
        notes = attempt.notes().map(Said::value).orElse(notes);
      }
      for (Annotation annotation : annotations.getOrDefault(turn.speaker(), List.of())) {
        notes = annotation.notes() == null ? notes : annotation.notes();
        name = annotation.name() == null ? name : annotation.name();
        annotation.removed().forEach(tags::remove);
        tags.addAll(annotation.added());
      }
    }
    return new RunRow(
        run,
        identity(key),
        key,
        first.start().map(start -> start.value().project()).orElse(null),
        name,
        config,
        derived.stream().anyMatch(attempt -> attempt.standing().orElseThrow().configDrift()),
        notes,
        tags,
        last.standing().orElseThrow().verdict(),
        derived.size(),
        derived.get(0).id(),
        last.id(),
        startedMicros(first),
        startedMicros(last),
        isDeleted(),
        facts.jobs().stream()
            .filter(job -> job.attemptId() == last.id())
            .max(Comparator.comparing(SlurmJob::cluster).thenComparing(SlurmJob::jobId)));
  }

  private String identity(Optional<RunKey> key) {
    if (!first.isStarted()) {
      return "unknown";
    }
    return key.isPresent() ? "key" : "instance";
  }

  private String name(Optional<RunKey> key) {
    return first
        .start()
        .map(start -> start.value().name())
        .orElse(key.map(RunKey::displayName).orElse(null));
  }

  private static Long startedMicros(Attempt attempt) {
    return attempt.start().map(start -> start.value().startedMicros()).orElse(null);
  }

  /**
   * Whether the last that was said of it is that it is deleted. Who starts it once more wants to
   * see it: an attempt that started after the deletion's own is the last word.
   */
  private boolean isDeleted() {
    Map<Long, Boolean> lastWords = new TreeMap<>();
    facts.deletions().forEach(said -> lastWords.put(said.speaker(), said.deleted()));
    boolean deleted = false;
    for (Turn turn : turns(lastWords.keySet())) {
      boolean startedAgain = turn.attempt().filter(Attempt::isStarted).isPresent();
      deleted = lastWords.getOrDefault(turn.speaker(), deleted && !startedAgain);
    }
    return deleted;
  }

  /** A source of reports about a run: an attempt, or an operator with a separate id. */
  private record Turn(long speaker, Optional<Attempt> attempt) {}

  /**
   * Attempts in their order, and behind the last one that is older by its id each operator who
   * reported under an id that is not an attempt's.
   */
  private List<Turn> turns(Set<Long> speakers) {
    TreeSet<Long> operators = new TreeSet<>(speakers);
    attempts.forEach(attempt -> operators.remove(attempt.id()));
    ArrayDeque<Turn> turns = new ArrayDeque<>();
    for (int i = attempts.size() - 1; i >= 0; i--) {
      Attempt attempt = attempts.get(i);
      NavigableSet<Long> behind = operators.tailSet(attempt.id(), false);
      behind.descendingSet().forEach(id -> turns.addFirst(new Turn(id, Optional.empty())));
      behind.clear();
      turns.addFirst(new Turn(attempt.id(), Optional.of(attempt)));
    }
    operators.descendingSet().forEach(id -> turns.addFirst(new Turn(id, Optional.empty())));
    return List.copyOf(turns);
  }

  /** Whether two configurations say the same: the order of keys means nothing. */
  private static boolean isSameConfig(String one, String other) {
    if (Objects.equals(one, other)) {
      return true;
    }
    if (one == null || other == null) {
      return false;
    }
    try {
      return JSON.readTree(one).equals(JSON.readTree(other));
    } catch (JsonProcessingException notJson) {
      return false;
    }
  }

  private static Long lower(Long known, Optional<Long> candidate) {
    if (known == null) {
      return candidate.orElse(null);
    }
    return candidate.map(step -> Math.min(known, step)).orElse(known);
  }
}
