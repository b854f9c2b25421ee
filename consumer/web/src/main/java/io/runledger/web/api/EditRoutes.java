package io.runledger.web.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpStatus;
import io.runledger.query.Ledger;
import io.runledger.query.format.Json;
import io.runledger.query.format.RunJson;
import io.runledger.query.format.Times;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunSelector;
import io.runledger.schemas.RunId;
import io.runledger.web.editing.RunEditor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What people change. The answer waits a little until the database has it. */
public final class EditRoutes {

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long LOOK_MS = 25;
  private static final int MOST_TAGS = 100;
  private static final int LONGEST_TAG = 1_000;
  private static final RunJson FORM = new RunJson(Times.UTC);

  private final Ledger ledger;
  private final Optional<RunEditor> editor;

  public EditRoutes(Ledger ledger, Optional<RunEditor> editor) {
    this.ledger = ledger;
    this.editor = editor;
  }

  public void addTo(RoutesConfig routes) {
    routes.post("/api/v1/runs/{run}/tags", this::tags);
    routes.post("/api/v1/runs/{run}/notes", this::notes);
    routes.post("/api/v1/runs/{run}/delete", this::delete);
    routes.post("/api/v1/runs/{run}/restore", this::restore);
  }

  private void tags(Context context) throws IOException, InterruptedException {
    Parameters.of(context, Set.of());
    JsonNode body = Bodies.json(context, Set.of("add", "remove"));
    List<String> added = tags(body, "add");
    List<String> removed = tags(body, "remove");
    if (added.isEmpty() && removed.isEmpty()) {
      throw new BadRequestException("The body names no tag to add or to remove.");
    }
    RunId run = ledger.find(new RunSelector.ById(context.pathParam("run")));
    editor().annotate(run, Optional.empty(), added, removed);
    answer(
        context,
        run,
        found ->
            found.isPresent()
                && found.get().tags().containsAll(added)
                && removed.stream()
                    .allMatch(tag -> added.contains(tag) || !found.get().tags().contains(tag)));
  }

  private static List<String> tags(JsonNode body, String name) {
    JsonNode list = body.path(name);
    if (list.isMissingNode()) {
      return List.of();
    }
    if (!list.isArray() || list.size() > MOST_TAGS) {
      throw new BadRequestException(
          "In the body, %s is a list of at most %d texts.".formatted(name, MOST_TAGS));
    }
    List<String> tags = new ArrayList<>();
    for (JsonNode tag : list) {
      if (!tag.isTextual() || tag.textValue().isBlank() || tag.textValue().length() > LONGEST_TAG) {
        throw new BadRequestException(
            "In the body, each tag of %s is a text of 1 to %,d characters, not all of them blank."
                .formatted(name, LONGEST_TAG));
      }
      tags.add(tag.textValue());
    }
    return tags;
  }

  private void notes(Context context) throws IOException, InterruptedException {
    Parameters.of(context, Set.of());
    JsonNode notes = Bodies.json(context, Set.of("notes")).path("notes");
    if (!notes.isTextual()) {
      throw new BadRequestException("In the body, notes is a text; an empty one clears them.");
    }
    String text = notes.textValue();
    RunId run = ledger.find(new RunSelector.ById(context.pathParam("run")));
    editor().annotate(run, Optional.of(text), List.of(), List.of());
    answer(context, run, found -> found.isPresent() && found.get().notes().orElse("").equals(text));
  }

  private void delete(Context context) throws IOException, InterruptedException {
    Parameters.of(context, Set.of());
    Optional<String> reason = reason(context);
    RunId run = run(context);
    editor().delete(run, reason);
    answer(context, run, Optional::isEmpty);
  }

  private void restore(Context context) throws IOException, InterruptedException {
    Parameters.of(context, Set.of());
    Optional<String> reason = reason(context);
    RunId run = run(context);
    editor().restore(run, reason);
    answer(context, run, Optional::isPresent);
  }

  private static Optional<String> reason(Context context) throws IOException {
    JsonNode reason = Bodies.json(context, Set.of("reason")).path("reason");
    if (!reason.isMissingNode() && !reason.isTextual()) {
      throw new BadRequestException("In the body, reason is a text.");
    }
    return reason.isTextual() && !reason.textValue().isBlank()
        ? Optional.of(reason.textValue())
        : Optional.empty();
  }

  /** The run that the address names, deleted or not. */
  private RunId run(Context context) {
    return ledger.locate(new RunSelector.ById(context.pathParam("run"))).run();
  }

  private RunEditor editor() {
    return editor.orElseThrow(
        () -> new ForbiddenResponse("This server has no spool to write to; it only reads."));
  }

  private void answer(Context context, RunId run, Predicate<Optional<Run>> isThere)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Optional<Run> found = ledger.run(run);
    boolean isSeen = isThere.test(found);
    while (!isSeen && System.nanoTime() < end) {
      Thread.sleep(LOOK_MS);
      found = ledger.run(run);
      isSeen = isThere.test(found);
    }
    context.status(isSeen ? HttpStatus.OK : HttpStatus.ACCEPTED);
    Answers.json(
        context,
        Json.object()
            .put("id", run.toString())
            .put("deleted", found.isEmpty())
            .set("run", found.map(FORM::run).orElse(null)));
  }
}
