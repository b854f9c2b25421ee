package io.runledger.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.runledger.contract.Events;
import io.runledger.query.Laboratory;
import io.runledger.web.live.ChangeRoutes;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that ask for too much, or too slowly, leave the server to the others. */
class LimitsTest extends OpenServer {

  private static final int MORE_THAN_THREADS = 250;

  private int beats = 1;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeClients() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private void sendHalf(int clients, String half) throws IOException {
    for (int i = 0; i < clients; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
      open.add(socket);
      socket.getOutputStream().write(half.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private HttpResponse<InputStream> stream() throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/api/v1/changes")).build(), BodyHandlers.ofInputStream());
    open.add(answer.body());
    return answer;
  }

  @Test
  void noMoreStreamsAreOpenThanThereMayBeAndOneThatEndsLeavesRoom() throws Exception {
    for (int i = 0; i < ChangeRoutes.MOST_STREAMS; i++) {
      assertThat(stream().statusCode()).isEqualTo(200);
    }

    HttpResponse<String> refused = get("/api/v1/changes");

    assertThat(problem(429, refused).path("detail").textValue()).contains("128 pages listen");
    assertThat(refused.headers().firstValue("Retry-After")).contains("30");
    assertThat(get("/api/v1/runs").statusCode()).isEqualTo(200);
    open.get(0).close();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              // Only who is written to is found to have left.
              laboratory.deliver(Events.ofSeed(60 + beats++).attempt(60).started());
              assertThat(stream().statusCode()).isEqualTo(200);
            });
  }

  @Test
  void whoeverSendsABodyThatIsTooLongHearsThatAndNotThatTheConnectionBroke() {
    HttpRequest request =
        HttpRequest.newBuilder(uri("/api/v1/login"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"token\":\"" + "x".repeat(8 << 20) + "\"}"))
            .build();

    for (int time = 0; time < 10; time++) {
      assertThat(problem(413, send(request)).path("detail").textValue())
          .isEqualTo("The body has more than 1,048,576 bytes.");
    }
  }

  @Test
  void aRequestIsAnsweredWhereMoreHalfRequestsWaitThanThereAreThreads() throws IOException {
    sendHalf(MORE_THAN_THREADS, "GET / HTTP/1.1\r\nHost: local");

    assertThat(get("/api/v1/runs").statusCode()).isEqualTo(200);
  }

  @Test
  void aRequestIsAnsweredWhereMoreHalfBodiesWaitThanThereAreThreads() throws IOException {
    String head =
        "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 100\r\n\r\n{\"tok";
    sendHalf(MORE_THAN_THREADS, head);
    HttpRequest login =
        HttpRequest.newBuilder(uri("/api/v1/login"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{}"))
            .build();

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(send(login).statusCode()).isEqualTo(503));
    assertThat(get("/api/v1/runs").statusCode()).isEqualTo(200);
  }

  @Test
  void aLongWordOfTheQuestionIsNotRepeatedAsAWhole() {
    String word = "x".repeat(20_000);

    for (String path :
        List.of(
            "/runs?filter=" + word,
            "/runs?filter=status%3D" + word,
            "/runs?filter=config.lr%3Cand" + word,
            "/runs?filter=duration%3D" + word,
            "/runs?filter=started%3C" + word,
            "/runs?filter=%22" + word,
            "/runs?order=" + word,
            "/runs?columns=" + word,
            "/runs?columns=config." + word + ",config." + word,
            "/runs?cursor=" + word,
            "/runs?limit=" + word,
            "/runs?count=" + word,
            "/runs?" + word + "=1",
            "/names?kind=" + word,
            "/best?metric=f1&mode=" + word,
            "/compare?run=" + word,
            "/groups?by=" + word + "&metric=f1",
            "/groups?by=method&metric=f1&value=" + word,
            "/groups/curves?by=method&metric=f1&x=" + word,
            "/alerts?run=" + word,
            "/curves?run=" + Laboratory.COMPLETED + "&metric=" + word,
            "/curves?run=" + Laboratory.COMPLETED + "&metric=f1&after=" + word,
            "/runs/" + word)) {
      HttpResponse<String> answer = get("/api/v1" + path);

      assertThat(answer.statusCode()).as(path.substring(0, 20)).isIn(400, 404);
      assertThat(answer.body().length()).as(path.substring(0, 20)).isLessThan(2_000);
    }
  }
}
