package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.client.upload.SpoolUpload;
import io.runledger.client.upload.UploadReport;
import io.runledger.query.Ledger;
import io.runledger.schemas.Base32;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.Topics;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.RunStarted;
import io.runledger.spool.SpoolWriter;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What comes in over HTTP is read back over HTTP, through a spool that is followed into a database:
 * events as lines, a spool that is uploaded, and the calls of MLflow's clients.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class GatewayIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final String MLFLOW = "api/2.0/mlflow/";

  @TempDir private Path directory;
  private FollowedServer server;

  @BeforeEach
  void start() throws Exception {
    server = new FollowedServer(directory, false);
    untilItFollows();
  }

  /**
   * Whoever starts to follow a spool needs longer on a busy machine than a call waits for what was
   * written. Of an experiment that no test looks at.
   */
  private void untilItFollows() throws Exception {
    String experiment =
        post(MLFLOW + "experiments/create", "{'name': 'begun'}").path("experiment_id").asText();
    String first = create("{'experiment_id': '%s'}".formatted(experiment));
    String search = "{'experiment_ids': ['%s']}".formatted(experiment);
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(names(post(MLFLOW + "runs/search", search).path("runs")))
                    .containsExactly(first));
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private JsonNode post(String path, String body) throws Exception {
    HttpResponse<String> answer =
        send("POST", path, body.replace('\'', '"'), "Content-Type", "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> answer = send("GET", path, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private String create(String body) throws Exception {
    return post(MLFLOW + "runs/create", body).path("run").path("info").path("run_id").asText();
  }

  private JsonNode run(String id) throws Exception {
    return get(MLFLOW + "runs/get?run_id=" + id).path("run");
  }

  @Test
  void aClientReadsAtOnceWhatItWrote() throws Exception {
    String experiment =
        post(MLFLOW + "experiments/create", "{'name': 'grid'}").path("experiment_id").asText();
    String id =
        create(
            "{'experiment_id': '%s', 'run_name': 'r1', 'start_time': 1795828477458, 'tags': [{'key': 'team', 'value': 'x'}]}"
                .formatted(experiment));
    post(
        MLFLOW + "runs/log-batch",
        "{'run_id': '%s', 'params': [{'key': 'lr', 'value': '0.1'}, {'key': 'C', 'value': '1.0'}, {'key': 'p', 'value': '1e-05'}], 'metrics': [{'key': 'loss', 'value': 0.5, 'timestamp': 1795828478600, 'step': 1}, {'key': 'loss', 'value': 0.25, 'timestamp': 1795828478914, 'step': 2}, {'key': 'bad', 'value': 'NaN', 'timestamp': 1795828478914}, {'key': 'inf', 'value': '-Infinity', 'timestamp': 1795828478914}]}"
            .formatted(id));
    post(
        MLFLOW + "runs/log-inputs",
        "{'run_id': '%s', 'datasets': [{'tags': [{'key': 'mlflow.data.context', 'value': 'train'}], 'dataset': {'name': 'd', 'digest': 'af37a0ca', 'source': 'x'}}]}"
            .formatted(id));
    post(
        MLFLOW + "runs/update",
        "{'run_id': '%s', 'status': 'FINISHED', 'end_time': 1795828484021}".formatted(id));

    JsonNode run = run(id);

    JsonNode info = run.path("info");
    assertThat(info.path("status").asText()).isEqualTo("FINISHED");
    assertThat(info.path("start_time").asLong()).isEqualTo(1795828477458L);
    assertThat(info.path("end_time").asLong()).isEqualTo(1795828484021L);
    assertThat(info.path("run_name").asText()).isEqualTo("r1");
    assertThat(info.path("experiment_id").asText()).isEqualTo(experiment);
    assertThat(run.path("data").path("params").toString())
        .contains(
            "{\"key\":\"lr\",\"value\":\"0.1\"}",
            "{\"key\":\"C\",\"value\":\"1.0\"}",
            "{\"key\":\"p\",\"value\":\"1e-05\"}");
    assertThat(run.path("data").path("metrics").toString())
        .contains(
            "{\"key\":\"loss\",\"value\":0.25,\"timestamp\":1795828478914,\"step\":2}",
            "\"value\":\"NaN\"",
            "\"value\":\"-Infinity\"");
    assertThat(run.path("data").path("tags").toString()).contains("team", "mlflow.runName");
    assertThat(
            run.path("inputs")
                .path("dataset_inputs")
                .get(0)
                .path("dataset")
                .path("digest")
                .asText())
        .isEqualTo("af37a0ca");

    JsonNode history =
        get(MLFLOW + "metrics/get-history?run_id=" + id + "&metric_key=loss&max_results=1");
    assertThat(history.path("metrics")).hasSize(1);
    assertThat(
            get(MLFLOW
                    + "metrics/get-history?run_id="
                    + id
                    + "&metric_key=loss&page_token="
                    + history.path("next_page_token").asText())
                .path("metrics")
                .get(0)
                .path("value")
                .asDouble())
        .isEqualTo(0.25);
    assertThat(get(MLFLOW + "metrics/get-history?run_id=" + id + "&metric_key=none")).isEmpty();
    assertThat(
            get(MLFLOW + "experiments/get-by-name?experiment_name=grid")
                .path("experiment")
                .path("experiment_id")
                .asText())
        .isEqualTo(experiment);
    assertThat(
            get(MLFLOW + "experiments/get?experiment_id=0")
                .path("experiment")
                .path("name")
                .asText())
        .isEqualTo("Default");
    assertThat(send("GET", MLFLOW + "experiments/get-by-name?experiment_name=none", "").body())
        .contains("RESOURCE_DOES_NOT_EXIST");
    assertThat(
            send("GET", MLFLOW + "runs/get?run_id=00000000000000000000000000000000", "")
                .statusCode())
        .isEqualTo(404);
    assertThat(send("GET", MLFLOW + "registered-models/get?name=a", "").body())
        .contains("ENDPOINT_NOT_FOUND");
    assertThat(send("POST", "api/3.0/mlflow/traces/search", "{}").body())
        .contains("ENDPOINT_NOT_FOUND");
  }

  @Test
  void runsAreFoundByMlflowsFilters() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      String id =
          create(
              "{'run_name': 'run %d', 'start_time': %d, 'tags': [{'key': 'team', 'value': 't%d'}]}"
                  .formatted(i, 1795828477000L + i, i % 2));
      post(
          MLFLOW + "runs/log-batch",
          "{'run_id': '%s', 'params': [{'key': 'lr', 'value': '%s'}, {'key': 'model', 'value': 'net%d'}], 'metrics': [{'key': 'val/loss', 'value': %d, 'timestamp': 1, 'step': 1}]}"
              .formatted(id, i == 4 ? "1e-1" : "0.1", i, i));
      ids.add(id);
    }
    post(
        MLFLOW + "runs/update",
        "{'run_id': '%s', 'status': 'FAILED', 'end_time': 5}".formatted(ids.get(0)));

    assertThat(found("metrics.`val/loss` >= 3")).containsExactly(ids.get(4), ids.get(3));
    assertThat(found("params.lr = '0.1'")).hasSize(4);
    assertThat(found("params.lr = '1e-1' and tags.team = 't0'")).containsExactly(ids.get(4));
    assertThat(found("params.model LIKE 'net_' AND params.model != 'net1'")).hasSize(4);
    assertThat(found("params.model ILIKE '%T2'")).containsExactly(ids.get(2));
    assertThat(found("attributes.status = 'FAILED'")).containsExactly(ids.get(0));
    assertThat(found("attributes.run_name IN ('run 1', 'run 3')")).hasSize(2);
    assertThat(found("start_time > 1795828477002")).hasSize(2);
    assertThat(found("params.none IS NULL and metrics.`val/loss` IS NOT NULL")).hasSize(5);
    assertThat(found("tags.team = 'none'")).isEmpty();
    assertThat(found("tags.mlflow.runName = 'run 2'")).containsExactly(ids.get(2));

    JsonNode page =
        post(
            MLFLOW + "runs/search",
            "{'experiment_ids': ['0'], 'max_results': 2, 'order_by': ['metrics.`val/loss` ASC']}");
    JsonNode next =
        post(
            MLFLOW + "runs/search",
            "{'experiment_ids': ['0'], 'max_results': 2, 'order_by': ['metrics.`val/loss` ASC'], 'page_token': '%s'}"
                .formatted(page.path("next_page_token").asText()));
    assertThat(names(page.path("runs"))).containsExactly(ids.get(0), ids.get(1));
    assertThat(names(next.path("runs"))).containsExactly(ids.get(2), ids.get(3));

    for (String bad :
        List.of(
            "metrics.loss",
            "metrics.loss < 'a'",
            "nothing.a = 'b'",
            "params.a = b",
            "params.a < 'b'",
            "tags.a = 'b' or tags.c = 'd'",
            "metrics.a LIKE '1'",
            "tags.a IN ()",
            "attributes.nothing = 'x'")) {
      HttpResponse<String> refused =
          send(
              "POST",
              MLFLOW + "runs/search",
              JSON.writeValueAsString(Map.of("experiment_ids", List.of("0"), "filter", bad)),
              "Content-Type",
              "application/json");
      assertThat(refused.statusCode()).as(bad + refused.body()).isEqualTo(400);
      assertThat(refused.body()).contains("INVALID_PARAMETER_VALUE");
    }

    post(MLFLOW + "runs/delete", "{'run_id': '%s'}".formatted(ids.get(1)));
    assertThat(found("")).hasSize(4);
    assertThat(
            names(
                post(
                        MLFLOW + "runs/search",
                        "{'experiment_ids': ['0'], 'run_view_type': 'DELETED_ONLY'}")
                    .path("runs")))
        .containsExactly(ids.get(1));
    assertThat(run(ids.get(1)).path("info").path("lifecycle_stage").asText()).isEqualTo("deleted");
    post(MLFLOW + "runs/restore", "{'run_id': '%s'}".formatted(ids.get(1)));
    assertThat(found("")).hasSize(5);
  }

  private List<String> found(String filter) throws Exception {
    HttpResponse<String> answer =
        send(
            "POST",
            MLFLOW + "runs/search",
            JSON.writeValueAsString(Map.of("experiment_ids", List.of("0"), "filter", filter)),
            "Content-Type",
            "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return names(JSON.readTree(answer.body()).path("runs"));
  }

  private static List<String> names(JsonNode runs) {
    List<String> names = new ArrayList<>();
    runs.forEach(run -> names.add(run.path("info").path("run_id").asText()));
    return names;
  }

  @Test
  void aRunIsAnsweredAlsoWhileNothingArrives() throws Exception {
    String before = create("{'run_name': 'before'}");
    run(before);
    server.stopFollowing();
    String id = create("{'run_name': 'meanwhile'}");
    post(
        MLFLOW + "runs/log-parameter",
        "{'run_id': '%s', 'key': 'lr', 'value': '0.1'}".formatted(id));

    JsonNode waited = run(id);
    long begun = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      run(id);
    }
    Duration ten = Duration.ofNanos(System.nanoTime() - begun);
    server.stopServing();
    server.serve();
    JsonNode restarted = run(id);

    assertThat(waited.path("info").path("run_name").asText()).isEqualTo("meanwhile");
    assertThat(waited.path("data").path("params").get(0).path("value").asText()).isEqualTo("0.1");
    // Half of what it would be if each of them waited.
    assertThat(ten).isLessThan(Duration.ofSeconds(15));
    assertThat(restarted.path("data")).isEqualTo(waited.path("data"));
    server.follow();
    // A search that came while nothing arrived did not wait long.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(found("")).containsExactlyInAnyOrder(before, id));
    assertThat(run(id).path("data").path("params").get(0).path("value").asText()).isEqualTo("0.1");
  }

  private JsonNode refused(int status, HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = JSON.readTree(answer.body());
    assertThat(error.path("error_code").asText()).isNotEmpty();
    assertThat(error.path("message").asText()).isNotEmpty();
    return error;
  }

  @Test
  void whatIsAskedWrongIsRefusedInMlflowsWords() throws Exception {
    HttpResponse<String> byGet = send("GET", MLFLOW + "runs/create", "");
    refused(405, byGet);
    assertThat(byGet.headers().firstValue("Allow")).contains("POST");
    assertThat(refused(404, send("GET", MLFLOW + "nothing/here", "")).path("error_code").asText())
        .isEqualTo("ENDPOINT_NOT_FOUND");
    assertThat(refused(400, send("GET", MLFLOW + "runs/get", "")).path("message").asText())
        .contains("'run_id'");
    for (String call : List.of("runs/search", "experiments/search", "runs/create")) {
      assertThat(
              refused(400, send("POST", MLFLOW + call, "{}", "Content-Type", "text/plain"))
                  .path("message")
                  .asText())
          .isEqualTo("Bad Request. Content-Type must be one of ['application/json'].");
      refused(400, send("POST", MLFLOW + call, "{}"));
      refused(
          400,
          send(
              "POST",
              MLFLOW + call,
              "{}",
              "Content-Type",
              "application/json",
              "Content-Encoding",
              "gzip"));
    }
    refused(
        400, send("PUT", "api/2.0/mlflow-artifacts/artifacts/0/made/as/a/directory/", "content"));
    refused(404, send("GET", "api/2.0/mlflow-artifacts/artifacts/0/made/as/a/directory", ""));
  }

  @Test
  void experimentsAreSortedAndPagedAsMlflowDoes() throws Exception {
    for (String name : List.of("b", "a", "c")) {
      post(MLFLOW + "experiments/create", "{'name': 'sorted-%s'}".formatted(name));
    }
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      JsonNode page =
          post(
              MLFLOW + "experiments/search",
              "{'filter': 'name LIKE \\u0027sorted-%%\\u0027', 'order_by': ['name DESC'], 'max_results': 1, 'page_token': '%s'}"
                  .formatted(token));
      page.path("experiments").forEach(one -> names.add(one.path("name").asText()));
      token = page.path("next_page_token").asText();
    } while (!token.isEmpty());

    assertThat(names).containsExactly("sorted-c", "sorted-b", "sorted-a");
    for (String body :
        List.of(
            "{'page_token': 'zzz'}",
            "{'max_results': 0}",
            "{'max_results': -1}",
            "{'max_results': 1.5}",
            "{'view_type': 'SOME'}",
            "{'order_by': ['nothing']}",
            "{'order_by': 'name'}",
            "{'filter': ['name']}")) {
      refused(
          400,
          send(
              "POST",
              MLFLOW + "experiments/search",
              body.replace('\'', '"'),
              "Content-Type",
              "application/json"));
    }
  }

  @Test
  void filesOfARunComeBack() throws Exception {
    String id = create("{}");
    String file = "api/2.0/mlflow-artifacts/artifacts/0/" + id + "/artifacts/plots/a%20b.txt";
    assertThat(send("PUT", file, "hello").statusCode()).isEqualTo(200);

    HttpResponse<String> back = send("GET", file, "", "Accept-Encoding", "gzip");
    assertThat(back.body()).isEqualTo("hello");
    assertThat(back.headers().firstValue("Content-Length")).contains("5");
    assertThat(
            get("api/2.0/mlflow-artifacts/artifacts?path="
                    + URLEncoder.encode("0/" + id + "/artifacts", StandardCharsets.UTF_8))
                .path("files")
                .get(0)
                .path("is_dir")
                .asBoolean())
        .isTrue();
    assertThat(send("GET", "api/2.0/mlflow-artifacts/artifacts/..%2f..%2fruns.db", "").statusCode())
        .isEqualTo(400);
    assertThat(send("GET", "api/2.0/mlflow-artifacts/artifacts/0/none", "").statusCode())
        .isEqualTo(404);
    run(id);
    try (Ledger ledger = Ledger.open(server.database())) {
      assertThat(ledger.artifacts(RunId.parse(id)).get(0).filepath()).isEqualTo("plots/a b.txt");
      assertThat(ledger.artifacts(RunId.parse(id)).get(0).sizeBytes()).hasValue(5);
    }
  }

  @Test
  void linesAndUploadedSpoolsCountOnce() throws Exception {
    String lines =
        "{\"at\":1763917445.2,\"start\":{\"experiment\":\"7\",\"seed\":3}}\n{\"at\":1763917446,\"metrics\":{\"loss\":0.5},\"step\":1}\nnot JSON\n";
    JsonNode first = JSON.readTree(send("POST", "api/v1/events", lines).body());
    JsonNode again = JSON.readTree(send("POST", "api/v1/events", lines).body());
    assertThat(first.path("refused").asInt()).isEqualTo(1);
    assertThat(again.path("bytes").asInt()).isZero();

    Path spool = directory.resolve("far");
    long writer = 4711;
    RunKey key = RunKey.experiment("far");
    try (SpoolWriter files = SpoolWriter.create(spool, writer, 1 << 20, 1 << 30, 1 << 20)) {
      Envelope envelope = new Envelope(RunId.of(key).value(), 5, writer, 0, Instant.EPOCH);
      files.append(
          Topics.RUNS,
          seq ->
              envelope.runEvent(
                  RunStarted.newBuilder().setKey(key.parts()).setSource("job").build()));
      files.append(
          Topics.METRICS,
          seq ->
              envelope.metrics(
                  List.of(new MetricRow(Instant.EPOCH, 1L, null, null, Map.of("loss", 0.25)))));
    }
    Files.writeString(spool.resolve("host-1.jsonl"), lines + "{\"end\":true}\n");

    UploadReport report =
        SpoolUpload.send(spool, URI.create(server.url()), Optional.empty(), Duration.ofSeconds(20));

    assertThat(report.problems())
        .hasSize(1)
        .first()
        .asString()
        .contains("host-1.jsonl:3", "dead letters");
    assertThat(report.refusedLines()).isEqualTo(1);
    assertThat(spool.resolve(Base32.encode(writer))).doesNotExist();
    assertThat(spool.resolve("host-1.jsonl")).doesNotExist();
    RunId far = RunId.of(key);
    RunId near = RunId.of(RunKey.experiment("7").seed(3));
    try (Ledger ledger = Ledger.open(server.database())) {
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(
              () -> {
                assertThat(ledger.summaries(far)).hasSize(1);
                // The same lines under two names are two files, as everywhere.
                assertThat(ledger.summaries(near).get(0).count()).isEqualTo(2);
              });
    }
  }

  @Test
  void whereATokenIsNeededThePasswordIsOne() throws Exception {
    server.stopServing();
    server.requireToken();
    server.serve();
    assertThat(send("POST", MLFLOW + "runs/create", "{}").statusCode()).isEqualTo(401);
    assertThat(send("GET", "ajax-api/2.0/mlflow/experiments/get?experiment_id=0", "").statusCode())
        .isEqualTo(401);
    String wrong =
        Base64.getEncoder().encodeToString("ann:nothing".getBytes(StandardCharsets.UTF_8));
    assertThat(
            send(
                    "GET",
                    MLFLOW + "experiments/get?experiment_id=0",
                    "",
                    "Authorization",
                    "Basic " + wrong)
                .statusCode())
        .isEqualTo(401);
    assertThat(send("POST", "api/v1/events", "{}").statusCode()).isEqualTo(401);
  }
}
