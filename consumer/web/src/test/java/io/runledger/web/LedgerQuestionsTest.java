package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.query.OnEachStore;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** What is asked of many runs, and what all answers have in common. */
@OnEachStore
class LedgerQuestionsTest extends OpenServer {

  private int beats = 100;

  @Test
  void runsAreCompared() {
    JsonNode answer =
        json(
            "/compare?run="
                + Laboratory.COMPLETED
                + "&run="
                + Laboratory.DIVERGED
                + "&metric=val/loss");

    assertThat(answer.path("runs")).hasSize(2);
    assertThat(answer.path("runs").path(0).path("metrics")).hasSize(1);
    assertThat(answer.path("config_differences").path(0).path("path").textValue())
        .isEqualTo("learning_rate");
  }

  @Test
  void theBestRunsComeFirst() {
    JsonNode answer = json("/best?metric=val/loss&filter=" + encoded("status = completed"));

    assertThat(answer.path("mode").textValue()).isEqualTo("min");
    assertThat(answer.path("runs").path(0).path("id").textValue())
        .isEqualTo(Laboratory.COMPLETED.toString());
    problem(404, "/best?metric=none");
    problem(400, "/best");
    problem(400, "/best?metric=val/loss&mode=x");
  }

  @Test
  void errorsThatAreAlikeAreOneGroup() {
    for (int seed = 30; seed < 33; seed++) {
      Events run = Events.ofSeed(seed).attempt(seed);
      laboratory.deliver(
          run.started(), run.error("ValueError", "shapes do not match\nrun " + seed));
    }

    JsonNode groups = json("/errors").path("groups");

    assertThat(groups.path(0).path("exception_type").textValue()).isEqualTo("ValueError");
    assertThat(groups.path(0).path("message").textValue()).isEqualTo("shapes do not match");
    assertThat(groups.path(0).path("errors").intValue()).isEqualTo(4);
    assertThat(groups.path(0).path("runs").intValue()).isEqualTo(4);
    assertThat(json("/errors?filter=" + encoded("seed = 31")).path("groups")).hasSize(1);
  }

  @Test
  void theLedgerAsAWholeIsDescribed() {
    assertThat(json("/jobs").path("jobs")).hasSize(1);
    assertThat(json("/gaps").path("streams").path(0).path("missing").intValue()).isEqualTo(3);
    assertThat(json("/dead-letters").path("dead_letters")).isEmpty();
    JsonNode health = json("/health");
    assertThat(health.path("runs").path("completed").intValue()).isEqualTo(3);
    assertThat(health.path("missing_events").intValue()).isEqualTo(3);
    assertThat(health.path("projection").path("generation").isTextual()).isTrue();
  }

  @Test
  void namesAreOfferedWithHowManyRunsHaveThem() {
    JsonNode metrics = json("/names?kind=metric&like=LOSS").path("names");
    assertThat(metrics.path(0).path("name").textValue()).isEqualTo("loss");
    assertThat(metrics.path(0).path("runs").intValue()).isEqualTo(3);
    assertThat(
            json("/names?kind=config&like=layers").path("names").path(0).path("name").textValue())
        .isEqualTo("model.n_layers");
    assertThat(json("/names?kind=tag").path("names")).hasSize(2);
    assertThat(json("/names?kind=summary").path("names")).isNotEmpty();
    for (String kind : new String[] {"project", "experiment", "status", "host", "user"}) {
      assertThat(json("/names?kind=" + kind).path("names")).as(kind).isNotEmpty();
    }
    problem(400, "/names?kind=x");
  }

  @Test
  void anAnswerHoldsUntilTheDatabaseChanges() {
    // Once, a minute may end between two requests.
    await().until(() -> sendAgain("/api/v1/runs").statusCode(), status -> status == 304);
    assertThat(sendAgain("/api/v1/runs").body()).isEmpty();
    assertThat(problemTag()).isEmpty();
    assertThat(tag("/api/v1/health")).isEmpty();
  }

  private HttpResponse<String> sendAgain(String path) {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("If-None-Match", "\"other\", " + tag(path).orElseThrow())
            .build());
  }

  private Optional<String> tag(String path) {
    return get(path).headers().firstValue("ETag");
  }

  @Test
  void everyTagChangesWithTheDatabase() {
    String run = "/api/v1/runs/" + Laboratory.COMPLETED;
    List<String> paths =
        List.of(
            "/api/v1/runs",
            run,
            run + "/metrics",
            run + "/evidence",
            "/api/v1/curves?metric=loss&run=" + Laboratory.INCOMPLETE,
            "/api/v1/compare?run=" + Laboratory.COMPLETED,
            "/api/v1/best?metric=loss",
            "/api/v1/groups?metric=loss",
            "/api/v1/groups/curves?metric=loss",
            "/api/v1/errors",
            "/api/v1/jobs",
            "/api/v1/gaps",
            "/api/v1/dead-letters",
            "/api/v1/names?kind=tag");
    for (String path : paths) {
      String before = tag(path).orElseThrow();
      laboratory.deliver(Events.ofSeed(6).attempt(6).heartbeat(beats++));

      assertThat(tag(path)).as(path).isPresent().isNotEqualTo(Optional.of(before));
    }
  }

  private Optional<String> problemTag() {
    return tag("/api/v1/runs?limit=x");
  }

  @Test
  void longAnswersAreCompressedForThoseWhoTakeThat() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri("/assets/x/vendor/uPlot.esm.js"))
            .header("Accept-Encoding", "gzip")
            .build();

    var answer = CLIENT.send(request, BodyHandlers.ofInputStream());

    assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
    try (GZIPInputStream in = new GZIPInputStream(answer.body())) {
      assertThat(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
          .contains("uPlot");
    }
  }
}
