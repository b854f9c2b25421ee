package io.runledger.agent.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatcherServerTest {

  private static final String DOCUMENT = "{\"jobid\":1,\"state\":\"FAILED\"}";

  private final List<Long> taken = new ArrayList<>();
  private boolean full;
  private WatcherServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        WatcherServer.start(
            "127.0.0.1",
            0,
            new WatcherMetrics(),
            job -> {
              if (full) {
                throw new IOException("No room.");
              }
              taken.add(job.jobId());
            });
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anEndIsAcknowledgedWhenItIsStored() throws Exception {
    assertThat(post("application/json", DOCUMENT).statusCode()).isEqualTo(201);
    full = true;
    assertThat(post("application/json", DOCUMENT).statusCode()).as("comes again").isEqualTo(503);

    assertThat(taken).containsExactly(1L);
    assertThat(get("/metrics").body()).contains("runledger_slurm_completions_total 1.0");
  }

  @Test
  void whatAWebPageCouldSendIsNotTaken() throws Exception {
    assertThat(post("text/plain", DOCUMENT).statusCode()).isEqualTo(415);

    assertThat(taken).isEmpty();
  }

  @Test
  void whatIsNoEndIsRefusedWithASentence() throws Exception {
    HttpResponse<String> answer = post("application/json", "{}");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("The document has no jobid or no state.\n");
    assertThat(get("/").statusCode()).isEqualTo(404);
  }

  private HttpResponse<String> post(String type, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(uri("/slurm/_doc"))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).build());
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }
}
