package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
}
