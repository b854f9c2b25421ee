package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.format.Json;
import io.runledger.schemas.RunId;
import io.runledger.web.editing.RunEditor;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people change, with an editor whose events come at once, or never. */
class EditingTest extends OpenServer {

  private final List<String> recorded = new ArrayList<>();
  private boolean isDelivering = true;

  @BeforeEach
  void openWithEditor() throws IOException {
    server.close();
    server = WebServer.start(settings(), Optional.of(new Editor()));
  }

  private final class Editor implements RunEditor {

    private final Events operator = Events.ofSeed(3).attempt(900);

    @Override
    public void annotate(
        RunId run, Optional<String> notes, List<String> added, List<String> removed) {
      recorded.add(run + " " + notes + " " + added + " " + removed);
      if (isDelivering) {
        laboratory.deliver(operator.annotated(notes.orElse(null), added, removed));
      }
    }

    @Override
    public void delete(RunId run, Optional<String> reason) {
      recorded.add("delete " + run + " " + reason);
      if (isDelivering) {
        laboratory.deliver(operator.deleted());
      }
    }

    @Override
    public void restore(RunId run, Optional<String> reason) {
      recorded.add("restore " + run + " " + reason);
      if (isDelivering) {
        laboratory.deliver(operator.restored());
      }
    }

    @Override
    public void close() {}
  }

  private HttpResponse<String> post(String action, String body) {
    return send(
        HttpRequest.newBuilder(uri("/api/v1/runs/" + Laboratory.COMPLETED + "/" + action))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void theAnswerHasWhatWasChanged() {
    HttpResponse<String> answer = post("tags", "{\"add\":[\"paper\"],\"remove\":[\"grid\"]}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(Json.parsed(answer.body()).path("run").path("tags").toString())
        .isEqualTo("[\"baseline\",\"paper\"]");
    assertThat(post("notes", "{\"notes\":\"<b>bold</b>\"}").body()).contains("<b>bold</b>");
  }

  @Test
  void aDeletedRunIsGoneAndComesBack() {
    assertThat(Json.parsed(post("delete", "{}").body()).path("deleted").booleanValue()).isTrue();
    problem(404, "/runs/" + Laboratory.COMPLETED);
    problem(404, post("tags", "{\"add\":[\"paper\"]}"));

    assertThat(post("restore", "{}").statusCode()).isEqualTo(200);

    assertThat(json("/runs/" + Laboratory.COMPLETED).path("run").isObject()).isTrue();
  }

  @Test
  void whatTheDatabaseDoesNotHaveYetIsAccepted() {
    isDelivering = false;

    HttpResponse<String> answer = post("tags", "{\"add\":[\"later\"]}");

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(recorded).hasSize(1);
  }

  @Test
  void aBodyThatMakesNoSenseRecordsNothing() {
    for (String body :
        new String[] {
          "",
          "{}",
          "[]",
          "{\"add\":\"x\"}",
          "{\"add\":[1]}",
          "{\"add\":[\" \"]}",
          "{\"tags\":[]}",
          "{\"add\":null,\"remove\":[\"a\"]}"
        }) {
      problem(400, post("tags", body));
    }
    problem(400, post("notes", "{}"));
    problem(400, post("delete", "{\"reason\":{}}"));
    JsonNode problem =
        problem(
            404,
            send(
                HttpRequest.newBuilder(uri("/api/v1/runs/zzzzzzzzzzzzz/delete"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{}"))
                    .build()));
    assertThat(problem.path("detail").textValue()).isNotEmpty();
    assertThat(recorded).isEmpty();
  }
}
