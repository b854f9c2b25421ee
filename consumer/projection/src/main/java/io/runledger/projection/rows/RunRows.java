package io.runledger.projection.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.fold.AttemptOrder;
import io.runledger.fold.AttemptOrder.Claim;
import io.runledger.fold.AttemptOrder.Restart;
import io.runledger.fold.Instants;
import io.runledger.fold.Verdict;
import io.runledger.fold.Verdict.Observation;
import io.runledger.fold.Verdict.StatusChange;
import io.runledger.projection.rows.RunFacts.Annotation;
import io.runledger.projection.rows.RunFacts.Attempt;
import io.runledger.schemas.RunKey;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Derives the row of a run, and the derived columns of its attempts, from the facts that are stored
 * of it. The cost depends on the attempts and status changes of that run alone. Not thread-safe.
 */
final class RunRows {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Statements statements;
  private final RunFacts facts;

  /** Is told what changes how the points of a run are summed up. */
  interface Changes {
    /** Another step than before cuts the points of an attempt off. */
    void cut(long runId, long attemptId, Long oldStep, Long newStep) throws SQLException;

    /** The attempts of the run come in another order than before. */
    void reordered(long runId) throws SQLException;
  }

  RunRows(Statements statements) {
    this.statements = statements;
    this.facts = new RunFacts(statements);
  }

  void derive(long run, Changes told) throws SQLException {
    List<Attempt> attempts = ordered(facts.attempts(run), facts.restarts(run));
    if (attempts.isEmpty()) {
      // Only operators spoke so far; there is a run once something of it is known.
      return;
    }
    Map<Long, List<StatusChange>> changes =
        facts.changes(run).stream().collect(Collectors.groupingBy(StatusChange::attemptId));
    Map<Long, List<Observation>> jobs =
        facts.observations(run).stream().collect(Collectors.groupingBy(Observation::attemptId));
    Map<Long, Long> dropped = facts.dropped(run);
    Attempt first = attempts.stream().filter(Attempt::started).findFirst().orElse(attempts.get(0));
    String config =
        attempts.stream()
            .filter(Attempt::hasConfig)
            .findFirst()
            .map(Attempt::config)
            .orElse(first.config());
    Long supersededFrom = null;
    boolean drift = false;
    boolean reordered = false;
    Verdict newest = null;
    for (int i = attempts.size() - 1; i >= 0; i--) {
      Attempt attempt = attempts.get(i);
      Verdict verdict =
          Verdict.of(
              attempt.started(),
              changes.getOrDefault(attempt.id(), List.of()),
              jobs.getOrDefault(attempt.id(), List.of()));
      boolean drifted =
          attempt.configConflict()
              || (attempt.hasConfig() && !isSameConfig(attempt.config(), config));
      drift |= drifted;
      newest = newest == null ? verdict : newest;
      reordered |= attempt.ordinal() != 0 && attempt.ordinal() != i + 1;
      storeAttempt(
          run,
          attempt,
          i + 1,
          verdict,
          supersededFrom,
          drifted,
          dropped.getOrDefault(attempt.id(), 0L));
      if (!Objects.equals(attempt.supersededFromStep(), supersededFrom)) {
        told.cut(run, attempt.id(), attempt.supersededFromStep(), supersededFrom);
      }
      supersededFrom = lower(supersededFrom, attempt.resumedFromStep());
    }
    if (reordered) {
      told.reordered(run);
    }
    storeRun(run, attempts, first, newest, config, drift);
  }

  /** The attempts, the oldest first. */
  private static List<Attempt> ordered(List<Attempt> attempts, List<Restart> restarts) {
    Map<Long, Attempt> byId = new HashMap<>();
    List<Claim> claims = new ArrayList<>(attempts.size());
    for (Attempt attempt : attempts) {
      byId.put(attempt.id(), attempt);
      claims.add(new Claim(attempt.id(), attempt.resumedFromStep() != null, attempt.predecessor()));
    }
    return AttemptOrder.of(claims, restarts).stream().map(byId::get).toList();
  }

  private void storeAttempt(
      long run,
      Attempt attempt,
      int ordinal,
      Verdict verdict,
      Long supersededFrom,
      boolean drifted,
      long dropped)
      throws SQLException {
    statements.update(
        """
        UPDATE run_attempts
           SET ordinal = ?, superseded_from_step = ?, config_drift = ?, status = ?, status_reason = ?,
               status_source = ?, exit_code = ?, finished_us = ?, status_rule = ?,
               dropped_events = ?
         WHERE run_id = ? AND attempt_id = ?
        """,
        ordinal,
        supersededFrom,
        drifted ? 1 : 0,
        verdict.status().word(),
        verdict.reason(),
        verdict.source(),
        verdict.exitCode(),
        verdict.finishedMicros(),
        verdict.rule(),
        dropped,
        run,
        attempt.id());
  }

  private void storeRun(
      long run, List<Attempt> attempts, Attempt first, Verdict newest, String config, boolean drift)
      throws SQLException {
    Attempt last = attempts.get(attempts.size() - 1);
    List<Object> key = keyParts(first.key());
    TreeSet<String> tags = new TreeSet<>();
    String[] notes = {first.notes()};
    String name = name(first, key);
    Map<Long, List<Annotation>> annotations = facts.annotations(run);
    for (Turn turn : turns(attempts, annotations.keySet())) {
      turn.attempt()
          .ifPresent(
              attempt -> {
                tags.addAll(attempt.tags());
                notes[0] = attempt.notes() == null ? notes[0] : attempt.notes();
              });
      for (Annotation annotation : annotations.getOrDefault(turn.id(), List.of())) {
        notes[0] = annotation.notes() == null ? notes[0] : annotation.notes();
        name = annotation.name() == null ? name : annotation.name();
        annotation.removed().forEach(tags::remove);
        tags.addAll(annotation.added());
      }
    }
    String identity = !first.started() ? "unknown" : first.key() != null ? "key" : "instance";
    statements.update(
        """
        INSERT INTO experiment_runs (
               run_id, identity, experiment, dataset, method, subject, cl_info, seed, project, run_name,
               config, config_drift, notes, tags, status, status_reason, status_source, exit_code,
               attempts, first_attempt_id, last_attempt_id, created_at, started_at, finished_at,
               deleted, slurm_job_id, slurm_array_task_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
               ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
               ?19, ?20, ?21, ?22, ?23, ?24,
               ?25,
               (SELECT slurm_job_id FROM slurm_jobs WHERE run_id = ?1 AND attempt_id = ?21
                 ORDER BY cluster DESC, slurm_job_id DESC LIMIT 1),
               (SELECT slurm_array_task_id FROM slurm_jobs WHERE run_id = ?1 AND attempt_id = ?21
                 ORDER BY cluster DESC, slurm_job_id DESC LIMIT 1))
        ON CONFLICT (run_id) DO UPDATE
           SET identity = excluded.identity, experiment = excluded.experiment,
               dataset = excluded.dataset, method = excluded.method, subject = excluded.subject,
               cl_info = excluded.cl_info, seed = excluded.seed, project = excluded.project,
               run_name = excluded.run_name, config = excluded.config,
               config_drift = excluded.config_drift, notes = excluded.notes, tags = excluded.tags,
               status = excluded.status, status_reason = excluded.status_reason,
               status_source = excluded.status_source, exit_code = excluded.exit_code,
               attempts = excluded.attempts, first_attempt_id = excluded.first_attempt_id,
               last_attempt_id = excluded.last_attempt_id, created_at = excluded.created_at,
               started_at = excluded.started_at, finished_at = excluded.finished_at,
               deleted = excluded.deleted, slurm_job_id = excluded.slurm_job_id,
               slurm_array_task_id = excluded.slurm_array_task_id
        """,
        run,
        identity,
        key.get(0),
        key.get(1),
        key.get(2),
        key.get(3),
        key.get(4),
        key.get(5),
        first.project(),
        name,
        config,
        drift ? 1 : 0,
        notes[0],
        RunFold.jsonSet(tags),
        newest.status().word(),
        newest.reason(),
        newest.source(),
        newest.exitCode(),
        attempts.size(),
        attempts.get(0).id(),
        last.id(),
        Instants.textOfMicros(first.startedMicros()),
        Instants.textOfMicros(last.startedMicros()),
        Instants.textOfMicros(newest.finishedMicros()),
        isDeleted(run, attempts) ? 1 : 0);
  }

  /**
   * Whether the last that was said of it is that it is deleted. Who starts it once more wants to
   * see it: an attempt that started after the deletion's own is the last word.
   */
  private boolean isDeleted(long run, List<Attempt> attempts) throws SQLException {
    Map<Long, Boolean> lastWords = facts.lastWordsOnDeletion(run);
    boolean deleted = false;
    for (Turn turn : turns(attempts, lastWords.keySet())) {
      boolean startedAgain = turn.attempt().filter(Attempt::started).isPresent();
      deleted = lastWords.getOrDefault(turn.id(), deleted && !startedAgain);
    }
    return deleted;
  }

  /** One who has a say about a run: an attempt, or an operator under an id of their own. */
  private record Turn(long id, Optional<Attempt> attempt) {}

  /**
   * Attempts in their order, and behind the last one that is older by its id each operator who
   * spoke under an id that is no attempt's.
   */
  private static List<Turn> turns(List<Attempt> attempts, Set<Long> speakers) {
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

  private static String name(Attempt first, List<Object> key) {
    if (first.name() != null || first.key() == null) {
      return first.name();
    }
    return RunKey.of(
            (String) key.get(0),
            (String) key.get(1),
            (String) key.get(2),
            (String) key.get(3),
            (String) key.get(4),
            key.get(5) == null ? null : ((Number) key.get(5)).longValue())
        .displayName();
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

  private static List<Object> keyParts(String json) {
    if (json == null) {
      return Arrays.asList(null, null, null, null, null, null);
    }
    try {
      return JSON.readValue(json, new TypeReference<List<Object>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A run key that the fold wrote is no JSON: " + json, e);
    }
  }

  private static Long lower(Long known, Long candidate) {
    if (known == null || candidate == null) {
      return known == null ? candidate : known;
    }
    return Math.min(known, candidate);
  }
}
