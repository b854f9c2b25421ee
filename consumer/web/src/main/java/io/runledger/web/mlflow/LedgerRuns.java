package io.runledger.web.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.LedgerReader;
import io.runledger.query.failure.AmbiguousRunException;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.format.Json;
import io.runledger.query.overview.NameCount;
import io.runledger.query.overview.NameKind;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.LocatedRun;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunDetails;
import io.runledger.query.runs.RunSelector;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.TimeOrderedId;
import io.runledger.web.door.Accepted.AcceptedRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The runs of a ledger in MLflow's words. Thread-safe. */
public final class LedgerRuns {

  static final String NAME_TAG = "mlflow.runName";
  static final String NOTE_TAG = "mlflow.note.content";
  static final String USER_TAG = "mlflow.user";

  private static final int MOST_PROJECTS = 100_000;

  /** A configuration may be deeper than anybody reads. */
  private static final int DEEPEST = 10;

  private LedgerRuns() {}

  /** The run, deleted or not; empty when there is none. */
  public static Optional<AcceptedRun> find(LedgerReader ledger, RunId id) {
    LocatedRun located;
    try {
      located = ledger.locate(new RunSelector.ById(id.toString()));
    } catch (RunNotFoundException | AmbiguousRunException e) {
      return Optional.empty();
    }
    Optional<Instant> end = Optional.ofNullable(ledger.ends(List.of(id)).get(id));
    Optional<RunDetails> details = details(ledger, id);
    if (details.isPresent()) {
      return Optional.of(of(details.get().run(), newestAttempt(details.get()), end, false));
    }
    long attempt = located.newestAttempt().orElse(1);
    return Optional.ofNullable(ledger.deletedRuns(List.of(id)).get(id))
        .map(deleted -> of(deleted, attempt, end, true));
  }

  private static Optional<RunDetails> details(LedgerReader ledger, RunId id) {
    try {
      return Optional.of(ledger.details(id));
    } catch (RunNotFoundException deleted) {
      return Optional.empty();
    }
  }

  /** What was said of the run as a whole has ids behind it, under which nothing was begun. */
  private static long newestAttempt(RunDetails details) {
    List<Attempt> attempts = details.attempts();
    return attempts.isEmpty()
        ? details.run().firstAttemptId()
        : attempts.get(attempts.size() - 1).attemptId();
  }

  static AcceptedRun of(Run run, long attempt, Optional<Instant> end, boolean isDeleted) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (String tag : run.tags()) {
      int equals = tag.indexOf('=');
      tags.put(
          equals < 0 ? tag : tag.substring(0, equals), equals < 0 ? "" : tag.substring(equals + 1));
    }
    run.notes().filter(notes -> !notes.isEmpty()).ifPresent(notes -> tags.put(NOTE_TAG, notes));
    String status = status(run.status(), run.statusReason());
    return new AcceptedRun(
        run.id(),
        attempt,
        project(run),
        run.label(),
        status,
        startMillis(run),
        end.map(at -> OptionalLong.of(at.toEpochMilli())).orElse(OptionalLong.empty()),
        isDeleted,
        parameters(run),
        tags);
  }

  private static String project(Run run) {
    return run.project()
        .or(() -> run.key().flatMap(key -> key.experiment()))
        .orElse(ProjectNumber.DEFAULT_PROJECT);
  }

  /** To the millisecond, which the id of an attempt begins with. */
  private static long startMillis(Run run) {
    Instant first = TimeOrderedId.timeOf(run.firstAttemptId());
    return run.attempts() > 1 ? run.startedAt().orElse(first).toEpochMilli() : first.toEpochMilli();
  }

  private static String status(RunStatus status, Optional<String> reason) {
    return switch (status) {
      case PENDING -> "SCHEDULED";
      case RUNNING -> "RUNNING";
      case COMPLETED -> "FINISHED";
      case FAILED -> reason.filter("KILLED"::equals).orElse("FAILED");
      case TIMEOUT -> "KILLED";
    };
  }

  private static Map<String, String> parameters(Run run) {
    Map<String, String> parameters = new LinkedHashMap<>();
    run.config().ifPresent(config -> flatten("", Json.parsed(config), parameters, 0));
    return parameters;
  }

  private static void flatten(
      String name, JsonNode value, Map<String, String> parameters, int depth) {
    if (value.isObject() && depth < DEEPEST) {
      value
          .properties()
          .forEach(
              each ->
                  flatten(
                      name.isEmpty() ? each.getKey() : name + "." + each.getKey(),
                      each.getValue(),
                      parameters,
                      depth + 1));
    } else if (!name.isEmpty() && !value.isNull()) {
      parameters.put(name, value.isValueNode() ? value.asText() : Json.line(value));
    }
  }

  /** The projects that runs are in, whether they are named so or are the first part of keys. */
  public static List<String> projects(LedgerReader ledger) {
    List<String> projects = new ArrayList<>();
    for (NameKind kind : List.of(NameKind.PROJECT, NameKind.EXPERIMENT)) {
      for (NameCount name : ledger.names(kind, "", MOST_PROJECTS)) {
        if (!projects.contains(name.name())) {
          projects.add(name.name());
        }
      }
    }
    return projects;
  }
}
