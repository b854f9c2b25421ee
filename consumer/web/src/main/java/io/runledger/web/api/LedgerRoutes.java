package io.runledger.web.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.Snapshot;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunDocument;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Times;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.overview.DeadLetter;
import io.runledger.query.overview.ErrorGroup;
import io.runledger.query.overview.MissingEvents;
import io.runledger.query.overview.NameKind;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.RunComparison;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is asked of many runs, or of the ledger as a whole. */
public final class LedgerRoutes {

  private static final int MOST_RUNS = 100;
  private static final int MOST_METRICS = 500;
  private static final int MOST_ROWS = 10_000;
  private static final RunJson FORM = new RunJson(Times.UTC);

  private final Ledger ledger;

  public LedgerRoutes(Ledger ledger) {
    this.ledger = ledger;
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/compare", this::compare);
    routes.get("/api/v1/best", this::best);
    routes.get("/api/v1/errors", this::errors);
    routes.get("/api/v1/jobs", this::jobs);
    routes.get("/api/v1/gaps", this::gaps);
    routes.get("/api/v1/dead-letters", this::deadLetters);
    routes.get("/api/v1/names", this::names);
  }

  private void compare(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("run", "metric", "mode"));
    List<String> typed = parameters.some("run", MOST_RUNS);
    Optimum forOthers = optimum(parameters).orElse(Optimum.MAX);
    Set<String> wanted = new TreeSet<>(parameters.atMost("metric", MOST_METRICS));
    try (Snapshot snapshot = ledger.snapshot()) {
      Set<RunId> runs = new LinkedHashSet<>();
      typed.forEach(id -> runs.add(RunRoutes.run(snapshot, id)));
      RunComparison comparison = snapshot.compare(List.copyOf(runs), forOthers);
      if (wanted.isEmpty()) {
        comparison.runs().forEach(run -> wanted.addAll(run.metrics().keySet()));
      }
      Answers.json(context, RunDocument.comparison(comparison, wanted, FORM));
    }
  }

  private static Optional<Optimum> optimum(Parameters parameters) {
    try {
      return parameters.word("mode").map(Optimum::ofWord);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("The parameter mode: " + e.getMessage());
    }
  }

  private void best(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("metric", "mode", "filter", "limit"));
    String metric = parameters.some("metric", 1).get(0);
    Optimum optimum = optimum(parameters).orElseGet(() -> Optimum.of(metric));
    RunFilter filter =
        TableRoutes.filter(parameters).limited(parameters.number("limit", 10, 1, MOST_ROWS));
    ObjectNode json = Json.object().put("metric_name", metric).put("mode", optimum.word());
    json.set(
        "runs",
        RunDocument.list(
            ledger.best(metric, optimum, filter),
            one -> FORM.run(one.run()).set("best", Json.mark(one.best()))));
    Answers.json(context, json);
  }

  private void errors(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("filter", "limit"));
    RunFilter filter =
        TableRoutes.filter(parameters).limited(parameters.number("limit", 100, 1, MOST_ROWS));
    List<ErrorGroup> groups = ledger.errorGroups(filter);
    Answers.json(
        context, Json.object().set("groups", RunDocument.list(groups, LedgerRoutes::json)));
  }

  private static ObjectNode json(ErrorGroup group) {
    return Json.object()
        .put("exception_type", group.exceptionType().orElse(null))
        .put("message", group.line().orElse(null))
        .put("errors", group.errors())
        .put("runs", group.runs())
        .put("first_at", group.firstAt().orElse(null))
        .put("last_at", group.lastAt().orElse(null))
        .put("last_run", group.lastRun().toString());
  }

  private void jobs(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("limit"));
    JobFilter filter = JobFilter.newest(parameters.number("limit", 1_000, 1, MOST_ROWS));
    Answers.json(
        context, Json.object().set("jobs", RunDocument.list(ledger.slurmJobs(filter), FORM::job)));
  }

  private void gaps(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("limit"));
    int limit = parameters.number("limit", 1_000, 1, MOST_ROWS);
    try (Snapshot snapshot = ledger.snapshot()) {
      ObjectNode json = Json.object();
      json.set("streams", RunDocument.list(snapshot.missingEvents(limit), LedgerRoutes::json));
      json.set("log_gaps", RunDocument.logGaps(snapshot.logGaps()));
      Answers.json(context, json);
    }
  }

  private static ObjectNode json(MissingEvents missing) {
    return RunJson.reference(missing.run(), missing.runName())
        .put("attempt_id", Long.toString(missing.gap().attemptId()))
        .put("writer_id", Long.toString(missing.gap().writerId()))
        .put("topic", missing.gap().topic())
        .put("missing", missing.gap().missing())
        .put("seen", missing.gap().seen());
  }

  private void deadLetters(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("limit"));
    int limit = parameters.number("limit", 100, 1, MOST_ROWS);
    Answers.json(
        context,
        Json.object()
            .set("dead_letters", RunDocument.list(ledger.deadLetters(limit), LedgerRoutes::json)));
  }

  private static ObjectNode json(DeadLetter letter) {
    return Json.object()
        .put("dead_letter_id", letter.id())
        .put("topic", letter.topic())
        .put("partition", letter.partition())
        .put("offset", letter.offset())
        .put("bytes", Json.number(letter.bytes()))
        .put("reason", letter.reason())
        .put("detail", letter.detail())
        .put("state", letter.state())
        .put("tries", letter.tries())
        .put("disposition", letter.disposition().orElse(null));
  }

  private void names(Context context) {
    Parameters parameters = Parameters.of(context, Set.of("kind", "like", "limit"));
    String word = parameters.some("kind", 1).get(0);
    NameKind kind =
        NameKind.ofWord(word)
            .orElseThrow(
                () ->
                    new BadRequestException(
                        "The parameter kind is one of %s, not '%s'."
                            .formatted(
                                Arrays.stream(NameKind.values())
                                    .map(NameKind::word)
                                    .collect(Collectors.joining(", ")),
                                Printable.word(word))));
    int limit = parameters.number("limit", 100, 1, MOST_ROWS);
    Answers.json(
        context,
        Json.object()
            .set(
                "names",
                RunDocument.list(
                    ledger.names(kind, parameters.text("like").orElse(""), limit),
                    one -> Json.object().put("name", one.name()).put("runs", one.runs()))));
  }
}
