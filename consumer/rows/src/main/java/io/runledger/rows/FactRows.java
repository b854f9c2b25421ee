package io.runledger.rows;

import io.runledger.fold.EventKey;
import io.runledger.fold.Instants;
import io.runledger.fold.Verdict.StatusChange;
import io.runledger.fold.run.Annotation;
import io.runledger.fold.run.Deletion;
import io.runledger.fold.run.DroppedEvents;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStatusChanged;
import java.util.List;

/** What events say of runs, under their identity. Works inside the caller's transaction. */
final class FactRows {

  private final Statements statements;

  FactRows(Statements statements) {
    this.statements = statements;
  }

  void add(EventKey key, RunEvent event) {
    long at = Instants.micros(event.getAt());
    Object kind = event.getEvent();
    if (kind instanceof RunStatusChanged change) {
      insert(
          """
          INSERT INTO run_status_changes (
                 run_id, attempt_id, writer_id, seq, at_us, status, exit_code,
                 reason, source)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          key,
          at,
          change.getStatus(),
          change.getExitCode(),
          change.getReason(),
          change.getSource());
    } else if (kind instanceof ResultsRecorded results) {
      insert(
          """
          INSERT INTO run_results (
                 run_id, attempt_id, writer_id, seq, result_id, results,
                 created_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
          key,
          key.id(),
          results.getResults(),
          Instants.text(event.getAt()));
    } else if (kind instanceof ArtifactLogged artifact) {
      insert(
          """
          INSERT INTO artifacts (
                 run_id, attempt_id, writer_id, seq, artifact_id, artifact_type,
                 filepath, size_bytes, sha256, metadata, created_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          key,
          key.id(),
          artifact.getArtifactType(),
          artifact.getFilepath(),
          artifact.getSizeBytes(),
          artifact.getSha256(),
          artifact.getMetadata(),
          Instants.text(event.getAt()));
    } else if (kind instanceof RunAnnotated annotation) {
      insert(
          """
          INSERT INTO run_annotations (
                 run_id, attempt_id, writer_id, seq, at_us, notes, tags_added,
                 tags_removed, name)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          key,
          at,
          annotation.getNotes(),
          JsonColumns.jsonSet(annotation.getTagsAdded()),
          JsonColumns.jsonSet(annotation.getTagsRemoved()),
          annotation.getName());
    } else if (kind instanceof EventsDropped dropped) {
      insert(
          """
          INSERT INTO dropped_events (run_id, attempt_id, writer_id, seq, at_us, topic, count, reason)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
          key,
          at,
          dropped.getTopic(),
          dropped.getCount(),
          dropped.getReason());
    } else if (kind instanceof RunDeleted deleted) {
      addDeletion(key, at, true, deleted.getReason());
    } else if (kind instanceof RunRestored restored) {
      addDeletion(key, at, false, restored.getReason());
    } else {
      throw new IllegalStateException("No table stores events of the kind " + kind.getClass());
    }
  }

  private void addDeletion(EventKey key, long at, boolean deleted, String reason) {
    insert(
        """
        INSERT INTO run_deletions (run_id, attempt_id, writer_id, seq, at_us, deleted, reason)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
        key,
        at,
        deleted ? 1 : 0,
        reason);
  }

  void add(EventKey key, ErrorLogged error) {
    insert(
        """
        INSERT INTO run_errors (
               run_id, attempt_id, writer_id, seq, error_id, exception_type,
               message, traceback, truncated_bytes, sha256, step, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        key,
        key.id(),
        error.getExceptionType(),
        error.getMessage(),
        error.getTraceback(),
        error.getTruncatedBytes(),
        error.getSha256(),
        error.getStep(),
        Instants.text(error.getAt()));
  }

  /** Inserts a fact: its identity, then the given values. */
  private void insert(String sql, EventKey key, Object... values) {
    Object[] parameters = new Object[4 + values.length];
    parameters[0] = key.stream().runId();
    parameters[1] = key.stream().attemptId();
    parameters[2] = key.stream().writerId();
    parameters[3] = key.seq();
    System.arraycopy(values, 0, parameters, 4, values.length);
    statements.update(sql, parameters);
  }

  List<StatusChange> changes(long runId) {
    return statements.list(
        """
        SELECT attempt_id, at_us, status, exit_code, reason, source
          FROM run_status_changes
         WHERE run_id = ?
         ORDER BY attempt_id, writer_id, seq
        """,
        row ->
            new StatusChange(
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                Values.integerOrNull(row, 4),
                row.getString(5),
                row.getString(6)),
        runId);
  }

  List<Annotation> annotations(long runId) {
    return statements.list(
        """
        SELECT attempt_id, notes, tags_added, tags_removed, name
          FROM run_annotations
         WHERE run_id = ?
         ORDER BY attempt_id, writer_id, seq
        """,
        row ->
            new Annotation(
                row.getLong(1),
                row.getString(2),
                JsonColumns.texts(row.getString(3)),
                JsonColumns.texts(row.getString(4)),
                row.getString(5)),
        runId);
  }

  List<Deletion> deletions(long runId) {
    return statements.list(
        "SELECT attempt_id, deleted FROM run_deletions WHERE run_id = ? ORDER BY writer_id, seq",
        row -> new Deletion(row.getLong(1), row.getBoolean(2)),
        runId);
  }

  List<DroppedEvents> dropped(long runId) {
    return statements.list(
        "SELECT attempt_id, count FROM dropped_events WHERE run_id = ?",
        row -> new DroppedEvents(row.getLong(1), row.getLong(2)),
        runId);
  }
}
