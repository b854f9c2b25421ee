package io.runledger.gateway.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.runledger.config.Configuration;
import io.runledger.config.Setting;
import io.runledger.gateway.TestCall;
import io.runledger.gateway.log.CallLog;
import io.runledger.gateway.log.DelayedSync;
import io.runledger.gateway.log.StreamMark;
import io.runledger.http.Reply;
import io.runledger.http.Route;
import io.runledger.schemas.ProjectNumber;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The calls of MLflow's clients that write, and the lines that they become. */
class MlflowWritesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private final Map<RunId, MlflowRun> ledger = new HashMap<>();
  private int projectsAsked;
  private Path spool;
  private CallLog log;
  private MlflowWrites writes;
  private Map<String, Route> routes;

  @BeforeEach
  void open() throws IOException {
    spool = directory.resolve("spool");
    open(Configuration.load(Map.of(), Map.of(), Optional.empty()));
  }

  private void open(Configuration configuration) throws IOException {
    log = new CallLog(spool, configuration, new DelayedSync(), () -> {});
    writes = new MlflowWrites(directory, log, new Known(), configuration);
    writes.load();
    routes =
        writes.routes().stream()
            .collect(Collectors.toMap(one -> one.method() + " " + one.path(), one -> one));
  }

  @AfterEach
  void close() throws IOException {
    log.close();
  }

  private void restart() throws IOException {
    close();
    open(Configuration.load(Map.of(), Map.of(), Optional.empty()));
  }

  private final class Known implements KnownRuns {
    @Override
    public Optional<MlflowRun> find(RunId run) {
      return Optional.ofNullable(ledger.get(run));
    }

    @Override
    public Optional<String> project(String number) {
      projectsAsked++;
      return ledger.values().stream()
          .map(MlflowRun::experiment)
          .filter(name -> ProjectNumber.of(name).equals(number))
          .findFirst();
    }
  }

  private Reply reply(String call, TestCall request) {
    try {
      return routes.get(call).handler().answer(request);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode json(int status, Reply reply) throws IOException {
    String text = TestCall.text(reply);
    assertThat(reply.status()).as(text).isEqualTo(status);
    return JSON.readTree(text);
  }

  private JsonNode post(String call, String body) throws IOException {
    return json(200, reply("POST /api/2.0/mlflow/" + call, TestCall.of(body.replace('\'', '"'))));
  }

  private JsonNode refused(int status, String code, String call, String body) throws IOException {
    JsonNode error =
        json(status, reply("POST /api/2.0/mlflow/" + call, TestCall.of(body.replace('\'', '"'))));
    assertThat(error.path("error_code").asText()).isEqualTo(code);
    assertThat(error.path("message").asText()).isNotBlank();
    return error;
  }

  private String create(String body) throws IOException {
    return post("runs/create", body).path("run").path("info").path("run_id").asText();
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(spool)) {
      for (Path file : files.sorted().toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  private MlflowRun run(String id) {
    return writes.run(RunId.parse(id)).orElseThrow();
  }

  @Test
  void aScriptBecomesLinesOfOneRun() throws IOException {
    String experiment =
        post("experiments/create", "{'name': 'grid'}").path("experiment_id").asText();
    JsonNode made =
        post(
            "runs/create",
            "{'experiment_id': '%s', 'run_name': 'r1', 'user_id': 'ann', 'start_time': '1795828477458', 'tags': [{'key': 'mlflow.runName', 'value': 'r1'}, {'key': 'team', 'value': 'x'}]}"
                .formatted(experiment));
    String id = made.path("run").path("info").path("run_id").asText();
    post("runs/log-parameter", "{'run_id': '%s', 'key': 'lr', 'value': '0.1'}".formatted(id));
    post(
        "runs/log-metric",
        "{'run_uuid': '%s', 'key': 'loss', 'value': 'NaN', 'timestamp': 1795828477460, 'step': '3'}"
            .formatted(id));
    post(
        "runs/log-batch",
        "{'run_id': '%s', 'metrics': [{'key': 'a', 'value': 1, 'timestamp': 5, 'step': 1}, {'key': 'b', 'value': 2, 'timestamp': 5, 'step': 1}, {'key': 'a', 'value': '-Infinity', 'timestamp': 5, 'step': 2}], 'params': [{'key': 'model', 'value': 'cnn'}], 'tags': [{'key': 'team', 'value': 'y'}]}"
            .formatted(id));
    JsonNode ended =
        post(
            "runs/update",
            "{'run_id': '%s', 'status': 'FINISHED', 'end_time': 1795828480000}".formatted(id));

    assertThat(made.path("run").path("info").path("start_time").asLong()).isEqualTo(1795828477458L);
    assertThat(made.path("run").path("info").path("user_id").asText()).isEqualTo("ann");
    assertThat(ended.path("run_info").path("status").asText()).isEqualTo("FINISHED");
    assertThat(ended.path("run_info").path("end_time").asLong()).isEqualTo(1795828480000L);
    assertThat(run(id).tags()).containsEntry("team", "y").containsEntry("mlflow.user", "ann");
    assertThat(run(id).parameters())
        .containsExactly(Map.entry("lr", "0.1"), Map.entry("model", "cnn"));
    List<String> lines = lines();
    assertThat(lines.get(0))
        .contains("\"project\":\"grid\"", "\"name\":\"r1\"", "team=x", "writer_id");
    assertThat(lines.get(1)).contains("\"config\":{\"lr\":0.1}");
    assertThat(lines.get(2)).contains("\"metrics\":{\"loss\":\"NaN\"}", "\"step\":3");
    assertThat(lines.get(3)).contains("\"config\":{\"model\":\"cnn\"}");
    assertThat(lines.get(4))
        .contains("\"metrics\":{\"a\":1.0,\"b\":2.0}", "1970-01-01T00:00:00.005Z");
    assertThat(lines.get(5)).contains("\"metrics\":{\"a\":\"-Infinity\"}");
    assertThat(lines.get(6)).contains("\"remove_tags\":[\"team=x\"]", "\"add_tags\":[\"team=y\"]");
    assertThat(lines.get(7)).contains("\"status\":\"completed\"");
    assertThat(lines).hasSize(8);
  }

  @Test
  void theMarksAreTheNumbersOfTheLastEvents() throws IOException {
    String id = create("{}");
    post(
        "runs/log-metric",
        "{'run_id': '%s', 'key': 'a', 'value': 1, 'timestamp': 5}".formatted(id));
    post(
        "runs/log-metric",
        "{'run_id': '%s', 'key': 'a', 'value': 1, 'timestamp': 6}".formatted(id));
    RunId run = RunId.parse(id);

    List<StreamMark> marks = writes.awaited(run);
    assertThat(marks)
        .extracting(StreamMark::topic)
        .containsExactlyInAnyOrder("runledger.runs", "runledger.metrics");
    assertThat(marks).extracting(StreamMark::seq).containsExactlyInAnyOrder(0L, 1L);

    restart();
    assertThat(writes.awaited(run)).containsExactlyInAnyOrderElementsOf(marks);
    writes.arrived(run, marks);
    assertThat(writes.awaited(run)).isEmpty();
    assertThat(writes.awaited()).isEmpty();
  }

  @Test
  void anExperimentOfTheLedgerIsLookedForOnce() throws IOException {
    RunKey key = RunKey.experiment("grid");
    RunId known = RunId.of(key);
    ledger.put(
        known,
        new MlflowRun(
            known, 5, "grid", "r", "RUNNING", 0, OptionalLong.empty(), false, Map.of(), Map.of()));

    for (int i = 0; i < 3; i++) {
      create("{'experiment_id': '%s'}".formatted(ProjectNumber.of("grid")));
    }

    assertThat(projectsAsked).isEqualTo(1);
    assertThat(lines()).hasSize(3).allMatch(line -> line.contains("\"project\":\"grid\""));
  }

  @Test
  void aChangedParameterIsRefusedAlsoAfterARestart() throws IOException {
    String id = create("{'run_name': 'r'}");
    String lr = "{'run_id': '%s', 'key': 'lr', 'value': '%s'}";
    post("runs/log-parameter", lr.formatted(id, "0.1"));
    post("runs/log-parameter", lr.formatted(id, "0.1"));
    restart();
    post("runs/log-parameter", lr.formatted(id, "0.1"));

    JsonNode error =
        refused(400, "INVALID_PARAMETER_VALUE", "runs/log-parameter", lr.formatted(id, "0.10"));

    assertThat(error.path("message").asText())
        .startsWith(
            "Changing param values is not allowed. Param with key='lr' was already logged with"
                + " value='0.1'");
    refused(
        400,
        "INVALID_PARAMETER_VALUE",
        "runs/log-batch",
        "{'run_id': '%s', 'params': [{'key': 'new', 'value': '1'}, {'key': 'lr', 'value': '2'}], 'metrics': [{'key': 'm', 'value': 1, 'timestamp': 1}]}"
            .formatted(id));
    assertThat(lines()).hasSize(2);
    assertThat(run(id).name()).isEqualTo("r");
  }

  @Test
  @Timeout(10)
  void aNumberOfMillionsOfDigitsIsRefusedAtOnce() throws IOException {
    String id = create("{}");
    String digits = "1".repeat(7_000_000);

    refused(
        400,
        "INVALID_PARAMETER_VALUE",
        "runs/log-metric",
        "{'run_id': '%s', 'key': 'a', 'value': 0.5, 'timestamp': 7, 'step': '%s'}"
            .formatted(id, digits));
    refused(
        400,
        "INVALID_PARAMETER_VALUE",
        "runs/log-metric",
        "{'run_id': '%s', 'key': 'a', 'value': '%s', 'timestamp': 7}".formatted(id, digits));
  }

  @Test
  void aCallThatComesAgainAddsNothing() throws IOException {
    String id = create("{}");
    String metric =
        "{'run_id': '%s', 'key': 'a', 'value': 0.5, 'timestamp': 7, 'step': 1}".formatted(id);
    post("runs/log-metric", metric);
    post("runs/log-metric", metric);
    restart();
    post("runs/log-metric", metric);
    post("runs/log-metric", metric.replace("'step': 1", "'step': 2"));

    assertThat(lines().stream().filter(line -> line.contains("\"metrics\""))).hasSize(2);
  }

  @Test
  void aRunOfTheLedgerGoesOn() throws IOException {
    RunId old = RunId.of(RunKey.experiment("old"));
    ledger.put(
        old,
        new MlflowRun(
            old,
            4711,
            "old",
            "before",
            "FINISHED",
            5,
            OptionalLong.of(6),
            false,
            Map.of("lr", "1"),
            Map.of("k", "v")));

    refused(
        400,
        "INVALID_PARAMETER_VALUE",
        "runs/log-parameter",
        "{'run_id': '%s', 'key': 'lr', 'value': '2'}".formatted(old));
    post("runs/set-tag", "{'run_id': '%s', 'key': 'k', 'value': 'w'}".formatted(old));
    JsonNode resumed = post("runs/update", "{'run_id': '%s', 'status': 'RUNNING'}".formatted(old));

    assertThat(resumed.path("run_info").path("status").asText()).isEqualTo("RUNNING");
    assertThat(lines().get(0)).contains("\"remove_tags\":[\"k=v\"]");
    refused(
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "runs/log-metric",
        "{'run_id': 'e4d07257af8d4e5bb894b57607a4c2ff', 'key': 'a', 'value': 1, 'timestamp': 1}");
  }

  @Test
  void aTagAsksForTheRunOfAKey() throws IOException {
    String body =
        "{'tags': [{'key': 'runledger.key', 'value': 'true'}, {'key': 'dataset', 'value': 'mnist'},"
            + " {'key': 'seed', 'value': '3'}]}";
    String id = create(body);
    post("runs/log-parameter", "{'run_id': '%s', 'key': 'lr', 'value': '1'}".formatted(id));

    assertThat(id)
        .isEqualTo(RunId.of(RunKey.experiment("Default").dataset("mnist").seed(3)).toString());
    assertThat(create(body)).isEqualTo(id);
    // Another attempt has a configuration of its own.
    post("runs/log-parameter", "{'run_id': '%s', 'key': 'lr', 'value': '2'}".formatted(id));
    refused(400, "INVALID_PARAMETER_VALUE", "runs/create", body.replace("'3'", "'three'"));
  }

  @Test
  void aRunIsHiddenAndShownAgain() throws IOException {
    String id = create("{}");
    post("runs/delete", "{'run_id': '%s'}".formatted(id));

    refused(
        400,
        "INVALID_PARAMETER_VALUE",
        "runs/set-tag",
        "{'run_id': '%s', 'key': 'a', 'value': 'b'}".formatted(id));
    assertThat(run(id).isDeleted()).isTrue();
    post("runs/restore", "{'run_id': '%s'}".formatted(id));
    post("runs/set-tag", "{'run_id': '%s', 'key': 'a', 'value': 'b'}".formatted(id));
    post("runs/delete-tag", "{'run_id': '%s', 'key': 'a'}".formatted(id));
    refused(
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "runs/delete-tag",
        "{'run_id': '%s', 'key': 'a'}".formatted(id));
    assertThat(run(id).tags()).isEmpty();
  }

  @Test
  void notesAndNamesAreTags() throws IOException {
    String id =
        create("{'run_name': 'one', 'tags': [{'key': 'mlflow.note.content', 'value': 'why'}]}");
    post("runs/set-tag", "{'run_id': '%s', 'key': 'mlflow.runName', 'value': 'two'}".formatted(id));
    assertThat(run(id).name()).isEqualTo("two");
    assertThat(run(id).tags()).containsEntry("mlflow.note.content", "why");
    post("runs/update", "{'run_id': '%s', 'run_name': 'three'}".formatted(id));
    post(
        "runs/set-tag",
        "{'run_id': '%s', 'key': 'mlflow.note.content', 'value': 'because'}".formatted(id));
    restart();
    assertThat(run(id).name()).isEqualTo("three");
    assertThat(run(id).tags()).containsEntry("mlflow.note.content", "because");
    assertThat(lines().get(0)).contains("\"notes\":\"why\"");
  }

  @Test
  void secretsAreMaskedBeforeTheyAreStored() throws IOException {
    String id = create("{}");
    String call =
        "{'run_id': '%s', 'key': 'api_key', 'value': 'sk-0123456789abcdef0123'}".formatted(id);
    post("runs/log-parameter", call);
    post("runs/log-parameter", call);

    assertThat(String.join("\n", lines())).doesNotContain("0123456789abcdef").contains("********");
  }

  @Test
  void whatMakesNoSenseIsRefusedAndStoresNothing() throws IOException {
    String id = create("{}");
    Map<String, List<String>> bad =
        Map.of(
            "runs/log-metric",
            List.of(
                "{'run_id': '%s'}",
                "{'run_id': '%s', 'key': 'a', 'value': 'x', 'timestamp': 1}",
                "{'run_id': '%s', 'key': 'a', 'value': 1}",
                "{'run_id': '%s', 'key': 'a', 'value': 1, 'timestamp': -1}",
                "{'run_id': '%s', 'key': 'a', 'value': 1, 'timestamp': 1, 'step':"
                    + " '9223372036854775808'}",
                "{'run_id': '%s', 'key': 'a=b', 'value': 1, 'timestamp': 1}",
                "{'run_id': '%s', 'key': {}, 'value': 1, 'timestamp': 1}"),
            "runs/update",
            List.of("{'run_id': '%s', 'status': 'DONE'}", "{'run_id': '%s', 'end_time': 'x'}"),
            "runs/log-batch",
            List.of("{'run_id': '%s', 'params': {}}", "{'run_id': '%s', 'tags': [1]}"),
            "runs/log-inputs",
            List.of("{'run_id': '%s', 'datasets': [{}]}"),
            "runs/create",
            List.of("{'start_time': 99999999999999999}", "{'tags': [{'value': 'a'}]}"));
    for (Map.Entry<String, List<String>> call : bad.entrySet()) {
      for (String body : call.getValue()) {
        refused(400, "INVALID_PARAMETER_VALUE", call.getKey(), body.formatted(id));
      }
    }
    refused(400, "BAD_REQUEST", "runs/create", "[]");
    refused(400, "BAD_REQUEST", "runs/create", "{");
    refused(404, "RESOURCE_DOES_NOT_EXIST", "runs/create", "{'experiment_id': '17'}");
    StringBuilder many = new StringBuilder("{'run_id': '" + id + "', 'params': [");
    for (int i = 0; i < 101; i++) {
      many.append(i == 0 ? "" : ",").append("{'key': 'k").append(i).append("', 'value': '1'}");
    }
    refused(400, "INVALID_PARAMETER_VALUE", "runs/log-batch", many + "]}");
    assertThat(lines()).hasSize(1);
  }

  @Test
  void hostileBodiesAreRefusedAndStoreNothing() throws IOException {
    create("{}");
    StringBuilder keys = new StringBuilder("{\"a\": 1");
    for (int i = 0; keys.length() < 7 << 20; i++) {
      keys.append(",\"").append(i).append("\":0");
    }
    String deep = "{\"tags\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    String longNumber = "{\"start_time\": " + "9".repeat(1 << 20) + "}";
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bomb)) {
      out.write(new byte[80 << 20]);
    }

    for (String call : List.of("runs/create", "runs/log-batch", "experiments/create")) {
      refused(400, "BAD_REQUEST", call, keys + "}");
      refused(400, "BAD_REQUEST", call, deep);
      refused(400, "BAD_REQUEST", call, longNumber);
      assertThat(
              reply(
                      "POST /api/2.0/mlflow/" + call,
                      TestCall.of(bomb.toByteArray()).header("Content-Encoding", "gzip"))
                  .status())
          .isEqualTo(413);
      assertThat(reply("POST /api/2.0/mlflow/" + call, TestCall.of(new byte[9 << 20])).status())
          .isEqualTo(413);
    }

    assertThat(lines()).hasSize(1);
  }

  @Test
  void experimentsOutliveARestart() throws IOException {
    String id = post("experiments/create", "{'name': 'e'}").path("experiment_id").asText();
    refused(400, "RESOURCE_ALREADY_EXISTS", "experiments/create", "{'name': 'e'}");
    post(
        "experiments/set-experiment-tag",
        "{'experiment_id': '%s', 'key': 'k', 'value': 'v'}".formatted(id));
    post("experiments/delete", "{'experiment_id': '%s'}".formatted(id));
    restart();

    assertThat(writes.experiments())
        .extracting(Experiments.Experiment::name)
        .containsExactly("Default", "e");
    assertThat(writes.experiments().get(1).isDeleted()).isTrue();
    assertThat(writes.experiments().get(1).tags()).containsEntry("k", "v");
    refused(400, "INVALID_PARAMETER_VALUE", "runs/create", "{'experiment_id': '%s'}".formatted(id));
    post("experiments/restore", "{'experiment_id': '%s'}".formatted(id));
    assertThat(create("{'experiment_id': '%s'}".formatted(id))).hasSize(13);
  }

  @Test
  void halfALineOfAKilledProcessIsCutOff() throws IOException {
    String id = create("{}");
    close();
    Path file;
    try (Stream<Path> files = Files.list(spool)) {
      file = files.findFirst().orElseThrow();
    }
    Files.writeString(file, "{\"at\":\"2026", StandardOpenOption.APPEND);
    restart();

    assertThat(run(id).status()).isEqualTo("RUNNING");
    assertThat(Files.readString(file)).endsWith("}\n");
  }

  @Test
  void fullFilesGetAnEndAndTheNewestDoNot() throws IOException {
    close();
    open(
        Configuration.load(Map.of(), Map.of(), Optional.empty())
            .with(Setting.SPOOL_SEGMENT_BYTES, "300"));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ids.add(create("{}"));
    }
    try (Stream<Path> files = Files.list(spool)) {
      List<Path> sorted = files.sorted().toList();
      assertThat(sorted).hasSizeGreaterThan(4);
      assertThat(Files.readString(sorted.get(0))).endsWith("{\"end\":true}\n");
      assertThat(Files.readString(sorted.get(sorted.size() - 1))).doesNotContain("\"end\"");
    }
    restart();
    assertThat(run(ids.get(11)).status()).isEqualTo("RUNNING");
  }

  @Test
  void artifactsComeBackAndNoPathLeadsOut() throws IOException {
    String id = create("{}");
    String path = "0/" + id + "/artifacts/plots/a b.txt";
    String files = " /api/2.0/mlflow-artifacts/artifacts";

    json(200, reply("PUT" + files + "/<path>", TestCall.of("hello").variable("path", path)));
    Reply back = reply("GET" + files + "/<path>", TestCall.of("").variable("path", path));
    JsonNode listed =
        json(
            200,
            reply("GET" + files, TestCall.of("").with("path", "0/" + id + "/artifacts/plots")));
    JsonNode ofRun =
        json(200, reply("GET /api/2.0/mlflow/artifacts/list", TestCall.of("").with("run_id", id)));

    assertThat(TestCall.text(back)).isEqualTo("hello");
    assertThat(back.headers()).containsEntry("Content-Disposition", "attachment");
    assertThat(listed.path("files").get(0).path("path").asText()).isEqualTo("a b.txt");
    assertThat(listed.path("files").get(0).path("file_size").asInt()).isEqualTo(5);
    assertThat(ofRun.path("files").get(0).path("path").asText()).isEqualTo("plots");
    assertThat(lines().get(1))
        .contains(
            "\"path\":\"plots/a b.txt\"", "\"size_bytes\":5", "2cf24dba5fb0a30e26e83b2ac5b9e29e");
    for (String bad :
        List.of(
            "../x",
            "0/../../x",
            "/etc/passwd",
            "0//x",
            "0/./x",
            "0/a\\..\\x",
            "0/a\0b",
            "x",
            "0/" + "n".repeat(300),
            "0/" + "a/".repeat(40) + "b",
            "")) {
      json(400, reply("PUT" + files + "/<path>", TestCall.of("x").variable("path", bad)));
      assertThat(reply("GET" + files + "/<path>", TestCall.of("").variable("path", bad)).status())
          .as(bad)
          .isIn(400, 404);
    }
    Files.createSymbolicLink(directory.resolve("artifacts/0/link"), directory);
    json(400, reply("PUT" + files + "/<path>", TestCall.of("x").variable("path", "0/link/x")));
    json(400, reply("PUT" + files + "/<path>", TestCall.of("x").variable("path", path + "/below")));
    assertThat(directory.resolve("x")).doesNotExist();
    assertThat(directory.resolve("incoming")).isEmptyDirectory();
    json(200, reply("DELETE" + files + "/<path>", TestCall.of("").variable("path", path)));
    json(404, reply("GET" + files + "/<path>", TestCall.of("").variable("path", path)));
  }

  @Test
  void aLoggedModelIsMadeFoundAndFinished() throws IOException {
    String run = create("{}");
    JsonNode made =
        post(
            "logged-models",
            "{'experiment_id': '0', 'name': 'model', 'source_run_id': '%s', 'params': [{'key': 'C', 'value': '1.0'}], 'tags': [{'key': 't', 'value': 'u'}]}"
                .formatted(run));
    JsonNode info = made.path("model").path("info");
    String id = info.path("model_id").asText();
    restart();

    JsonNode found =
        json(
            200,
            reply(
                "GET /api/2.0/mlflow/logged-models/{model}",
                TestCall.of("").variable("model", id)));
    JsonNode ready =
        json(
            200,
            reply(
                "PATCH /api/2.0/mlflow/logged-models/{model}",
                TestCall.of("{\"status\": \"LOGGED_MODEL_READY\"}").variable("model", id)));
    JsonNode searched =
        post(
            "logged-models/search",
            "{'experiment_ids': ['0'], 'filter': 'name = \\u0027model\\u0027'}");

    assertThat(id).matches("m-[0-9a-f]{32}");
    assertThat(info.path("artifact_uri").asText())
        .isEqualTo("mlflow-artifacts:/0/models/" + id + "/artifacts");
    assertThat(found.path("model").path("data").path("params").get(0).path("value").asText())
        .isEqualTo("1.0");
    assertThat(ready.path("model").path("info").path("status").asText())
        .isEqualTo("LOGGED_MODEL_READY");
    assertThat(searched.path("models")).hasSize(1);
    json(
        404,
        reply(
            "GET /api/2.0/mlflow/logged-models/{model}",
            TestCall.of("").variable("model", "../x")));
    assertThat(
            new String(
                Files.readAllBytes(directory.resolve("models/" + id + ".json")),
                StandardCharsets.UTF_8))
        .contains("LOGGED_MODEL_READY");
  }

  @Test
  void aTextWithHalfAPairOfSurrogatesIsRefusedWhereverItIs() throws IOException {
    String run = create("{}");
    List<String> before = lines();
    String bad = "a\\ud800";
    Map<String, String> calls =
        Map.of(
            "experiments/create",
            "{'name': '%s'}",
            "experiments/set-experiment-tag",
            "{'experiment_id': '0', 'key': 'k', 'value': '%s'}",
            "runs/create",
            "{'run_name': '%s'}",
            "runs/set-tag",
            "{'run_id': '" + run + "', 'key': 'k', 'value': '%s'}",
            "runs/log-parameter",
            "{'run_id': '" + run + "', 'key': 'k', 'value': '%s'}",
            "runs/update",
            "{'run_id': '" + run + "', 'run_name': '%s'}",
            "runs/log-inputs",
            "{'run_id': '" + run + "', 'datasets': [{'dataset': {'name': 'x', 'digest': '%s'}}]}",
            "logged-models",
            "{'name': '%s'}");

    for (Map.Entry<String, String> call : calls.entrySet()) {
      refused(400, "INVALID_PARAMETER_VALUE", call.getKey(), call.getValue().formatted(bad));
    }
    // As the name of a member it is not even JSON.
    refused(400, "BAD_REQUEST", "runs/create", "{'%s': 'y'}".formatted(bad));

    assertThat(lines()).isEqualTo(before);
    String whole = post("experiments/create", "{'name': 'a\\ud83d\\ude00'}").toString();
    restart();
    assertThat(writes.experiments())
        .extracting(Experiments.Experiment::name)
        .contains("a\ud83d\ude00");
    assertThat(whole).contains(ProjectNumber.of("a\ud83d\ude00"));
  }

  @Test
  void aBlankNameOfAnExperimentIsNotCalledTooLong() throws IOException {
    assertThat(
            refused(400, "INVALID_PARAMETER_VALUE", "experiments/create", "{'name': ' '}")
                .path("message")
                .asText())
        .isEqualTo("Invalid experiment name: ' '");
  }

  private Reply put(String path, String content) {
    return reply(
        "PUT /api/2.0/mlflow-artifacts/artifacts/<path>",
        TestCall.of(content).variable("path", path));
  }

  private Reply get(String path) {
    return reply(
        "GET /api/2.0/mlflow-artifacts/artifacts/<path>", TestCall.of("").variable("path", path));
  }

  @Test
  void aNameThatNoFileCanHaveIsNotToBeTriedAgain() throws IOException {
    String at = "0/" + create("{}") + "/artifacts/";

    json(200, put(at + "n".repeat(255), "x"));
    json(200, put(at + "é".repeat(127), "x"));
    json(400, put(at + "n".repeat(256), "x"));
    json(400, put(at + "é".repeat(128), "x"));
    json(400, put(at + ("n".repeat(250) + "/").repeat(17) + "x", "x"));
    json(400, get(at + "é".repeat(128)));
    json(400, put(at + "dir/", "x"));
    assertThat(directory.resolve("artifacts/" + at + "dir")).doesNotExist();
  }

  @Test
  void aFileOfARunThatThereIsNotIsNotKept() throws IOException {
    String id = create("{}");
    String other = id.substring(0, id.length() - 1) + (id.endsWith("0") ? "1" : "0");

    json(404, put("0/" + other + "/artifacts/x", "x"));

    assertThat(directory.resolve("artifacts/0/" + other)).doesNotExist();
    json(404, get("0/" + other + "/artifacts/x"));
  }

  @Test
  void onlyWhatIsAtARunsOwnPlaceIsTheRuns() throws IOException {
    String id = create("{}");
    List<String> before = lines();

    json(200, put("999/" + id + "/artifacts/x", "elsewhere"));
    json(200, put("foo/bar/baz/qux", "anywhere"));

    assertThat(lines()).isEqualTo(before);
    assertThat(TestCall.text(get("999/" + id + "/artifacts/x"))).isEqualTo("elsewhere");
    assertThat(TestCall.text(get("foo/bar/baz/qux"))).isEqualTo("anywhere");
    assertThat(
            json(
                    200,
                    reply("GET /api/2.0/mlflow/artifacts/list", TestCall.of("").with("run_id", id)))
                .has("files"))
        .isFalse();
  }

  @Test
  void aMissingRunIsAskedForByItsName() throws IOException {
    JsonNode missing = refused(400, "INVALID_PARAMETER_VALUE", "runs/log-metric", "{'key': 'k'}");
    JsonNode list = json(400, reply("GET /api/2.0/mlflow/artifacts/list", TestCall.of("")));

    for (JsonNode error : List.of(missing, list)) {
      assertThat(error.path("message").asText())
          .isEqualTo("Missing value for required parameter 'run_id'.");
    }
  }

  @Test
  void aValueIsANumberAsProgramsPrintIt() throws IOException {
    String metric = "{'run_id': '" + create("{}") + "', 'key': 'k', 'timestamp': 1, 'value': '%s'}";
    for (String value : List.of("1d", "1f", "0x1p3", "nan", "inf", "", " ", "1,5", "--1")) {
      refused(400, "INVALID_PARAMETER_VALUE", "runs/log-metric", metric.formatted(value));
    }
    int before = lines().size();
    for (String value : List.of("1", "-1.5e-3", ".5", "2.", "+3", "NaN", "Infinity", "-Infinity")) {
      post("runs/log-metric", metric.formatted(value));
    }
    assertThat(lines()).hasSize(before + 8);
  }

  @Test
  void aBodyOfAnotherTypeIsRefusedInMlflowsWords() throws IOException {
    for (TestCall call :
        List.of(
            TestCall.of("{}").without("Content-Type"),
            TestCall.of("{}").header("Content-Type", "text/plain"),
            TestCall.of("{}").header("Content-Type", "application/x-www-form-urlencoded"))) {
      JsonNode error = json(400, reply("POST /api/2.0/mlflow/runs/create", call));
      assertThat(error.path("error_code").asText()).isEqualTo("INVALID_PARAMETER_VALUE");
      assertThat(error.path("message").asText()).startsWith("Bad Request. Content-Type");
    }
    json(
        200,
        reply(
            "POST /api/2.0/mlflow/runs/create",
            TestCall.of("{}").header("Content-Type", "application/json; charset=utf-8")));
  }

  @Test
  void whatIsWrongWithABodyIsSaidInWordsOfOurs() throws IOException {
    for (String body :
        List.of("{", "not", "{'a': " + "[".repeat(200), "{'a': 1" + "0".repeat(2_000) + "}")) {
      assertThat(refused(400, "BAD_REQUEST", "runs/create", body).path("message").asText())
          .startsWith("The body is ")
          .doesNotContain("Stream", "token", "`");
    }
  }
}
