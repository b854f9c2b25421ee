package io.runledger.fold.apply;

import io.runledger.fold.EventKey;
import io.runledger.fold.ReadableJson;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.AttemptConfiguration;
import io.runledger.fold.run.Configuration;
import io.runledger.fold.run.RunFacts;
import io.runledger.fold.run.Said;
import io.runledger.fold.run.SlurmJob;
import io.runledger.fold.store.RunStore;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmJobObserved;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What the events of one batch say of the attempts and jobs of one run, to be laid over what is
 * stored of them. Not thread-safe.
 */
final class RunClaims {

  private final long run;
  private final Map<Long, List<UnaryOperator<Attempt>>> ofAttempts = new TreeMap<>();
  private final Map<Long, List<Said<Configuration>>> configurations = new TreeMap<>();
  private final Map<SlurmJob.Name, List<UnaryOperator<SlurmJob>>> ofJobs = new LinkedHashMap<>();

  RunClaims(long run) {
    this.run = run;
  }

  void addAttempt(long attempt) {
    claim(attempt, known -> known);
  }

  void add(EventKey key, Instant at, RunStarted started) {
    long attempt = key.stream().attemptId();
    claim(attempt, known -> known.with(key, at, started));
    if (started.getConfig() != null) {
      Configuration said =
          new Configuration(
              ReadableJson.of(started.getConfig()),
              started.getConfigTruncatedBytes(),
              started.getConfigSha256());
      if (said.isEmpty()) {
        claim(attempt, known -> known.with(known.config().mentioning()));
      } else {
        configurations
            .computeIfAbsent(attempt, id -> new ArrayList<>())
            .add(Said.by(key, started.getSource(), said));
      }
    }
    if (started.getSlurm() != null) {
      claim(
          new SlurmJob.Name(
              attempt, started.getSlurm().getCluster(), started.getSlurm().getJobId()),
          known -> known.with(key, started.getSlurm()));
    }
  }

  void add(EventKey key, Instant at, Heartbeat heartbeat) {
    claim(key.stream().attemptId(), known -> known.with(at, heartbeat));
  }

  void add(EventKey key, SlurmJobObserved observed) {
    claim(
        new SlurmJob.Name(key.stream().attemptId(), observed.getCluster(), observed.getJobId()),
        known -> known.with(key, observed));
  }

  private void claim(long attempt, UnaryOperator<Attempt> said) {
    ofAttempts.computeIfAbsent(attempt, id -> new ArrayList<>()).add(said);
  }

  private void claim(SlurmJob.Name job, UnaryOperator<SlurmJob> said) {
    ofJobs.computeIfAbsent(job, name -> new ArrayList<>()).add(said);
  }

  /**
   * The facts of the run with these claims.
   *
   * @param stored what is stored of it
   * @param store where the single configurations of attempts with several are kept
   */
  RunFacts over(RunFacts stored, RunStore store) {
    Map<Long, Attempt> byId = new TreeMap<>();
    stored.attempts().forEach(attempt -> byId.put(attempt.id(), attempt));
    lay(ofAttempts, byId, Attempt::unknown);
    configurations.forEach(
        (id, said) ->
            byId.compute(id, (same, attempt) -> attempt.with(merged(attempt, said, store))));
    return new RunFacts(
        List.copyOf(byId.values()),
        jobs(stored),
        stored.changes(),
        stored.annotations(),
        stored.deletions(),
        stored.dropped());
  }

  private AttemptConfiguration merged(
      Attempt attempt, List<Said<Configuration>> said, RunStore store) {
    Optional<Said<Configuration>> known = attempt.config().said();
    List<Said<Configuration>> all = new ArrayList<>();
    if (known.isPresent()) {
      all.addAll(store.configurations(run, attempt.id()));
    }
    List<Said<Configuration>> notKept = new ArrayList<>(said);
    if (all.isEmpty()) {
      // An only one is kept with its attempt alone.
      known.ifPresent(only -> notKept.add(0, only));
    }
    all.addAll(notKept);
    if (all.size() > 1) {
      notKept.forEach(one -> store.addConfiguration(run, attempt.id(), one));
    }
    return attempt.config().of(all);
  }

  private List<SlurmJob> jobs(RunFacts stored) {
    Map<SlurmJob.Name, SlurmJob> byName = new HashMap<>();
    stored.jobs().forEach(job -> byName.put(job.name(), job));
    lay(ofJobs, byName, SlurmJob::unknown);
    return List.copyOf(byName.values());
  }

  /** Lays what was said of each over what is known of it, which may be nothing. */
  private static <K, T> void lay(
      Map<K, List<UnaryOperator<T>>> claims, Map<K, T> known, Function<K, T> unknown) {
    claims.forEach(
        (name, said) -> {
          T one = known.containsKey(name) ? known.get(name) : unknown.apply(name);
          for (UnaryOperator<T> claim : said) {
            one = claim.apply(one);
          }
          known.put(name, one);
        });
  }
}
