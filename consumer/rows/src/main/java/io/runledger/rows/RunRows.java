package io.runledger.rows;

import io.runledger.fold.EventKey;
import io.runledger.fold.Instants;
import io.runledger.fold.Verdict;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.Configuration;
import io.runledger.fold.run.RunFacts;
import io.runledger.fold.run.RunRow;
import io.runledger.fold.run.Said;
import io.runledger.fold.run.SlurmJob;
import io.runledger.fold.store.RunStore;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** The runs of a database and their facts. Not thread-safe. */
final class RunRows implements RunStore {

  private final Statements statements;
  private final FactRows facts;
  private final AttemptRows attempts;
  private final SlurmJobRows jobs;

  RunRows(Statements statements) {
    this.statements = statements;
    facts = new FactRows(statements);
    attempts = new AttemptRows(statements);
    jobs = new SlurmJobRows(statements);
  }

  @Override
  public void addFact(EventKey key, RunEvent event) {
    facts.add(key, event);
  }

  @Override
  public void addError(EventKey key, ErrorLogged error) {
    facts.add(key, error);
  }

  @Override
  public RunFacts facts(long runId) {
    return new RunFacts(
        attempts.of(runId),
        jobs.of(runId),
        facts.changes(runId),
        facts.annotations(runId),
        facts.deletions(runId),
        facts.dropped(runId));
  }

  @Override
  public Long supersededFromStep(long runId, long attemptId) {
    return attempts.supersededFromStep(runId, attemptId);
  }

  @Override
  public List<Said<Configuration>> configurations(long runId, long attemptId) {
    return attempts.configurations(runId, attemptId);
  }

  @Override
  public void addConfiguration(long runId, long attemptId, Said<Configuration> said) {
    attempts.addConfiguration(runId, attemptId, said);
  }

  @Override
  public void putAttempt(long runId, Attempt attempt) {
    attempts.put(runId, attempt);
  }

  @Override
  public void putJob(long runId, SlurmJob job) {
    jobs.put(runId, job);
  }

  @Override
  public void putRun(RunRow run) {
    Optional<RunKeyParts> key = run.key().map(RunKey::parts);
    Verdict verdict = run.verdict();
    statements.update(
        """
        INSERT INTO experiment_runs (
               run_id, identity, experiment, dataset, method, subject, cl_info, seed, project, run_name,
               config, config_drift, notes, tags, status, status_reason, status_source, exit_code,
               attempts, first_attempt_id, last_attempt_id, created_at, started_at, finished_at,
               deleted, slurm_job_id, slurm_array_task_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?,
                ?, ?, ?)
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
        run.id(),
        run.identity(),
        key.map(RunKeyParts::getExperiment).orElse(null),
        key.map(RunKeyParts::getDataset).orElse(null),
        key.map(RunKeyParts::getMethod).orElse(null),
        key.map(RunKeyParts::getSubject).orElse(null),
        key.map(RunKeyParts::getClInfo).orElse(null),
        key.map(RunKeyParts::getSeed).orElse(null),
        run.project(),
        run.name(),
        run.config(),
        run.configDrift() ? 1 : 0,
        run.notes(),
        JsonColumns.jsonSet(run.tags()),
        verdict.status().word(),
        verdict.reason(),
        verdict.source(),
        verdict.exitCode(),
        run.attempts(),
        run.firstAttemptId(),
        run.lastAttemptId(),
        Instants.textOfMicros(run.createdMicros()),
        Instants.textOfMicros(run.startedMicros()),
        Instants.textOfMicros(verdict.finishedMicros()),
        run.deleted() ? 1 : 0,
        run.job().map(SlurmJob::jobId).orElse(null),
        run.job().map(job -> job.facts().number("array_task_id")).orElse(null));
  }

  @Override
  public void forEachRun(LongConsumer reader) {
    statements.query("SELECT run_id FROM experiment_runs", row -> reader.accept(row.getLong(1)));
  }
}
