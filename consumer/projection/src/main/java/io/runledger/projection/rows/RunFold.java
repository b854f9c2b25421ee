package io.runledger.projection.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.fold.EventKey;
import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.Instants;
import io.runledger.fold.MergedConfig;
import io.runledger.fold.PoisonException;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.EventsDropped;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunKeyParts;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.RunStatusChanged;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/** Stores what an event of {@code runledger.runs} says, under its identity. Not thread-safe. */
final class RunFold {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  private final Statements statements;
  private final SlurmFold slurm;
  private final JsonColumns json;

  /** What one start says of the configuration; the hash is null where it is whole. */
  private record SaidConfig(
      long writerId, long seq, String source, String json, long truncatedBytes, String sha256) {}

  RunFold(Statements statements, SlurmFold slurm) {
    this.statements = statements;
    this.json = new JsonColumns(statements);
    this.slurm = slurm;
  }

  /**
   * Tells what can never be stored, before anything is.
   *
   * @throws PoisonException when the event must be refused
   */
  void check(RunEvent event) throws SQLException {
    if (event.getEvent() instanceof ResultsRecorded results) {
      json.require("results", results.getResults());
    } else if (event.getEvent() instanceof ArtifactLogged artifact) {
      json.require("metadata", artifact.getMetadata());
    }
  }

  void fold(EventKey key, RunEvent event) throws SQLException {
    long at = Instants.micros(event.getAt());
    Object kind = event.getEvent();
    if (kind instanceof RunStarted started) {
      start(key, at, started);
    } else if (kind instanceof RunStatusChanged change) {
      status(key, at, change);
    } else if (kind instanceof ResultsRecorded results) {
      insert(
          "INSERT INTO run_results (result_id, run_id, attempt_id, writer_id, seq, results, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
          true,
          key,
          results.getResults(),
          Instants.text(event.getAt()));
    } else if (kind instanceof ArtifactLogged artifact) {
      artifact(key, event, artifact);
    } else if (kind instanceof RunAnnotated annotation) {
      insert(
          "INSERT INTO run_annotations (run_id, attempt_id, writer_id, seq, at_us, notes, tags_added, tags_removed, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          false,
          key,
          at,
          annotation.getNotes(),
          jsonSet(annotation.getTagsAdded()),
          jsonSet(annotation.getTagsRemoved()),
          annotation.getName());
    } else if (kind instanceof Heartbeat heartbeat) {
      heartbeat(key, at, heartbeat);
    } else if (kind instanceof EventsDropped dropped) {
      insert(
          "INSERT INTO dropped_events (run_id, attempt_id, writer_id, seq, at_us, topic, count, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          false,
          key,
          at,
          dropped.getTopic(),
          dropped.getCount(),
          dropped.getReason());
    } else if (kind instanceof RunDeleted deleted) {
      deletion(key, at, true, deleted.getReason());
    } else if (kind instanceof RunRestored restored) {
      deletion(key, at, false, restored.getReason());
    } else {
      throw new IllegalStateException("A kind of event without a fold: " + kind.getClass());
    }
  }

  private void start(EventKey key, long at, RunStarted started) throws SQLException {
    if (started.getKey() != null || started.getInstanceId() != null) {
      begin(key, at, started);
    }
    config(key, started);
    maskedKeys(key, started.getMaskedKeys());
    notes(key, started);
    tags(key, started.getTags());
    resumed(key, started);
    predecessor(key, started.getPredecessorAttemptId());
    if (started.getSlurm() != null) {
      slurm.report(key, started.getSlurm());
    }
  }

  private void begin(EventKey key, long at, RunStarted started) throws SQLException {
    StreamKey stream = key.stream();
    statements.update(
        """
        UPDATE run_attempts
           SET start_writer_id = ?, start_seq = ?, start_key = ?, start_project = ?, start_name = ?,
               start_instance_id = ?, started_us = ?, host = ?, user = ?, pid = ?, command = ?,
               git_commit = ?, git_dirty = ?
         WHERE run_id = ? AND attempt_id = ?
           AND (start_writer_id IS NULL OR (start_writer_id, start_seq) > (?, ?))
        """,
        stream.writerId(),
        key.seq(),
        keyJson(started.getKey()),
        started.getProject(),
        started.getName(),
        started.getInstanceId(),
        at,
        started.getHost(),
        started.getUser(),
        started.getPid(),
        started.getCommand(),
        started.getGitCommit(),
        started.getGitDirty(),
        stream.runId(),
        stream.attemptId(),
        stream.writerId(),
        key.seq());
  }

  /**
   * A wrapper and a job may both bring a configuration, and then there is one more row for each:
   * what they make together must not depend on who comes first.
   */
  private void config(EventKey key, RunStarted started) throws SQLException {
    String config = json.readable(started.getConfig());
    if (config == null) {
      return;
    }
    Object[] told = {
      key.stream().writerId(),
      key.seq(),
      started.getSource(),
      config,
      started.getConfigTruncatedBytes(),
      started.getConfigSha256(),
      key.stream().runId(),
      key.stream().attemptId()
    };
    boolean isEmpty =
        config.equals("{}")
            && started.getConfigTruncatedBytes() == 0
            && started.getConfigSha256() == null;
    if (isEmpty) {
      statements.update(
          "UPDATE run_attempts SET config = '{}' WHERE run_id = ? AND attempt_id = ? AND config IS NULL",
          key.stream().runId(),
          key.stream().attemptId());
    } else if (0
        == statements.update(
            """
            UPDATE run_attempts
               SET config_writer_id = ?1, config_seq = ?2, config_source = ?3, config = ?4,
                   config_truncated_bytes = ?5, config_sha256 = ?6
             WHERE run_id = ?7 AND attempt_id = ?8 AND config_writer_id IS NULL
            """,
            told)) {
      merge(key, told);
    }
  }

  private void merge(EventKey key, Object[] told) throws SQLException {
    long run = key.stream().runId();
    long attempt = key.stream().attemptId();
    // Of two or more the first is here already: then this one finds it, and changes nothing.
    statements.update(
        """
        INSERT INTO start_configs (
               run_id, attempt_id, writer_id, seq, source, config, config_truncated_bytes, config_sha256)
        SELECT run_id, attempt_id, config_writer_id, config_seq, config_source, config,
               config_truncated_bytes, config_sha256
          FROM run_attempts
         WHERE run_id = ? AND attempt_id = ?
            ON CONFLICT DO NOTHING
        """,
        run,
        attempt);
    statements.update(
        """
        INSERT INTO start_configs (
               writer_id, seq, source, config, config_truncated_bytes, config_sha256, run_id, attempt_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """,
        told);
    List<SaidConfig> said = new ArrayList<>();
    statements.query(
        """
        SELECT writer_id, seq, source, config, config_truncated_bytes, config_sha256
          FROM start_configs
         WHERE run_id = ? AND attempt_id = ?
         ORDER BY source IS NOT 'wrapper', writer_id, seq
        """,
        row ->
            said.add(
                new SaidConfig(
                    row.getLong(1),
                    row.getLong(2),
                    row.getString(3),
                    row.getString(4),
                    row.getLong(5),
                    row.getString(6))),
        run,
        attempt);
    SaidConfig strongest = said.get(said.size() - 1);
    MergedConfig config = MergedConfig.of(said.get(0).json());
    for (SaidConfig stronger : said.subList(1, said.size())) {
      config = config.with(stronger.json());
    }
    statements.update(
        """
        UPDATE run_attempts
           SET config_writer_id = ?1, config_seq = ?2, config_source = ?3, config = ?4,
               config_truncated_bytes = ?5, config_sha256 = ?6, config_conflict = ?7
         WHERE run_id = ?8 AND attempt_id = ?9
        """,
        strongest.writerId(),
        strongest.seq(),
        strongest.source(),
        config.json(),
        said.stream().mapToLong(SaidConfig::truncatedBytes).reduce(0, RunFacts::saturatingSum),
        said.stream()
            .map(SaidConfig::sha256)
            .filter(Objects::nonNull)
            .reduce((weaker, stronger) -> stronger)
            .orElse(null),
        config.conflict() ? 1 : 0,
        run,
        attempt);
  }

  private void notes(EventKey key, RunStarted started) throws SQLException {
    if (started.getNotes() != null) {
      statements.update(
          """
          UPDATE run_attempts
             SET notes_writer_id = ?1, notes_seq = ?2, notes_source = ?3, notes = ?4
           WHERE run_id = ?5 AND attempt_id = ?6
             AND (notes_writer_id IS NULL
                  OR (notes_source IS NOT 'wrapper', notes_writer_id, notes_seq)
                     < (?3 IS NOT 'wrapper', ?1, ?2))
          """,
          key.stream().writerId(),
          key.seq(),
          started.getSource(),
          started.getNotes(),
          key.stream().runId(),
          key.stream().attemptId());
    }
  }

  private void tags(EventKey key, Collection<String> tags) throws SQLException {
    addToSet(
        key,
        tags,
        "SELECT tags FROM run_attempts WHERE run_id = ? AND attempt_id = ?",
        "UPDATE run_attempts SET tags = ? WHERE run_id = ? AND attempt_id = ?");
  }

  private void maskedKeys(EventKey key, Collection<String> paths) throws SQLException {
    addToSet(
        key,
        paths,
        "SELECT masked_keys FROM run_attempts WHERE run_id = ? AND attempt_id = ?",
        "UPDATE run_attempts SET masked_keys = ? WHERE run_id = ? AND attempt_id = ?");
  }

  private void addToSet(EventKey key, Collection<String> texts, String select, String update)
      throws SQLException {
    if (texts.isEmpty()) {
      return;
    }
    TreeSet<String> all = new TreeSet<>(texts);
    statements.query(
        select,
        row -> all.addAll(texts(row.getString(1))),
        key.stream().runId(),
        key.stream().attemptId());
    statements.update(update, jsonSet(all), key.stream().runId(), key.stream().attemptId());
  }

  private void resumed(EventKey key, RunStarted started) throws SQLException {
    if (started.getResumedFromStep() != null) {
      statements.update(
          """
          UPDATE run_attempts
             SET resumed_writer_id = ?1, resumed_seq = ?2, resumed_source = ?3,
                 resumed_from_step = ?4
           WHERE run_id = ?5 AND attempt_id = ?6
             AND (resumed_writer_id IS NULL
                  OR (resumed_source IS NOT 'wrapper', resumed_writer_id, resumed_seq)
                     < (?3 IS NOT 'wrapper', ?1, ?2))
          """,
          key.stream().writerId(),
          key.seq(),
          started.getSource(),
          started.getResumedFromStep(),
          key.stream().runId(),
          key.stream().attemptId());
    }
  }

  private void predecessor(EventKey key, Long attempt) throws SQLException {
    if (attempt != null) {
      statements.update(
          """
          UPDATE run_attempts
             SET predecessor_writer_id = ?1, predecessor_seq = ?2, predecessor_attempt_id = ?3
           WHERE run_id = ?4 AND attempt_id = ?5
             AND (predecessor_writer_id IS NULL
                  OR (predecessor_writer_id, predecessor_seq) > (?1, ?2))
          """,
          key.stream().writerId(),
          key.seq(),
          attempt,
          key.stream().runId(),
          key.stream().attemptId());
    }
  }

  private void status(EventKey key, long at, RunStatusChanged change) throws SQLException {
    insert(
        "INSERT INTO run_status_changes (run_id, attempt_id, writer_id, seq, at_us, status, exit_code, reason, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        false,
        key,
        at,
        change.getStatus(),
        change.getExitCode(),
        change.getReason(),
        change.getSource());
  }

  private void artifact(EventKey key, RunEvent event, ArtifactLogged artifact) throws SQLException {
    insert(
        "INSERT INTO artifacts (artifact_id, run_id, attempt_id, writer_id, seq, artifact_type, filepath, size_bytes, sha256, metadata, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        true,
        key,
        artifact.getArtifactType(),
        artifact.getFilepath(),
        artifact.getSizeBytes(),
        artifact.getSha256(),
        artifact.getMetadata(),
        Instants.text(event.getAt()));
  }

  private void heartbeat(EventKey key, long at, Heartbeat heartbeat) throws SQLException {
    int interval = heartbeat.getIntervalSeconds();
    statements.update(
        """
        UPDATE run_attempts
           SET last_heartbeat_us = ?, heartbeat_interval_seconds = ?
         WHERE run_id = ? AND attempt_id = ?
           AND (last_heartbeat_us IS NULL
                OR (last_heartbeat_us, heartbeat_interval_seconds) < (?, ?))
        """,
        at,
        interval,
        key.stream().runId(),
        key.stream().attemptId(),
        at,
        interval);
  }

  private void deletion(EventKey key, long at, boolean deleted, String reason) throws SQLException {
    insert(
        "INSERT INTO run_deletions (run_id, attempt_id, writer_id, seq, at_us, deleted, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        false,
        key,
        at,
        deleted ? 1 : 0,
        reason);
  }

  /** Inserts a fact: its id where the table has one, its identity, then the given values. */
  private void insert(String sql, boolean withId, EventKey key, Object... values)
      throws SQLException {
    insertFact(statements, sql, withId, key, values);
  }

  static void insertFact(
      Statements statements, String sql, boolean withId, EventKey key, Object... values)
      throws SQLException {
    int head = withId ? 5 : 4;
    Object[] parameters = new Object[head + values.length];
    if (withId) {
      parameters[0] = key.id();
    }
    parameters[head - 4] = key.stream().runId();
    parameters[head - 3] = key.stream().attemptId();
    parameters[head - 2] = key.stream().writerId();
    parameters[head - 1] = key.seq();
    System.arraycopy(values, 0, parameters, head, values.length);
    statements.update(sql, parameters);
  }

  private static String keyJson(RunKeyParts key) {
    return key == null
        ? null
        : json(
            Arrays.asList(
                key.getExperiment(),
                key.getDataset(),
                key.getMethod(),
                key.getSubject(),
                key.getClInfo(),
                key.getSeed()));
  }

  /** A set of texts as a sorted JSON array. */
  static String jsonSet(Collection<String> texts) {
    return json(new TreeSet<>(texts));
  }

  /** What {@link #jsonSet} wrote. */
  static List<String> texts(String json) {
    try {
      return JSON.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Tags that the fold wrote are no JSON: " + json, e);
    }
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Texts and numbers always have a JSON form.", e);
    }
  }
}
