package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server as people start it, next to a spool that is followed into its database: what is
 * changed over HTTP is an event, and the answer has it when the database does.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ServeIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Duration START = Duration.ofMinutes(3);

  /** Runs that the questions of the notebook are about. */
  private static final String TRAINING =
      """
      import math
      import runledger
      for seed in range(4):
          with runledger.init(experiment=7, method="cnn" if seed % 2 else "mlp", seed=seed,
                              config={"lr": 10.0 ** -(seed % 3)}) as run:
              for step in range(100):
                  loss = math.nan if step == 50 else 1 / (1 + step)
                  run.log({"loss": loss, "val/acc": step / (100 + seed)}, step=step)
      """;

  /** The cells of a notebook, one after the other, as Jupyter runs them. */
  private static final String CELLS =
      """
      import json, sys
      names = {}
      for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
          if cell["cell_type"] == "code":
              exec("".join(cell["source"]), names)
      """;

  private static final Pattern ADDRESS = Pattern.compile("The page is at (http://\\S+/);");

  @TempDir private Path directory;
  private final List<Process> processes = new ArrayList<>();
  private Distribution distribution;
  private String address;
  private String run;

  @BeforeEach
  void trainOnce() throws Exception {
    distribution = new Distribution(directory);
    Process follower = follow();
    var trained =
        distribution.run(environment(), "exec", "--project", "p", "--name", "n", "--", "true");
    assertThat(trained.code()).as(trained.err()).isZero();
    await().atMost(START).until(() -> Files.exists(Path.of(database())));
    Path output = directory.resolve("serve.txt");
    // It finds the spool next to the database by itself.
    processes.add(distribution.start(output, Map.of(), "serve", "--db", database(), "--port", "0"));
    Matcher matcher =
        await()
            .atMost(START)
            .until(() -> ADDRESS.matcher(Distribution.text(output)), Matcher::find);
    address = matcher.group(1);
    run =
        await()
            .atMost(START)
            .until(
                () -> get("runs").path("columns").path("id").path(0).asText(), id -> !id.isEmpty());
    assertThat(follower.isAlive()).isTrue();
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  private Process follow() throws IOException {
    Process follower =
        distribution.start(
            directory.resolve("follow.txt"), environment(), "follow", "--db", database());
    processes.add(follower);
    return follower;
  }

  private String database() {
    return directory.resolve("runs.db").toString();
  }

  private Map<String, String> environment() {
    return Map.of(
        "RUNLEDGER_SPOOL",
        directory.resolve("runs.db.spool").toString(),
        "RUNLEDGER_SENDER_ENABLED",
        "false");
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return JSON.readTree(
        CLIENT
            .send(
                HttpRequest.newBuilder(URI.create(address + "api/v1/" + path)).build(),
                BodyHandlers.ofString())
            .body());
  }

  private HttpResponse<String> post(String action, String body)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(address + "api/v1/runs/" + run + "/" + action))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static JsonNode changed(HttpResponse<String> answer, int status) throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  @Test
  void whatIsChangedOverHttpIsInTheAnswerAndForEverybodyElse() throws Exception {
    JsonNode tagged = changed(post("tags", "{\"add\":[\"paper\",\"a b\"]}"), 200);
    JsonNode noted = changed(post("notes", "{\"notes\":\"h\u00e9llo\\n<b>\"}"), 200);

    assertThat(tagged.path("run").path("tags").toString()).isEqualTo("[\"a b\",\"paper\"]");
    assertThat(noted.path("run").path("notes").textValue()).isEqualTo("h\u00e9llo\n<b>");
    assertThat(distribution.run(environment(), "show", run, "--db", database()).out())
        .contains("paper");

    assertThat(changed(post("delete", "{}"), 200).path("deleted").booleanValue()).isTrue();
    assertThat(get("runs").path("rows").intValue()).isZero();
    assertThat(changed(post("restore", "{}"), 200).path("deleted").booleanValue()).isFalse();
    assertThat(get("runs").path("rows").intValue()).isEqualTo(1);
    await().atMost(START).until(() -> get("health").path("lag_seconds").asDouble(-1) == 0);
  }

  @Test
  void whatNobodyAppliesYetIsAcceptedAndComesLater() throws Exception {
    Process follower = processes.get(0);
    follower.destroy();
    assertThat(follower.waitFor(1, TimeUnit.MINUTES)).isTrue();

    JsonNode accepted = changed(post("tags", "{\"add\":[\"late\"]}"), 202);
    assertThat(accepted.path("run").path("tags")).isEmpty();
    follow();

    await()
        .atMost(START)
        .until(() -> get("runs/" + run).path("run").path("tags").toString().contains("late"));
  }

  @Test
  void theNotebookAsksTheSameOverHttpAndInSql() throws Exception {
    python(TRAINING);
    await().atMost(START).until(() -> get("runs").path("rows").intValue(), rows -> rows == 5);

    var result =
        python(CELLS, Path.of("../docs/examples/api_and_sql.ipynb").toAbsolutePath().toString());

    assertThat(result.out()).contains("0 points are new", "True", "'lr' is not a field of a run");
  }

  private Distribution.Result python(String program, String... words) throws Exception {
    Map<String, String> environment = new HashMap<>(environment());
    environment.put("PYTHONPATH", Path.of("../../producer/python/src").toAbsolutePath().toString());
    environment.put("PYTHONDONTWRITEBYTECODE", "1");
    environment.put("RUNLEDGER_DB", database());
    environment.put("RUNLEDGER_URL", address);
    List<String> all = new ArrayList<>(List.of("python3", "-c", program));
    all.addAll(List.of(words));
    var result =
        distribution.runCommand(environment, Path.of("/usr/bin/env"), all.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }
}
