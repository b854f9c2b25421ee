package io.runledger.bench.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * Calls of MLflow's REST API, with the bodies that MLflow's own client sends, each on the thread
 * that makes it: what a client takes of the machine, the server does not have. Thread-safe.
 */
final class MlflowCalls {

  /** Runs a page, what MLflow's client asks for. */
  static final int PAGE = 1_000;

  private static final int HISTORY_PAGE = 25_000;

  /** A server that takes longer for one call hangs. */
  private static final int PATIENCE_MS = 120_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  static {
    // Of more than five clients, others would connect anew for each call.
    System.setProperty("http.maxConnections", Integer.toString(MlflowClients.CLIENTS));
    // MLflow's server ends a connection after 5 s of silence, maybe just when a call is sent on it.
    System.setProperty("http.keepAlive.time.server", "2");
  }

  private final URI api;

  /**
   * @param server where it listens, with a slash at the end
   */
  MlflowCalls(URI server) {
    api = server.resolve("api/2.0/mlflow/");
  }

  private JsonNode post(String path, JsonNode body) throws IOException {
    return answer(path, Optional.of(JSON.writeValueAsBytes(body)));
  }

  private JsonNode get(String path) throws IOException {
    return answer(path, Optional.empty());
  }

  private JsonNode answer(String path, Optional<byte[]> body) throws IOException {
    HttpURLConnection call = (HttpURLConnection) api.resolve(path).toURL().openConnection();
    call.setConnectTimeout(PATIENCE_MS);
    call.setReadTimeout(PATIENCE_MS);
    if (body.isPresent()) {
      call.setDoOutput(true);
      call.setRequestProperty("Content-Type", "application/json");
      // Of this length, a body is not sent a second time behind our back.
      call.setFixedLengthStreamingMode(body.get().length);
      try (OutputStream out = call.getOutputStream()) {
        out.write(body.get());
      }
    }
    int status = call.getResponseCode();
    try (InputStream in = status < 400 ? call.getInputStream() : call.getErrorStream()) {
      JsonNode answer = JSON.readTree(in.readAllBytes());
      if (status != HttpURLConnection.HTTP_OK) {
        throw new BenchException("%s was answered with %d: %s".formatted(path, status, answer));
      }
      return answer;
    }
  }

  /** Creates an experiment, and returns its id. */
  String createExperiment(String name) throws IOException {
    return post("experiments/create", JSON.createObjectNode().put("name", name))
        .path("experiment_id")
        .asText();
  }

  /** Creates a run, and returns its id. */
  String createRun(String experiment, String name) throws IOException {
    ObjectNode body =
        JSON.createObjectNode()
            .put("experiment_id", experiment)
            .put("user_id", "bench")
            .put("start_time", System.currentTimeMillis())
            .put("run_name", name);
    ArrayNode tags = body.putArray("tags");
    pair(tags, "mlflow.user", "bench");
    pair(tags, "mlflow.source.name", "train.py");
    pair(tags, "mlflow.source.type", "LOCAL");
    pair(tags, "mlflow.runName", name);
    return post("runs/create", body).path("run").path("info").path("run_id").asText();
  }

  private static void pair(ArrayNode into, String key, String value) {
    into.addObject().put("key", key).put("value", value);
  }

  /** Logs metrics of one step, and parameters, in one call. */
  void logBatch(String run, int step, Map<String, Double> metrics, Map<String, String> parameters)
      throws IOException {
    ObjectNode body = JSON.createObjectNode().put("run_id", run);
    ArrayNode points = body.putArray("metrics");
    long now = System.currentTimeMillis();
    metrics.forEach(
        (key, value) ->
            points
                .addObject()
                .put("key", key)
                .put("value", value)
                .put("timestamp", now)
                .put("step", step));
    ArrayNode pairs = body.putArray("params");
    parameters.forEach((key, value) -> pair(pairs, key, value));
    body.putArray("tags");
    post("runs/log-batch", body);
  }

  /** How many points of a metric are answered, page after page. */
  int countPoints(String run, String metric) throws IOException {
    String path =
        "metrics/get-history?run_id=%s&metric_key=%s&max_results=%d"
            .formatted(run, metric, HISTORY_PAGE);
    JsonNode answer = get(path);
    int points = answer.path("metrics").size();
    while (answer.has("next_page_token")) {
      answer = get(path + "&page_token=" + answer.path("next_page_token").asText());
      points += answer.path("metrics").size();
    }
    return points;
  }

  /** How many runs of an experiment are answered, page after page. */
  int countRuns(String experiment) throws IOException {
    JsonNode answer = search(experiment, "", "");
    int runs = answer.path("runs").size();
    while (answer.has("next_page_token")) {
      answer = search(experiment, "", answer.path("next_page_token").asText());
      runs += answer.path("runs").size();
    }
    return runs;
  }

  /** How many runs the first page has of those that pass a filter. */
  int search(String experiment, String filter) throws IOException {
    return search(experiment, filter, "").path("runs").size();
  }

  private JsonNode search(String experiment, String filter, String token) throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.putArray("experiment_ids").add(experiment);
    body.put("filter", filter).put("run_view_type", "ACTIVE_ONLY").put("max_results", PAGE);
    if (!token.isEmpty()) {
      body.put("page_token", token);
    }
    return post("runs/search", body);
  }
}
