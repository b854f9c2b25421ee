package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.runledger.query.Laboratory;
import io.runledger.schemas.RunId;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The description of the API against the routes that there are. */
class OpenApiTest extends OpenServer {

  @Test
  void eachRouteIsDescribedAndNothingElse() {
    Set<String> described = new TreeSet<>();
    json("/openapi.json")
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method ->
                            described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));

    assertThat(described).isEqualTo(new TreeSet<>(server.routesOfApi()));
  }

  @Test
  void eachDescribedParameterIsOneThatTheRouteKnows() {
    json("/openapi.json")
        .path("paths")
        .properties()
        .forEach(path -> check(path.getKey(), path.getValue().path("get").path("parameters")));
  }

  @Test
  void noRouteTakesAParameterThatItDoesNotKnow() {
    for (String route : server.routesOfApi()) {
      String[] methodAndPath = route.split(" ", 2);
      String path = methodAndPath[1].replaceAll("\\{[^}]*}", Laboratory.COMPLETED.toString());

      HttpResponse<String> answer =
          send(
              HttpRequest.newBuilder(uri(path + "?nothing=1"))
                  .header("Content-Type", "application/json")
                  .method(methodAndPath[0], BodyPublishers.ofString("{}"))
                  .build());

      assertThat(answer.statusCode()).as(route).isEqualTo(400);
      assertThat(answer.body()).as(route).contains("There is no parameter 'nothing' here");
    }
  }

  /** A name that is not known is refused, and the sentence names those that are. */
  private void check(String path, JsonNode parameters) {
    if (path.contains("{") || !parameters.elements().hasNext()) {
      return;
    }
    String known =
        problem(400, path.replace("/api/v1", "") + "?nothing=1").path("detail").textValue();
    Set<String> described = new TreeSet<>();
    parameters.forEach(one -> described.add(one.path("name").textValue()));
    assertThat(known).as(path).endsWith("there are " + String.join(", ", described) + ".");
  }

  @Test
  void eachAnswerHasWhatIsDescribedAndNothingElse() {
    DescribedAnswers described = new DescribedAnswers(json("/openapi.json"));
    for (RunId run :
        List.of(
            Laboratory.COMPLETED,
            Laboratory.DIVERGED,
            Laboratory.FAILED,
            Laboratory.RESUMED,
            Laboratory.INCOMPLETE,
            Laboratory.TIMED_OUT)) {
      for (String part :
          List.of(
              "",
              "/metrics",
              "/attempts",
              "/artifacts",
              "/results",
              "/errors",
              "/jobs",
              "/evidence")) {
        described.check("/api/v1/runs/{run}" + part, json("/runs/" + run + part));
      }
    }
    for (String question :
        List.of(
            "/runs?count=true",
            "/curves?metric=val/loss&run=" + Laboratory.DIVERGED,
            "/compare?run=" + Laboratory.COMPLETED + "&run=" + Laboratory.RESUMED,
            "/best?metric=val/loss",
            "/groups?metric=val/loss&by=seed",
            "/groups/curves?metric=val/loss&by=seed&x=epoch",
            "/errors",
            "/jobs",
            "/gaps",
            "/dead-letters",
            "/health",
            "/names?kind=metric",
            "/alerts",
            "/session")) {
      described.check("/api/v1" + question.split("\\?", 2)[0], json(question));
    }
  }
}
