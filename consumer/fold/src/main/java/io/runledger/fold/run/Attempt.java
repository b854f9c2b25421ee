package io.runledger.fold.run;

import io.runledger.fold.EventKey;
import io.runledger.fold.Instants;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.RunStarted;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One life of a run: what its starts said of it, each part under a rule that no order of arrival
 * changes, and what follows from all that is known of the run.
 *
 * @param id attempt_id
 * @param start the first that names the run, by writer and seq
 * @param notes of the start whose word weighs most
 * @param resumedFromStep of the start whose word weighs most
 * @param predecessor the attempt that the first start to name one says it comes after
 * @param tags of all starts, sorted
 * @param maskedKeys the entries of the configuration whose values were masked as secrets, sorted
 * @param heartbeat the newest one
 * @param standing what was derived last; empty for an attempt that was never stored
 */
public record Attempt(
    long id,
    Optional<Said<Start>> start,
    AttemptConfiguration config,
    Optional<Said<String>> notes,
    Optional<Said<Long>> resumedFromStep,
    Optional<Said<Long>> predecessor,
    List<String> tags,
    List<String> maskedKeys,
    Optional<LastHeartbeat> heartbeat,
    Optional<Standing> standing) {

  /** One of which nothing is known but that it is. */
  public static Attempt unknown(long id) {
    return new Attempt(
        id,
        Optional.empty(),
        AttemptConfiguration.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  boolean isStarted() {
    return start.isPresent();
  }

  /** The step from which on its points were superseded last, null when they were not. */
  Long storedCut() {
    return standing.map(Standing::supersededFromStep).orElse(null);
  }

  /** With what a start says of everything but its configuration. */
  public Attempt with(EventKey key, Instant at, RunStarted started) {
    String source = started.getSource();
    boolean namesRun = started.getKey() != null || started.getInstanceId() != null;
    return new Attempt(
        id,
        namesRun ? Said.first(start, Said.by(key, null, Start.of(at, started))) : start,
        config,
        started.getNotes() == null
            ? notes
            : Said.strongest(notes, Said.by(key, source, started.getNotes())),
        started.getResumedFromStep() == null
            ? resumedFromStep
            : Said.strongest(resumedFromStep, Said.by(key, source, started.getResumedFromStep())),
        started.getPredecessorAttemptId() == null
            ? predecessor
            : Said.first(predecessor, Said.by(key, null, started.getPredecessorAttemptId())),
        union(tags, started.getTags()),
        union(maskedKeys, started.getMaskedKeys()),
        heartbeat,
        standing);
  }

  /** With another configuration. */
  public Attempt with(AttemptConfiguration newConfig) {
    return new Attempt(
        id,
        start,
        newConfig,
        notes,
        resumedFromStep,
        predecessor,
        tags,
        maskedKeys,
        heartbeat,
        standing);
  }

  /** With a sign of life. */
  public Attempt with(Instant at, Heartbeat beat) {
    LastHeartbeat said = new LastHeartbeat(Instants.micros(at), beat.getIntervalSeconds());
    return new Attempt(
        id,
        start,
        config,
        notes,
        resumedFromStep,
        predecessor,
        tags,
        maskedKeys,
        heartbeat.filter(known -> known.compareTo(said) >= 0).or(() -> Optional.of(said)),
        standing);
  }

  Attempt with(Standing newStanding) {
    return new Attempt(
        id,
        start,
        config,
        notes,
        resumedFromStep,
        predecessor,
        tags,
        maskedKeys,
        heartbeat,
        Optional.of(newStanding));
  }

  private static List<String> union(List<String> known, Collection<String> said) {
    if (said.isEmpty()) {
      return known;
    }
    TreeSet<String> all = new TreeSet<>(known);
    all.addAll(said);
    return List.copyOf(all);
  }
}
