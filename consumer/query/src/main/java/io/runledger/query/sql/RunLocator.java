package io.runledger.query.sql;

import io.runledger.config.Printable;
import io.runledger.query.failure.AmbiguousRunException;
import io.runledger.query.failure.NearNames;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.RunSelector;
import io.runledger.query.runs.RunSelector.Any;
import io.runledger.query.runs.RunSelector.ById;
import io.runledger.query.runs.RunSelector.ByKey;
import io.runledger.query.runs.RunSelector.ByName;
import io.runledger.query.runs.RunSelector.BySlurmJob;
import io.runledger.query.runs.TypedRun;
import io.runledger.query.runs.TypedRun.IdRange;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Finds the one run that a selector means. */
public final class RunLocator {

  /** As many as anybody reads; one more shows that there are more. */
  private static final int SHOWN = 100;

  /**
   * The last speaker is the newest attempt, or whoever said something of the run under an id behind
   * it that is not an attempt's: lines that speak of a run as a whole name none.
   */
  private static final String CANDIDATES =
      """
      SELECT r.run_id, r.run_name, r.status, r.created_at, r.first_attempt_id, r.deleted,
             max(r.last_attempt_id,
                 ifnull((SELECT max(n.attempt_id) FROM run_annotations n
                          WHERE n.run_id = r.run_id
                            AND NOT EXISTS (SELECT 1 FROM run_attempts a WHERE a.run_id = n.run_id AND a.attempt_id = n.attempt_id)), 0),
                 ifnull((SELECT max(d.attempt_id) FROM run_deletions d
                          WHERE d.run_id = r.run_id
                            AND NOT EXISTS (SELECT 1 FROM run_attempts a WHERE a.run_id = d.run_id AND a.attempt_id = d.attempt_id)), 0)) AS last_speaker
        FROM experiment_runs r
      """;

  private static final String NEWEST_SHOWN_FIRST =
      """
       ORDER BY r.deleted, r.first_attempt_id DESC
       LIMIT :limit
      """;

  private static final String BY_ID =
      CANDIDATES
          + """
       WHERE r.run_id BETWEEN :lowest AND :highest
      """
          + NEWEST_SHOWN_FIRST;

  private static final String BY_NAME =
      CANDIDATES
          + """
       WHERE r.run_name = :name
      """
          + NEWEST_SHOWN_FIRST;

  private static final String BY_SLURM_JOB =
      CANDIDATES
          + """
       WHERE r.run_id IN (SELECT run_id
                            FROM slurm_jobs
                           WHERE (CAST(:task AS BIGINT) IS NULL AND (slurm_job_id = :job OR slurm_array_job_id = :job))
                              OR (slurm_array_job_id = :job AND slurm_array_task_id = :task))
      """
          + NEWEST_SHOWN_FIRST;

  static final String CHOSEN =
      CANDIDATES
          + """
       WHERE r.deleted = :deleted
      """
          + RunQueries.MATCHES
          + """
       ORDER BY r.first_attempt_id DESC, r.run_id DESC
       LIMIT :limit
      """;

  private record Candidate(
      long runId,
      Optional<String> name,
      String status,
      Optional<String> createdAt,
      long firstAttemptId,
      long lastSpeaker,
      boolean deleted) {}

  private final Handle handle;

  public RunLocator(Handle handle) {
    this.handle = handle;
  }

  public RunId find(RunSelector selector) {
    Set<Candidate> all = candidates(selector);
    List<Candidate> shown =
        all.stream()
            .filter(candidate -> !candidate.deleted())
            .sorted(Comparator.comparingLong(Candidate::firstAttemptId).reversed())
            .toList();
    if (shown.isEmpty()) {
      throw notFound(selector.text(), all);
    }
    if (shown.size() > 1) {
      throw ambiguous(selector.text(), shown);
    }
    return new RunId(shown.get(0).runId());
  }

  /** The run that is meant, also when it is deleted; one that is not goes first. */
  public LocatedRun locate(RunSelector selector) {
    Set<Candidate> all = candidates(selector);
    List<Candidate> shown = all.stream().filter(candidate -> !candidate.deleted()).toList();
    List<Candidate> meant = shown.isEmpty() ? List.copyOf(all) : shown;
    if (meant.isEmpty()) {
      throw notFound(selector.text(), Set.of());
    }
    if (meant.size() > 1) {
      throw ambiguous(selector.text(), meant);
    }
    return located(meant.get(0));
  }

  /** The runs that match, newest first: those that are deleted, or those that are not. */
  public List<LocatedRun> chosen(RunFilter filter, boolean deleted) {
    return RunQueries.matching(handle, CHOSEN, filter)
        .bind("deleted", deleted ? 1 : 0)
        .bind("limit", filter.limit())
        .map((row, context) -> candidate(row))
        .list()
        .stream()
        .map(RunLocator::located)
        .toList();
  }

  private static LocatedRun located(Candidate candidate) {
    OptionalLong speaker =
        candidate.lastSpeaker() == 0
            ? OptionalLong.empty()
            : OptionalLong.of(candidate.lastSpeaker());
    RunStatus known = RunStatus.ofWord(candidate.status()).orElse(RunStatus.PENDING);
    return new LocatedRun(new RunId(candidate.runId()), speaker, known, candidate.name());
  }

  private Set<Candidate> candidates(RunSelector selector) {
    if (selector instanceof Any any) {
      return anything(any.text());
    }
    if (selector instanceof ById byId) {
      return byId(byId.text());
    }
    if (selector instanceof ByName byName) {
      return byName(byName.name());
    }
    if (selector instanceof ByKey byKey) {
      return byKey(byKey.key());
    }
    return bySlurmJob((BySlurmJob) selector);
  }

  private Set<Candidate> anything(String text) {
    if (text.length() == Base32.LENGTH) {
      Set<Candidate> wholeId = TypedRun.idPrefix(text).map(this::inRange).orElse(Set.of());
      if (!wholeId.isEmpty()) {
        return wholeId;
      }
    }
    Set<Candidate> named = byName(text);
    if (!named.isEmpty()) {
      return named;
    }
    Set<Candidate> keyed = TypedRun.runKey(text).map(this::byKey).orElse(Set.of());
    if (!keyed.isEmpty()) {
      return keyed;
    }
    Set<Candidate> task =
        TypedRun.slurmJob(text)
            .filter(job -> job.arrayTaskId().isPresent())
            .map(this::bySlurmJob)
            .orElse(Set.of());
    return task.isEmpty() ? byId(text) : task;
  }

  private Set<Candidate> byId(String text) {
    Set<Candidate> found = new LinkedHashSet<>();
    TypedRun.idPrefix(text).map(this::inRange).ifPresent(found::addAll);
    TypedRun.decimalId(text).map(this::inRange).ifPresent(found::addAll);
    return found;
  }

  private Set<Candidate> inRange(IdRange range) {
    return new LinkedHashSet<>(
        handle
            .createQuery(BY_ID)
            .bind("lowest", range.lowest())
            .bind("highest", range.highest())
            .bind("limit", SHOWN + 1)
            .map((row, context) -> candidate(row))
            .list());
  }

  private Set<Candidate> byName(String name) {
    return new LinkedHashSet<>(
        handle
            .createQuery(BY_NAME)
            .bind("name", name)
            .bind("limit", SHOWN + 1)
            .map((row, context) -> candidate(row))
            .list());
  }

  private Set<Candidate> byKey(RunKey key) {
    long id = RunId.of(key).value();
    return inRange(new IdRange(id, id));
  }

  private Set<Candidate> bySlurmJob(BySlurmJob job) {
    return new LinkedHashSet<>(
        handle
            .createQuery(BY_SLURM_JOB)
            .bind("job", job.jobId())
            .bind("task", job.arrayTaskId().isPresent() ? job.arrayTaskId().getAsLong() : null)
            .bind("limit", SHOWN + 1)
            .map((row, context) -> candidate(row))
            .list());
  }

  private static Candidate candidate(ResultSet row) throws SQLException {
    return new Candidate(
        row.getLong("run_id"),
        Columns.text(row, "run_name"),
        row.getString("status"),
        Columns.text(row, "created_at"),
        row.getLong("first_attempt_id"),
        row.getLong("last_speaker"),
        Columns.flag(row, "deleted"));
  }

  private RunNotFoundException notFound(String typed, Set<Candidate> deleted) {
    if (!deleted.isEmpty()) {
      return new RunNotFoundException(
          "Run '%s' was deleted; its events are kept, and 'runledger restore' shows it again."
              .formatted(Printable.word(typed)));
    }
    List<String> near = namesThatContain(typed);
    String hint =
        near.isEmpty()
            ? " Specify a run by its id or the first characters of it, its name, its run key (7/mnist/cnn/s01/-/3) or slurm:JOB; 'runledger list' shows the runs."
            : " Did you mean " + NearNames.either(near) + "?";
    return new RunNotFoundException("No run matches '" + Printable.word(typed) + "'." + hint);
  }

  private List<String> namesThatContain(String text) {
    return handle
        .createQuery(
            """
            SELECT DISTINCT run_name
              FROM experiment_runs
             WHERE deleted = 0 AND instr(lower(run_name), lower(:text)) > 0
             ORDER BY run_name
             LIMIT :limit
            """)
        .bind("text", text)
        .bind("limit", NearNames.READABLE + 1)
        .mapTo(String.class)
        .list();
  }

  private static AmbiguousRunException ambiguous(String typed, List<Candidate> found) {
    List<String> lines = new ArrayList<>();
    for (Candidate candidate : found.subList(0, Math.min(SHOWN, found.size()))) {
      lines.add(
          "  %s  %s  %s  %s"
              .formatted(
                  new RunId(candidate.runId()),
                  candidate.createdAt().orElse("-"),
                  candidate.status(),
                  candidate.name().map(Printable::name).orElse("-")));
    }
    String count = found.size() > SHOWN ? "more than " + SHOWN : Integer.toString(found.size());
    return new AmbiguousRunException(
        "'%s' matches %s runs; specify one by its id:%n%s"
            .formatted(Printable.word(typed), count, String.join(System.lineSeparator(), lines)),
        found.stream().map(candidate -> new RunId(candidate.runId())).toList());
  }
}
