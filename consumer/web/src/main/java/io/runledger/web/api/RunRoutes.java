package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.runledger.config.Printable;
import io.runledger.query.Ledger;
import io.runledger.query.LedgerReader;
import io.runledger.query.LocalSpool;
import io.runledger.query.Snapshot;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunDocument;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Times;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.RunSelector;
import io.runledger.schemas.Base32;
import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Set;

/** What is known of one run. */
public final class RunRoutes {

  private static final RunDocument FORM = new RunDocument(Times.UTC);
  private static final RunJson ROWS = new RunJson(Times.UTC);

  private final Ledger ledger;
  private final LocalSpool spool;

  public RunRoutes(Ledger ledger, LocalSpool spool) {
    this.ledger = ledger;
    this.spool = spool;
  }

  /** Something of a run, as of one moment. */
  private interface Part {
    JsonNode of(LedgerReader reader, RunId run);
  }

  public void addTo(RoutesConfig routes) {
    routes.get("/api/v1/runs/{run}", part(this::whole));
    routes.get(
        "/api/v1/runs/{run}/metrics",
        list("metrics", (reader, run) -> RunDocument.metrics(reader.summaries(run))));
    routes.get(
        "/api/v1/runs/{run}/evidence", part((reader, run) -> FORM.evidence(reader.details(run))));
    routes.get(
        "/api/v1/runs/{run}/attempts",
        list("attempts", (reader, run) -> FORM.attempts(reader.details(run).attempts())));
    routes.get(
        "/api/v1/runs/{run}/artifacts",
        list(
            "artifacts", (reader, run) -> RunDocument.list(reader.artifacts(run), ROWS::artifact)));
    routes.get(
        "/api/v1/runs/{run}/results",
        list("results", (reader, run) -> FORM.results(reader.results(run))));
    routes.get(
        "/api/v1/runs/{run}/errors",
        list(
            "errors",
            (reader, run) -> RunDocument.list(reader.details(run).errors(), ROWS::error)));
    routes.get(
        "/api/v1/runs/{run}/jobs",
        list(
            "jobs",
            (reader, run) ->
                RunDocument.list(reader.slurmJobs(JobFilter.all().of(run)), ROWS::job)));
  }

  private JsonNode whole(LedgerReader reader, RunId run) {
    return FORM.whole(reader.details(run), spool::whereabouts, Instant.now());
  }

  private Handler list(String name, Part part) {
    return part((reader, run) -> Json.object().set(name, part.of(reader, run)));
  }

  private Handler part(Part part) {
    return context -> {
      Parameters.of(context, Set.of());
      try (Snapshot snapshot = ledger.snapshot()) {
        Answers.json(context, part.of(snapshot, run(snapshot, context)));
      }
    };
  }

  /** The run that the address names. */
  static RunId run(LedgerReader reader, Context context) {
    return run(reader, context.pathParam("run"));
  }

  /** The run of this id, or the only one whose id begins so. */
  static RunId run(LedgerReader reader, String id) {
    if (id.isBlank() || id.length() > Base32.LENGTH) {
      throw new BadRequestException(
          "A run is named by its id of 13 characters, not '%s'."
              .formatted(Printable.line(id.substring(0, Math.min(id.length(), Base32.LENGTH)))));
    }
    return reader.find(new RunSelector.ById(id));
  }
}
